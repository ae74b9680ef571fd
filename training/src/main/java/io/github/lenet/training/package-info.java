/**
 * Fits a LeNet to images: the minibatch loop, its settings, its results.
 *
 * <p>Start at {@link io.github.lenet.training.Trainer}, which holds the loop, and at {@link
 * io.github.lenet.training.TrainingConfig}, which says how it trains.
 *
 * <p>This is where images ({@code io.github.lenet.data}) and network ({@code
 * io.github.lenet.model}) meet. It knows nothing of files and of the console: whoever wants to know
 * how a training goes is a {@link io.github.lenet.training.TrainingListener}. No public method
 * takes or returns null.
 */
package io.github.lenet.training;
