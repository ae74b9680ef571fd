package io.github.lenet.model;

/** How the things on an image stand out from its background. */
public enum Polarity {
  /**
   * Found out from the image, by the rule that {@link ImagePreprocessor} documents: an image whose
   * border is lighter than mid-grey is dark on light.
   */
  AUTO,
  /** Light on a dark background, as in Fashion-MNIST and MNIST: taken as it is. */
  LIGHT_ON_DARK,
  /** Dark on a light background, as on paper or in a shop's catalogue: inverted. */
  DARK_ON_LIGHT
}
