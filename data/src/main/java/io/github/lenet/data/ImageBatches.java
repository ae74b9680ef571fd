package io.github.lenet.data;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;

/**
 * The batches of a data set in a given order, with or without augmentation. Each iteration makes
 * new tensors with the same images, one batch at a time.
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

  /** {@return the number of batches, including a smaller last one; at least 1} */
  private int count() {
    return (order.length - 1) / batchSize + 1;
  }

  /** {@return an iterator that makes a batch per call of {@code next()}; the caller closes each} */
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
        // from + batchSize would overflow for a batch size near the largest int.
        int to = from + Math.min(batchSize, order.length - from);
        ImageBatch batch = ImageBatch.of(dataset, order, from, to, augmenter);
        from = to;
        return batch;
      }
    };
  }
}
