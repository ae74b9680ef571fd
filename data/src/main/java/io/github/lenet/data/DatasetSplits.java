package io.github.lenet.data;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The train, validation and test splits of a data set.
 *
 * @param train the training images
 * @param validation the validation images, if {@link #withValidation} has split them off from the
 *     training images
 * @param test the test images, never used for training
 * @param provenance the origin of the data set
 * @param allowsHorizontalFlip whether a flipped image still belongs to its class, so that {@link
 *     Augmentation#flip} may be used; true for files that are not catalogued, where the user
 *     decides
 */
public record DatasetSplits(
    ImageDataset train,
    Optional<ImageDataset> validation,
    ImageDataset test,
    Provenance provenance,
    boolean allowsHorizontalFlip) {

  /** A fixed seed, so that models are compared on the same images. */
  private static final long VALIDATION_SEED = 0;

  /** Checks that nothing is null and that the splits have the same classes and image size. */
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

  /** {@return one name per class, in the order of the labels; the same for all splits} */
  public List<String> classNames() {
    return train.classNames();
  }

  /**
   * Splits off random training images for validation, the same images each time.
   *
   * @param fraction the fraction to split off, between 0 and 1; rounded to whole images
   * @return a copy with validation images and fewer training images
   * @throws IllegalArgumentException if either part would be empty
   * @throws IllegalStateException if there are validation images already
   */
  public DatasetSplits withValidation(double fraction) {
    if (validation.isPresent()) {
      throw new IllegalStateException("there are validation images already");
    }
    ImageDataset.Split split = train.split(fraction, VALIDATION_SEED);
    return new DatasetSplits(
        split.train(), Optional.of(split.validation()), test, provenance, allowsHorizontalFlip);
  }

  /** {@return a copy whose images have rows for columns} EMNIST's are stored so. */
  public DatasetSplits transposed() {
    return new DatasetSplits(
        train.transposed(),
        validation.map(ImageDataset::transposed),
        test.transposed(),
        provenance,
        allowsHorizontalFlip);
  }

  /**
   * {@return a copy with another provenance}
   *
   * @param provenance the new provenance
   */
  public DatasetSplits withProvenance(Provenance provenance) {
    return new DatasetSplits(train, validation, test, provenance, allowsHorizontalFlip);
  }

  /**
   * Creates splits without validation images; flips are allowed.
   *
   * @param train see {@link #train()}
   * @param test see {@link #test()}
   * @param provenance see {@link #provenance()}
   */
  public DatasetSplits(ImageDataset train, ImageDataset test, Provenance provenance) {
    this(train, Optional.empty(), test, provenance, true);
  }
}
