/**
 * How charts are drawn, for this project's own modules; not part of the interface. Start at {@link
 * io.github.lenet.training.internal.figure.Svg} for lines and text, and at {@link
 * io.github.lenet.training.internal.figure.Canvas} for images. Of training it knows only the
 * results that it draws.
 */
package io.github.lenet.training.internal.figure;
