/**
 * How charts are written, for this project's own modules; not part of the interface. Start at
 * {@link io.github.lenet.training.internal.figure.Svg}. It knows nothing of training.
 */
package io.github.lenet.training.internal.figure;
