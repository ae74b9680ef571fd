/** Prints the progress of a training to a terminal, and loads data sets by name. */
package io.github.lenet.training.internal.console;
