package io.github.lenet.model;

/** The order of the axes of a batch of images, under TensorFlow's names. */
public enum DataFormat {
  /** Batch, height, width, channels. This library computes with it. */
  NHWC,
  /** Batch, channels, height, width. The chapter prints it. */
  NCHW
}
