package io.github.lenet.data;

import java.util.Objects;

/**
 * A data set's two parts, and where they come from.
 *
 * @param train the pictures to train on
 * @param test the pictures to test with, never trained on
 * @param provenance where they come from
 */
public record DatasetSplits(ImageDataset train, ImageDataset test, Provenance provenance) {

  /** Checks that nothing is null and that both parts have the same classes and picture size. */
  public DatasetSplits {
    Objects.requireNonNull(provenance, "provenance");
    if (!train.classNames().equals(test.classNames())) {
      throw new IllegalArgumentException("train and test must have the same classes");
    }
    if (train.height() != test.height() || train.width() != test.width()) {
      throw new IllegalArgumentException("train and test must have the same picture size");
    }
  }
}
