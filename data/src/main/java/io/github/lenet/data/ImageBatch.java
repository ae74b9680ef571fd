package io.github.lenet.data;

import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.ByteDataBuffer;
import org.tensorflow.types.TUint8;

/**
 * Some images and their labels as tensors. The caller closes it, and uses neither tensor
 * afterwards; closing it twice does nothing.
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

  /** Copies the images {@code order[from]} to {@code order[to - 1]} into new tensors, changed. */
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

  /** Allocates nothing natively: each image is one copy into the tensor's memory. */
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
   * The images.
   *
   * @return uint8 {@code [b, height, width]}, 0 to 255; owned and closed by this batch
   * @throws IllegalStateException if this batch is closed
   */
  public TUint8 images() {
    requireOpen();
    return images;
  }

  /**
   * The labels.
   *
   * @return uint8 {@code [b]}, the class of each image; owned and closed by this batch
   * @throws IllegalStateException if this batch is closed
   */
  public TUint8 labels() {
    requireOpen();
    return labels;
  }

  /**
   * The number of images.
   *
   * @return b, at least one
   */
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

  /** A closed tensor's memory can be somebody else's already; TensorFlow does not check. */
  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("this batch is closed");
    }
  }
}
