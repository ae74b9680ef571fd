/**
 * Trains a LeNet: the minibatch loop, its settings, its results.
 *
 * <p>Start at {@link io.github.lenet.training.Trainer}, which contains the loop, and at {@link
 * io.github.lenet.training.TrainingConfig}, the settings.
 *
 * <p>This package connects images ({@code io.github.lenet.data}) and network ({@code
 * io.github.lenet.model}). It knows nothing of run directories and of the console: a {@link
 * io.github.lenet.training.TrainingListener} receives the progress. No public method takes or
 * returns null.
 */
package io.github.lenet.training;
