/**
 * Trains LeNet-5: the minibatch loop, the device it runs on, the evaluation, and what a run leaves
 * behind.
 *
 * <p>Start at {@link io.github.lenet.training.Trainer}, which holds the loop, or at {@link
 * io.github.lenet.training.TrainLeNet}, which runs all of it. {@link
 * io.github.lenet.training.RunDirectory} is what survives the process.
 *
 * <p>This is where images ({@code io.github.lenet.data}) and network ({@code
 * io.github.lenet.model}) meet. It knows nothing of the command line; only {@link
 * io.github.lenet.training.ConsoleTraining} and {@link io.github.lenet.training.TrainLeNet} print.
 * No public method takes or returns null.
 */
package io.github.lenet.training;
