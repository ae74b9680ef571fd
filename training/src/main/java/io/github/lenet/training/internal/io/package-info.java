/** Reads and writes the JSON of a run directory. */
package io.github.lenet.training.internal.io;
