/** Reads the directories of finished runs, also those of other versions, and compares them. */
package io.github.lenet.training.internal.comparison;
