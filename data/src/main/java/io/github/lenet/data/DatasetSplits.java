package io.github.lenet.data;

import java.util.List;
import java.util.Objects;

/**
 * A data set's two parts, and where they come from.
 *
 * @param train the images to train on
 * @param test the images to test with, never trained on
 * @param provenance where they come from
 * @param allowsHorizontalFlip whether an image is still one of its class when left and right change
 *     places, so that {@link Augmentation#flip} may be used; true of files that no catalogue knows,
 *     of which only the user can say
 */
public record DatasetSplits(
    ImageDataset train, ImageDataset test, Provenance provenance, boolean allowsHorizontalFlip) {

  /** Checks that nothing is null and that both parts have the same classes and image size. */
  public DatasetSplits {
    Objects.requireNonNull(provenance, "provenance");
    if (!train.classNames().equals(test.classNames())) {
      throw new IllegalArgumentException("train and test must have the same classes");
    }
    if (train.height() != test.height() || train.width() != test.width()) {
      throw new IllegalArgumentException("train and test must have the same image size");
    }
  }

  /** {@return one name per class, in the order of the labels; the same for both parts} */
  public List<String> classNames() {
    return train.classNames();
  }

  /**
   * Makes a data set of images that may be flipped.
   *
   * @param train see {@link #train()}
   * @param test see {@link #test()}
   * @param provenance see {@link #provenance()}
   */
  public DatasetSplits(ImageDataset train, ImageDataset test, Provenance provenance) {
    this(train, test, provenance, true);
  }
}
