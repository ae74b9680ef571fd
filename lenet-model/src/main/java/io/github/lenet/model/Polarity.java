package io.github.lenet.model;

/** The contrast between the objects of an image and its background. */
public enum Polarity {
  /**
   * Detected by the rule of {@link ImagePreprocessor}: an image with a border lighter than mid-grey
   * is dark on light.
   */
  AUTO,
  /** Light on a dark background, as in Fashion-MNIST and MNIST. */
  LIGHT_ON_DARK,
  /** Dark on a light background, as on paper or in a shop's catalogue. */
  DARK_ON_LIGHT
}
