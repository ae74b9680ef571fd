/**
 * Tells how well a model predicts, and lets one look into it.
 *
 * <p>Start at {@link io.github.lenet.training.evaluation.ClassificationReport}, or at {@link
 * io.github.lenet.training.evaluation.Activations}. Everything is plain Java and holds no native
 * memory. It knows nothing of training.
 */
package io.github.lenet.training.evaluation;
