package io.github.lenet.data;

import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.ByteDataBuffer;
import org.tensorflow.types.TUint8;

/**
 * A batch of images and their labels as tensors. The caller closes it and does not use the tensors
 * afterwards. A second close does nothing.
 */
public final class ImageBatch implements AutoCloseable {
  private final TUint8 images;
  private final TUint8 labels;
  private final int size;
  private boolean closed;

  private ImageBatch(TUint8 images, TUint8 labels, int size) {
    this.images = images;
    this.labels = labels;
    this.size = size;
  }

  /** Copies the images {@code order[from]} to {@code order[to - 1]} to new tensors, augmented. */
  static ImageBatch of(ImageDataset dataset, int[] order, int from, int to, Augmenter augmenter) {
    int size = to - from;
    TUint8 images = TUint8.tensorOf(Shape.of(size, dataset.height(), dataset.width()));
    try {
      TUint8 labels = TUint8.tensorOf(Shape.of(size));
      try {
        fill(images, labels, dataset, order, from, to, augmenter);
        return new ImageBatch(images, labels, size);
      } catch (RuntimeException | Error e) {
        labels.close();
        throw e;
      }
    } catch (RuntimeException | Error e) {
      images.close();
      throw e;
    }
  }

  /** Copies each image directly into the tensor's memory, without native allocations. */
  private static void fill(
      TUint8 images,
      TUint8 labels,
      ImageDataset dataset,
      int[] order,
      int from,
      int to,
      Augmenter augmenter) {
    ByteDataBuffer pixels = images.asRawTensor().data();
    ByteDataBuffer classes = labels.asRawTensor().data();
    int imageSize = dataset.imageSize();
    for (int i = 0; i < to - from; i++) {
      int image = order[from + i];
      augmenter.copy(
          dataset.pixels(), dataset.offset(image), from + i, pixels.offset((long) i * imageSize));
      classes.setByte((byte) dataset.label(image), i);
    }
  }

  /**
   * {@return the images, uint8 {@code [b, height, width]}, 0 to 255; owned and closed by this
   * batch}
   *
   * @throws IllegalStateException if this batch is closed
   */
  public TUint8 images() {
    requireOpen();
    return images;
  }

  /**
   * {@return the labels, uint8 {@code [b]}, the class of each image; owned and closed by this
   * batch}
   *
   * @throws IllegalStateException if this batch is closed
   */
  public TUint8 labels() {
    requireOpen();
    return labels;
  }

  /** {@return the number of images, at least 1} */
  public int size() {
    return size;
  }

  /** Releases both tensors. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      images.close();
      labels.close();
    }
  }

  /** Rejects closed tensors. TensorFlow does not check, and may have reused the memory. */
  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("this batch is closed");
    }
  }
}
