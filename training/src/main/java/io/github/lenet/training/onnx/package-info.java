/**
 * Writes a model as an ONNX file.
 *
 * <p>Start at {@link io.github.lenet.training.onnx.OnnxExport}. This package knows nothing of
 * training, and needs no native library.
 */
package io.github.lenet.training.onnx;
