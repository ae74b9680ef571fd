/**
 * Files that the modules of this project write: atomically, and with checksums. Not for
 * applications.
 */
package io.github.lenet.model.internal;
