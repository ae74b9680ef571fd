/**
 * Trains into a directory: configuration, metrics, curves, checkpoints, SavedModel.
 *
 * <p>Start at {@link io.github.lenet.training.run.TrainingRun}. {@link
 * io.github.lenet.training.run.ConsoleTraining} is such a run as a user asks for it, {@code
 * TrainLeNet} the {@code main}. A listener writes each kind of file. It knows nothing of the
 * command line.
 */
package io.github.lenet.training.run;
