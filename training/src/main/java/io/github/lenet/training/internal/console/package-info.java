/** What a training tells a person at a terminal, and the data sets by the names that people use. */
package io.github.lenet.training.internal.console;
