package io.github.lenet.model;

/** The order of the axes of a batch of images, under TensorFlow's names. */
public enum DataFormat {
  /** Batch, height, width, channels: what this library computes with. */
  NHWC,
  /** Batch, channels, height, width: what the chapter prints. */
  NCHW
}
