/** Reads run directories, including those of other versions, and compares the runs. */
package io.github.lenet.training.internal.comparison;
