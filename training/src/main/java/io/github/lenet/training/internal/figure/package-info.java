/**
 * Draws charts, for this project's own modules; not part of the public API. Start at {@link
 * io.github.lenet.training.internal.figure.Svg} for lines and text, and at {@link
 * io.github.lenet.training.internal.figure.Canvas} for images. This package knows nothing of
 * training but the results that it draws.
 */
package io.github.lenet.training.internal.figure;
