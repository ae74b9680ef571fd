package io.github.lenet.data;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;

/**
 * Labelled images on the Java heap: images uint8 {@code [n, height, width]}, 0 (background) to 255,
 * and labels uint8 {@code [n]}. Immutable, and so safe to share between threads.
 *
 * <p>Parts ({@link #first}, {@link #split}) share the pixels with the whole.
 */
public final class ImageDataset {
  private final int height;
  private final int width;
  private final byte[] pixels;
  private final byte[] labels;
  private final List<String> classNames;

  /** Which images of the arrays belong to this data set, in order. */
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
   * Makes a data set of images in memory.
   *
   * @param height the images' height in pixels
   * @param width the images' width in pixels
   * @param images uint8 {@code [n, height, width]}, row by row; copied
   * @param labels uint8 {@code [n]}, each below the number of classes; copied
   * @param classNames the names of the classes, in the order of the labels
   * @return the data set
   * @throws IllegalArgumentException if there is no image, the sizes do not fit, or a label names
   *     no class
   */
  public static ImageDataset of(
      int height, int width, byte[] images, byte[] labels, List<String> classNames) {
    return owning(height, width, images.clone(), labels.clone(), classNames);
  }

  /** As {@link #of}, but takes the arrays over: the caller must not keep them. */
  static ImageDataset owning(
      int height, int width, byte[] images, byte[] labels, List<String> classNames) {
    List<String> names = List.copyOf(classNames);
    if (height <= 0 || width <= 0) {
      throw new IllegalArgumentException(
          "height (%d) and width (%d) must be positive".formatted(height, width));
    }
    if (labels.length == 0) {
      throw new IllegalArgumentException("labels must not be empty");
    }
    if (images.length != (long) labels.length * height * width) {
      throw new IllegalArgumentException(
          "images (%d bytes) must hold %d images of %d x %d"
              .formatted(images.length, labels.length, height, width));
    }
    for (int i = 0; i < labels.length; i++) {
      if (Byte.toUnsignedInt(labels[i]) >= names.size()) {
        throw new IllegalArgumentException(
            "labels[%d] (%d) must be below the number of classes (%d)"
                .formatted(i, Byte.toUnsignedInt(labels[i]), names.size()));
      }
    }
    return new ImageDataset(height, width, images, labels, names, upTo(labels.length));
  }

  /**
   * The number of images.
   *
   * @return how many, at least one
   */
  public int size() {
    return indices.length;
  }

  /**
   * The images' height.
   *
   * @return the height in pixels
   */
  public int height() {
    return height;
  }

  /**
   * The images' width.
   *
   * @return the width in pixels
   */
  public int width() {
    return width;
  }

  /**
   * The names of the classes.
   *
   * @return the names, in the order of the labels
   */
  public List<String> classNames() {
    return classNames;
  }

  /**
   * The number of classes.
   *
   * @return how many, also of those without an image
   */
  public int classCount() {
    return classNames.size();
  }

  /**
   * An image's label.
   *
   * @param index the image, from 0 to {@link #size()} - 1
   * @return the class, from 0 to {@link #classCount()} - 1
   */
  public int label(int index) {
    return Byte.toUnsignedInt(labels[indices[index]]);
  }

  /**
   * An image's pixels.
   *
   * @param index the image, from 0 to {@link #size()} - 1
   * @return a copy, uint8 {@code [height, width]}, row by row
   */
  public byte[] image(int index) {
    int from = indices[index] * imageSize();
    return Arrays.copyOfRange(pixels, from, from + imageSize());
  }

  /**
   * The first images.
   *
   * @param n how many, from 1 to {@link #size()}
   * @return a data set that shares this one's pixels
   */
  public ImageDataset first(int n) {
    if (n < 1 || n > size()) {
      throw new IllegalArgumentException("n (%d) must be from 1 to %d".formatted(n, size()));
    }
    return part(Arrays.copyOf(indices, n));
  }

  /**
   * Cuts the data set into batches, in file order.
   *
   * @param batchSize images per batch; the last batch may have fewer
   * @return the batches; each run over them makes new tensors
   */
  public Iterable<ImageBatch> batches(int batchSize) {
    return new ImageBatches(this, upTo(size()), batchSize, Augmentation.NONE, 0);
  }

  /**
   * Cuts the data set into batches, in an order drawn by seed: a Fisher-Yates shuffle with {@link
   * Random}, whose numbers are specified, so that the same seed gives the same order on every JVM.
   *
   * @param batchSize images per batch; the last batch may have fewer, and is not dropped
   * @param seed the seed; a training loop takes another one for each epoch
   * @return the batches; each run over them makes new tensors in the same order
   */
  public Iterable<ImageBatch> shuffledBatches(int batchSize, long seed) {
    return shuffledBatches(batchSize, seed, Augmentation.NONE);
  }

  /**
   * Cuts the data set into batches, in the order of {@link #shuffledBatches(int, long)}, with
   * images that are changed at random as they are copied; the data set itself stays as it is. How
   * an image changes depends on the seed and on its place in the order, not on the batch size.
   *
   * @param batchSize images per batch; the last batch may have fewer, and is not dropped
   * @param seed the seed of the order and of the changes; a training loop takes another one for
   *     each epoch
   * @param augmentation what changes; nothing for {@link Augmentation#NONE}
   * @return the batches; each run over them makes new tensors with the same images
   */
  public Iterable<ImageBatch> shuffledBatches(int batchSize, long seed, Augmentation augmentation) {
    return new ImageBatches(this, shuffled(size(), seed), batchSize, augmentation, seed);
  }

  /**
   * Puts a random part aside to validate with. Every image ends up in exactly one of the two; the
   * classes are not balanced on purpose.
   *
   * @param validationFraction which part, between 0 and 1; rounded to whole images
   * @param seed the seed of the order that the part is cut from
   * @return the two parts, which share this data set's pixels
   * @throws IllegalArgumentException if one of the two would be empty
   */
  Split split(double validationFraction, long seed) {
    long validationSize = Math.round(validationFraction * size());
    if (!(validationFraction > 0 && validationFraction < 1)
        || validationSize < 1
        || validationSize >= size()) {
      throw new IllegalArgumentException(
          "validationFraction (%s) must leave at least one of %d images on either side"
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
   * The two parts of a data set that was split.
   *
   * @param train the images to train on
   * @param validation the images put aside
   */
  record Split(ImageDataset train, ImageDataset validation) {
    /** Checks that nothing is null. */
    Split {
      Objects.requireNonNull(train, "train");
      Objects.requireNonNull(validation, "validation");
    }
  }

  /** The number of pixels of one image. */
  int imageSize() {
    return height * width;
  }

  /** All images' pixels; {@link #offset} says where one begins. Not to be written to. */
  byte[] pixels() {
    return pixels;
  }

  /** Where an image's pixels begin in {@link #pixels}. */
  int offset(int index) {
    return indices[index] * imageSize();
  }

  /** The same images with other names for the same classes. */
  ImageDataset named(List<String> names) {
    return owning(height, width, pixels, labels, names);
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
