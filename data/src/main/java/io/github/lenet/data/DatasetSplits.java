package io.github.lenet.data;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A data set's parts, and where they come from.
 *
 * @param train the images to train on
 * @param validation images put aside from those to train on, to choose settings by; none unless
 *     {@link #withValidation} puts some aside
 * @param test the images to test with, never trained on
 * @param provenance where they come from
 * @param allowsHorizontalFlip whether an image is still one of its class when left and right change
 *     places, so that {@link Augmentation#flip} may be used; true of files that no catalogue knows,
 *     of which only the user can say
 */
public record DatasetSplits(
    ImageDataset train,
    Optional<ImageDataset> validation,
    ImageDataset test,
    Provenance provenance,
    boolean allowsHorizontalFlip) {

  /** The same for all, so that models are compared on the same images. */
  private static final long VALIDATION_SEED = 0;

  /** Checks that nothing is null and that the parts have the same classes and image size. */
  public DatasetSplits {
    Objects.requireNonNull(validation, "validation");
    Objects.requireNonNull(provenance, "provenance");
    if (!train.classNames().equals(test.classNames())) {
      throw new IllegalArgumentException("train and test must have the same classes");
    }
    if (train.height() != test.height() || train.width() != test.width()) {
      throw new IllegalArgumentException("train and test must have the same image size");
    }
  }

  /** {@return one name per class, in the order of the labels; the same for all parts} */
  public List<String> classNames() {
    return train.classNames();
  }

  /**
   * Puts a random part of the training images aside to validate with, the same each time.
   *
   * @param fraction which part, between 0 and 1; rounded to whole images
   * @return these splits with fewer training images
   * @throws IllegalArgumentException if no image would be left on either side
   * @throws IllegalStateException if some are put aside already
   */
  public DatasetSplits withValidation(double fraction) {
    if (validation.isPresent()) {
      throw new IllegalStateException("validation images are put aside already");
    }
    ImageDataset.Split split = train.split(fraction, VALIDATION_SEED);
    return new DatasetSplits(
        split.train(), Optional.of(split.validation()), test, provenance, allowsHorizontalFlip);
  }

  /**
   * The same images, found at another place.
   *
   * @param provenance where they come from
   * @return these splits, with another provenance
   */
  public DatasetSplits withProvenance(Provenance provenance) {
    return new DatasetSplits(train, validation, test, provenance, allowsHorizontalFlip);
  }

  /**
   * Makes a data set of images that may be flipped, none put aside.
   *
   * @param train see {@link #train()}
   * @param test see {@link #test()}
   * @param provenance see {@link #provenance()}
   */
  public DatasetSplits(ImageDataset train, ImageDataset test, Provenance provenance) {
    this(train, Optional.empty(), test, provenance, true);
  }
}
