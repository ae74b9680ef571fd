/**
 * Trains into a directory: configuration, metrics, curves, checkpoints, SavedModel.
 *
 * <p>Start at {@link io.github.lenet.training.run.TrainingRun}. {@link
 * io.github.lenet.training.run.ConsoleTraining} is a run as a user requests it, and {@code
 * TrainLeNet} has a {@code main} method. One listener writes each kind of file. This package knows
 * nothing of the command line.
 */
package io.github.lenet.training.run;
