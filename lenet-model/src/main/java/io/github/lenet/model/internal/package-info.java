/**
 * Internal classes shared by the modules of this project: atomic files, checksums, dropout. They
 * are not for applications.
 */
package io.github.lenet.model.internal;
