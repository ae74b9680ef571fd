/**
 * Evaluates the predictions of a model, and computes the outputs of its layers.
 *
 * <p>Start at {@link io.github.lenet.training.evaluation.ClassificationReport}, or at {@link
 * io.github.lenet.training.evaluation.Activations}. Results are plain Java and hold no native
 * memory. This package knows nothing of training.
 */
package io.github.lenet.training.evaluation;
