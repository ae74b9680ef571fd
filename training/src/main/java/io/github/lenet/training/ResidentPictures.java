package io.github.lenet.training;

import io.github.lenet.data.ImageBatches;
import io.github.lenet.data.ImageDataset;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.ByteDataBuffer;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.VarHandleOp;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TType;

/**
 * Whole data sets lie on the device, copied there once, as bytes; a batch is gathered from them by
 * the indices of its pictures, which are all that is fed. A run may have several steps.
 *
 * <p>The bytes are in resource variables: optimisers and checkpoints leave those alone, and of the
 * operations that gather only {@code ResourceGather} takes bytes on a GPU.
 */
final class ResidentPictures implements PictureFeed {

  private final int height;
  private final int width;
  private final int batchSize;
  private final Operand<? extends TType> images;
  private final Operand<? extends TType> labels;
  private final Operand<TUint8> newImages;
  private final Operand<TUint8> newLabels;
  private final Op replace;
  private final Operand<TInt64> indices;

  /** In the order in which they lie on the device. */
  private List<ImageDataset> held = List.of();

  /**
   * @param tf where to build; its device is where the pictures will lie
   * @param batchSize of the batches of a run that has several
   */
  ResidentPictures(Ops tf, int height, int width, int batchSize) {
    this.height = height;
    this.width = width;
    this.batchSize = batchSize;
    Shape imagesShape = Shape.of(-1, height, width);
    Shape labelsShape = Shape.of(-1);
    images = bytes(tf, "images", imagesShape);
    labels = bytes(tf, "labels", labelsShape);
    newImages = tf.withName("new_images").placeholder(TUint8.class, Placeholder.shape(imagesShape));
    newLabels = tf.withName("new_labels").placeholder(TUint8.class, Placeholder.shape(labelsShape));
    replace =
        tf.withName("replace")
            .withControlDependencies(
                List.of(
                    tf.assignVariableOp(images, newImages), tf.assignVariableOp(labels, newLabels)))
            .noOp();
    indices = tf.withName("indices").placeholder(TInt64.class, Placeholder.shape(Shape.of(-1, -1)));
  }

  private static Operand<? extends TType> bytes(Ops tf, String name, Shape shape) {
    return tf.withName(name).varHandleOp(TUint8.class, shape, VarHandleOp.sharedName(name));
  }

  @Override
  public List<Batch> batches(Ops tf, int steps) {
    // A size that is known lets TensorFlow compute the shapes in the gradients ahead; a GPU would
    // be
    // waited for in every step, since that is where some of them are computed otherwise.
    int[] shape = {steps, steps == 1 ? -1 : batchSize};
    Operand<TInt64> chosen = tf.reshape(indices, tf.constant(shape));
    List<Output<TUint8>> imagesOfSteps = gather(tf, images, chosen, steps);
    List<Output<TUint8>> labelsOfSteps = gather(tf, labels, chosen, steps);
    return IntStream.range(0, steps)
        .mapToObj(i -> new Batch(imagesOfSteps.get(i), labelsOfSteps.get(i)))
        .toList();
  }

  private static List<Output<TUint8>> gather(
      Ops tf, Operand<? extends TType> bytes, Operand<TInt64> chosen, int steps) {
    return tf.unstack(tf.resourceGather(bytes, chosen, TUint8.class), (long) steps).output();
  }

  @Override
  public void hold(Session session, List<ImageDataset> datasets) {
    if (datasets.stream().allMatch(dataset -> begin(dataset) >= 0)) {
      return;
    }
    long count = datasets.stream().mapToLong(ImageDataset::size).sum();
    try (TUint8 allImages = TUint8.tensorOf(Shape.of(count, height, width));
        TUint8 allLabels = TUint8.tensorOf(Shape.of(count))) {
      ByteDataBuffer pixels = allImages.asRawTensor().data();
      ByteDataBuffer classes = allLabels.asRawTensor().data();
      long position = 0;
      for (ImageDataset dataset : datasets) {
        for (int i = 0; i < dataset.size(); i++) {
          pixels.offset(position * height * width).write(dataset.image(i));
          classes.setByte((byte) dataset.label(i), position++);
        }
      }
      session
          .runner()
          .feed(newImages, allImages)
          .feed(newLabels, allLabels)
          .addTarget(replace)
          .run()
          .close();
    }
    held = List.copyOf(datasets);
  }

  /** Where a data set begins among those that are held; -1 if it is none of them. */
  private long begin(ImageDataset dataset) {
    long begin = 0;
    for (ImageDataset other : held) {
      if (other == dataset) {
        return begin;
      }
      begin += other.size();
    }
    return -1;
  }

  @Override
  public Iterator<Run> runs(ImageDataset dataset, ImageBatches batches, int steps) {
    long begin = begin(dataset);
    int[] order = batches.order();
    int batchSize = batches.batchSize();
    return new Iterator<>() {
      private int from;

      @Override
      public boolean hasNext() {
        return from < order.length;
      }

      @Override
      public Run next() {
        int left = order.length - from;
        boolean full = left / batchSize >= steps;
        int rows = full ? steps : 1;
        int columns = Math.min(batchSize, left);
        long[] chosen =
            IntStream.range(from, from + rows * columns).mapToLong(i -> begin + order[i]).toArray();
        from += chosen.length;
        return new Chosen(chosen, rows, columns);
      }
    };
  }

  private final class Chosen implements Run {
    private final TInt64 tensor;
    private final int rows;
    private final int columns;

    Chosen(long[] chosen, int rows, int columns) {
      this.rows = rows;
      this.columns = columns;
      tensor = TInt64.tensorOf(Shape.of(rows, columns));
      tensor.asRawTensor().data().asLongs().write(chosen);
    }

    @Override
    public List<Integer> sizes() {
      return Collections.nCopies(rows, columns);
    }

    @Override
    public Session.Runner feed(Session.Runner runner) {
      return runner.feed(indices, tensor);
    }

    @Override
    public void close() {
      tensor.close();
    }
  }
}
