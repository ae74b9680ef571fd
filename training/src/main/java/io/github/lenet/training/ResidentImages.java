package io.github.lenet.training;

import io.github.lenet.data.ImageBatches;
import io.github.lenet.data.ImageDataset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.tensorflow.DeviceSpec;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.ByteDataBuffer;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.VarHandleOp;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TType;

/**
 * Whole data sets lie on the device, copied there once, as bytes; a batch is gathered from them by
 * the indices of its images, which are all that is fed. A run may have several steps. Where there
 * are several devices, all images lie on each.
 *
 * <p>The bytes are in resource variables: optimisers and checkpoints leave those alone, and of the
 * operations that gather only {@code ResourceGather} takes bytes on a GPU.
 */
final class ResidentImages implements ImageFeed {

  private final int height;
  private final int width;
  private final int batchSize;
  private final List<Lying> lying = new ArrayList<>();
  private final Operand<TUint8> newImages;
  private final Operand<TUint8> newLabels;
  private final Op replace;
  private final Operand<TInt64> indices;

  /** In the order in which they lie on the devices. */
  private List<ImageDataset> held = List.of();

  /**
   * @param devices where the images will lie, one for each replica
   * @param batchSize of the batches of a run that has several
   */
  ResidentImages(Ops tf, List<DeviceSpec> devices, int height, int width, int batchSize) {
    this.height = height;
    this.width = width;
    this.batchSize = batchSize;
    Shape imagesShape = Shape.of(-1, height, width);
    Shape labelsShape = Shape.of(-1);
    newImages = tf.withName("new_images").placeholder(TUint8.class, Placeholder.shape(imagesShape));
    newLabels = tf.withName("new_labels").placeholder(TUint8.class, Placeholder.shape(labelsShape));
    List<Op> assigned = new ArrayList<>();
    for (int i = 0; i < devices.size(); i++) {
      Ops there = tf.withDevice(devices.get(i));
      Lying images =
          new Lying(
              bytes(there, "images" + i, imagesShape), bytes(there, "labels" + i, labelsShape));
      lying.add(images);
      assigned.add(there.assignVariableOp(images.images(), newImages));
      assigned.add(there.assignVariableOp(images.labels(), newLabels));
    }
    replace = tf.withName("replace").withControlDependencies(assigned).noOp();
    indices = tf.withName("indices").placeholder(TInt64.class, Placeholder.shape(Shape.of(-1, -1)));
  }

  /** The variables on a device. */
  private record Lying(Operand<? extends TType> images, Operand<? extends TType> labels) {

    /** The images with these indices, of any shape. */
    Images gather(Ops tf, Operand<TInt64> chosen) {
      return new Images(
          tf.resourceGather(images, chosen, TUint8.class),
          tf.resourceGather(labels, chosen, TUint8.class));
    }
  }

  private static Operand<? extends TType> bytes(Ops tf, String name, Shape shape) {
    return tf.withName(name).varHandleOp(TUint8.class, shape, VarHandleOp.sharedName(name));
  }

  @Override
  public List<Batch> batches(Ops tf, int steps) {
    // A size that is known ahead need not be copied to a GPU.
    int[] shape = {steps, steps == 1 ? -1 : batchSize};
    if (lying.size() > 1) {
      Ops host = tf.withDevice(DeviceSelection.HOST);
      return host
          .unstack(host.reshape(indices, host.constant(shape)), (long) steps)
          .output()
          .stream()
          .<Batch>map(chosen -> new ChosenBatch(chosen, host.size(chosen)))
          .toList();
    }
    // All at once: what is copied to a GPU, and what it is told to do, is less.
    Images all = lying.get(0).gather(tf, tf.reshape(indices, tf.constant(shape)));
    List<Output<TUint8>> images = tf.unstack(all.images(), (long) steps).output();
    List<Output<TUint8>> labels = tf.unstack(all.labels(), (long) steps).output();
    return IntStream.range(0, steps)
        .<Batch>mapToObj(
            i ->
                new GatheredBatch(new Images(images.get(i), labels.get(i)), tf.size(labels.get(i))))
        .toList();
  }

  /** On the only device. */
  private record GatheredBatch(Images whole, Operand<TInt32> size) implements Batch {

    @Override
    public Images part(Ops tf, BatchPart part) {
      throw new IllegalStateException("there is one device, and one replica");
    }
  }

  /** Its parts are gathered on several devices. */
  private final class ChosenBatch implements Batch {
    private final Operand<TInt64> chosen;
    private final Operand<TInt32> size;

    ChosenBatch(Operand<TInt64> chosen, Operand<TInt32> size) {
      this.chosen = chosen;
      this.size = size;
    }

    @Override
    public Operand<TInt32> size() {
      return size;
    }

    @Override
    public Images whole() {
      throw new IllegalStateException("there are several devices, with a part for each");
    }

    @Override
    public Images part(Ops tf, BatchPart part) {
      return lying
          .get(part.replica())
          .gather(tf, part.of(tf.withDevice(DeviceSelection.HOST), chosen));
    }
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
