package io.github.lenet.training;

import io.github.lenet.data.ImageBatch;
import io.github.lenet.data.ImageBatches;
import io.github.lenet.data.ImageDataset;
import java.util.Iterator;
import java.util.List;
import org.tensorflow.DeviceSpec;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TUint8;

/** Every batch is copied into the graph, with its images as they are or changed; one step a run. */
final class FedImages implements ImageFeed {

  private final DeviceSpec device;
  private final Operand<TUint8> images;
  private final Operand<TUint8> labels;

  /**
   * @param device where batches are copied to; the host, if they are cut into parts
   */
  FedImages(Ops tf, DeviceSpec device, int height, int width) {
    this.device = device;
    Ops here = tf.withDevice(device);
    images =
        here.withName("images")
            .placeholder(TUint8.class, Placeholder.shape(Shape.of(-1, height, width)));
    labels = here.withName("labels").placeholder(TUint8.class, Placeholder.shape(Shape.of(-1)));
  }

  @Override
  public List<Batch> batches(Ops tf, int steps) {
    if (steps != 1) {
      throw new IllegalArgumentException("steps (" + steps + ") must be 1");
    }
    return List.of(new FedBatch(tf.withDevice(device).size(labels)));
  }

  private final class FedBatch implements Batch {
    private final Operand<TInt32> size;

    FedBatch(Operand<TInt32> size) {
      this.size = size;
    }

    @Override
    public Operand<TInt32> size() {
      return size;
    }

    @Override
    public Images whole() {
      return new Images(images, labels);
    }

    @Override
    public Images part(Ops tf, BatchPart part) {
      Ops here = tf.withDevice(device); // where bytes can be cut: a GPU has no Slice for them
      return new Images(part.of(here, images), part.of(here, labels));
    }
  }

  @Override
  public void hold(Session session, List<ImageDataset> datasets) {}

  @Override
  public Iterator<Run> runs(ImageDataset dataset, ImageBatches batches, int steps) {
    Iterator<ImageBatch> each = batches.iterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return each.hasNext();
      }

      @Override
      public Run next() {
        return new OneBatch(each.next());
      }
    };
  }

  private final class OneBatch implements Run {
    private final ImageBatch batch;

    OneBatch(ImageBatch batch) {
      this.batch = batch;
    }

    @Override
    public List<Integer> sizes() {
      return List.of(batch.size());
    }

    @Override
    public Session.Runner feed(Session.Runner runner) {
      return runner.feed(images, batch.images()).feed(labels, batch.labels());
    }

    @Override
    public void close() {
      batch.close();
    }
  }
}
