package io.github.lenet.data;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;

/**
 * Labelled images on the Java heap: images uint8 {@code [n, height, width]}, 0 (background) to 255,
 * and labels uint8 {@code [n]}. It is immutable and thread-safe.
 *
 * <p>Subsets ({@link #first}, {@link #split}) share the pixels with the original.
 */
public final class ImageDataset {
  private final int height;
  private final int width;
  private final byte[] pixels;
  private final byte[] labels;
  private final List<String> classNames;

  /** The indices of this data set's images in the arrays, in order. */
  private final int[] indices;

  private ImageDataset(
      int height, int width, byte[] pixels, byte[] labels, List<String> classNames, int[] indices) {
    this.height = height;
    this.width = width;
    this.pixels = pixels;
    this.labels = labels;
    this.classNames = classNames;
    this.indices = indices;
  }

  /**
   * Creates a data set from arrays.
   *
   * @param height the images' height in pixels
   * @param width the images' width in pixels
   * @param images uint8 {@code [n, height, width]}, row by row; copied
   * @param labels uint8 {@code [n]}, each below the number of classes; copied
   * @param classNames the names of the classes, in the order of the labels
   * @return the data set
   * @throws IllegalArgumentException if there is no image, the sizes do not match, or a label is
   *     out of range
   */
  public static ImageDataset of(
      int height, int width, byte[] images, byte[] labels, List<String> classNames) {
    return owning(height, width, images.clone(), labels.clone(), classNames);
  }

  /** Creates a data set without copying the arrays. The caller must not keep them. */
  static ImageDataset owning(
      int height, int width, byte[] images, byte[] labels, List<String> classNames) {
    List<String> names = List.copyOf(classNames);
    if (height <= 0 || width <= 0) {
      throw new IllegalArgumentException(
          "height (%s) and width (%s) must be positive".formatted(height, width));
    }
    if (labels.length == 0) {
      throw new IllegalArgumentException("labels must not be empty");
    }
    if (images.length != (long) labels.length * height * width) {
      throw new IllegalArgumentException(
          "images (%s bytes) must hold %s images of %s x %s"
              .formatted(images.length, labels.length, height, width));
    }
    for (int i = 0; i < labels.length; i++) {
      if (Byte.toUnsignedInt(labels[i]) >= names.size()) {
        throw new IllegalArgumentException(
            "labels[%s] (%s) must be below the number of classes (%s)"
                .formatted(i, Byte.toUnsignedInt(labels[i]), names.size()));
      }
    }
    return new ImageDataset(height, width, images, labels, names, upTo(labels.length));
  }

  /** {@return a copy whose images have rows for columns} */
  ImageDataset transposed() {
    byte[] turned = new byte[Math.multiplyExact(indices.length, height * width)];
    byte[] ownLabels = new byte[indices.length];
    for (int i = 0; i < indices.length; i++) {
      int from = indices[i] * height * width;
      int to = i * height * width;
      for (int row = 0; row < height; row++) {
        for (int column = 0; column < width; column++) {
          turned[to + column * height + row] = pixels[from + row * width + column];
        }
      }
      ownLabels[i] = labels[indices[i]];
    }
    return owning(width, height, turned, ownLabels, classNames);
  }

  /** {@return the number of images, at least 1} */
  public int size() {
    return indices.length;
  }

  /** {@return the height of the images in pixels} */
  public int height() {
    return height;
  }

  /** {@return the width of the images in pixels} */
  public int width() {
    return width;
  }

  /** {@return the names of the classes, in the order of the labels} */
  public List<String> classNames() {
    return classNames;
  }

  /** {@return the number of classes, including those without an image} */
  public int classCount() {
    return classNames.size();
  }

  /**
   * {@return the label of an image, from 0 to {@link #classCount()} - 1}
   *
   * @param index the image, from 0 to {@link #size()} - 1
   */
  public int label(int index) {
    return Byte.toUnsignedInt(labels[indices[index]]);
  }

  /**
   * {@return a copy of an image's pixels, uint8 {@code [height, width]}, row by row}
   *
   * @param index the image, from 0 to {@link #size()} - 1
   */
  public byte[] image(int index) {
    int from = indices[index] * imageSize();
    return Arrays.copyOfRange(pixels, from, from + imageSize());
  }

  /**
   * {@return a data set of the first images, which shares this one's pixels}
   *
   * @param n the number of images, from 1 to {@link #size()}
   */
  public ImageDataset first(int n) {
    if (n < 1 || n > size()) {
      throw new IllegalArgumentException("n (%s) must be from 1 to %s".formatted(n, size()));
    }
    return part(Arrays.copyOf(indices, n));
  }

  /**
   * Cuts the data set into batches, in file order.
   *
   * @param batchSize images per batch; the last batch may have fewer
   * @return the batches; each iteration makes new tensors
   */
  public Iterable<ImageBatch> batches(int batchSize) {
    return new ImageBatches(this, upTo(size()), batchSize, Augmentation.NONE, 0);
  }

  /**
   * Cuts the data set into batches, in shuffled order. The shuffle is Fisher-Yates with {@link
   * Random}, whose numbers are specified, so a seed gives the same order on every JVM.
   *
   * @param batchSize images per batch; the last batch may have fewer, and is not dropped
   * @param seed the seed; a training loop uses another one for each epoch
   * @return the batches; each iteration makes new tensors in the same order
   */
  public Iterable<ImageBatch> shuffledBatches(int batchSize, long seed) {
    return shuffledBatches(batchSize, seed, Augmentation.NONE);
  }

  /**
   * Cuts the data set into batches, in the order of {@link #shuffledBatches(int, long)}, and
   * augments the copied images. The data set itself does not change. The changes of an image depend
   * on the seed and on its place in the order, not on the batch size.
   *
   * @param batchSize images per batch; the last batch may have fewer, and is not dropped
   * @param seed the seed of the order and of the changes; a training loop uses another one for each
   *     epoch
   * @param augmentation the changes; {@link Augmentation#NONE} for none
   * @return the batches; each iteration makes new tensors with the same images
   */
  public Iterable<ImageBatch> shuffledBatches(int batchSize, long seed, Augmentation augmentation) {
    return new ImageBatches(this, shuffled(size(), seed), batchSize, augmentation, seed);
  }

  /**
   * Splits off random images for validation. Every image is in exactly one of the two parts. The
   * split is not stratified.
   *
   * @param validationFraction the fraction to split off, between 0 and 1; rounded to whole images
   * @param seed the seed of the shuffle
   * @return the two parts, which share this data set's pixels
   * @throws IllegalArgumentException if either part would be empty
   */
  Split split(double validationFraction, long seed) {
    long validationSize = Math.round(validationFraction * size());
    if (!(validationFraction > 0 && validationFraction < 1)
        || validationSize < 1
        || validationSize >= size()) {
      throw new IllegalArgumentException(
          "validationFraction (%s) must leave at least one of %s images on either side"
              .formatted(validationFraction, size()));
    }
    int trainSize = size() - (int) validationSize;
    int[] order = shuffled(size(), seed);
    for (int i = 0; i < order.length; i++) {
      order[i] = indices[order[i]];
    }
    return new Split(
        part(Arrays.copyOf(order, trainSize)),
        part(Arrays.copyOfRange(order, trainSize, order.length)));
  }

  /**
   * The two parts of a split data set.
   *
   * @param train the training images
   * @param validation the validation images
   */
  record Split(ImageDataset train, ImageDataset validation) {
    /** Checks that nothing is null. */
    Split {
      Objects.requireNonNull(train, "train");
      Objects.requireNonNull(validation, "validation");
    }
  }

  /** {@return the number of pixels of one image} */
  int imageSize() {
    return height * width;
  }

  /** {@return the pixels of all images, each at its {@link #offset}; read-only} */
  byte[] pixels() {
    return pixels;
  }

  /** {@return the offset of an image in {@link #pixels}} */
  int offset(int index) {
    return indices[index] * imageSize();
  }

  private ImageDataset part(int[] some) {
    return new ImageDataset(height, width, pixels, labels, classNames, some);
  }

  private static int[] upTo(int size) {
    int[] order = new int[size];
    Arrays.setAll(order, i -> i);
    return order;
  }

  private static int[] shuffled(int size, long seed) {
    int[] order = upTo(size);
    Random random = new Random(seed);
    for (int i = size - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swap = order[i];
      order[i] = order[j];
      order[j] = swap;
    }
    return order;
  }
}
