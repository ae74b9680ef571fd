package io.github.lenet.data;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;

/**
 * A data set in an order, cut into batches, with images as they are or changed. Can be run over
 * again and again; each run makes new tensors with the same images, one batch at a time, when it is
 * asked for.
 */
final class ImageBatches implements Iterable<ImageBatch> {
  private final ImageDataset dataset;
  private final int[] order;
  private final int batchSize;
  private final Augmentation augmentation;
  private final long seed;

  ImageBatches(
      ImageDataset dataset, int[] order, int batchSize, Augmentation augmentation, long seed) {
    if (batchSize <= 0) {
      throw new IllegalArgumentException("batchSize (" + batchSize + ") must be positive");
    }
    this.dataset = dataset;
    this.order = order;
    this.batchSize = batchSize;
    this.augmentation = Objects.requireNonNull(augmentation, "augmentation");
    this.seed = seed;
  }

  /** The number of batches, the ragged last one included; at least one. */
  private int count() {
    return (order.length - 1) / batchSize + 1;
  }

  /**
   * Makes the batches, one for each call of {@code next()}. The caller closes each.
   *
   * @return an iterator over {@link #count()} batches
   */
  @Override
  public Iterator<ImageBatch> iterator() {
    return new Iterator<>() {
      private final Augmenter augmenter =
          new Augmenter(augmentation, seed, dataset.height(), dataset.width());
      private int from;

      @Override
      public boolean hasNext() {
        return from < order.length;
      }

      @Override
      public ImageBatch next() {
        if (!hasNext()) {
          throw new NoSuchElementException("all " + count() + " batches have been handed out");
        }
        // Not from + batchSize, which overflows for a batch size near the largest int.
        int to = from + Math.min(batchSize, order.length - from);
        ImageBatch batch = ImageBatch.of(dataset, order, from, to, augmenter);
        from = to;
        return batch;
      }
    };
  }
}
