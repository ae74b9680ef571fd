package io.github.lenet.training;

import io.github.lenet.data.ImageBatches;
import io.github.lenet.data.ImageDataset;
import java.util.Iterator;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TUint8;

/** How images get into the operations of a graph. */
interface ImageFeed {

  /**
   * Images, in the memory of the device that they are computed on.
   *
   * @param images uint8 {@code [n, height, width]}
   * @param labels uint8 {@code [n]}
   */
  record Images(Operand<TUint8> images, Operand<TUint8> labels) {}

  /** The images of a step. */
  interface Batch {

    /** How many there are, int32 scalar. */
    Operand<TInt32> size();

    /** All of them, for a replica that is alone. */
    Images whole();

    /**
     * Those of one replica.
     *
     * @param tf where the replica is built
     */
    Images part(Ops tf, BatchPart part);
  }

  /** The next batches to run. */
  interface Run extends AutoCloseable {

    /** How many images each of them has. */
    List<Integer> sizes();

    /** Gives them to the operands of {@link #batches}. */
    Session.Runner feed(Session.Runner runner);

    @Override
    void close();
  }

  /**
   * Builds what a run of so many steps takes its images from.
   *
   * @param steps of a run, one or more
   * @return one for each step
   */
  List<Batch> batches(Ops tf, int steps);

  /** Gets data sets ready; others may have to be got ready anew afterwards. */
  void hold(Session session, List<ImageDataset> datasets);

  /**
   * Cuts batches into runs.
   *
   * @param dataset that is held
   * @param batches of it
   * @param steps that a run has; where too few whole batches are left, it has one
   * @return in order; the caller closes each before the next
   */
  Iterator<Run> runs(ImageDataset dataset, ImageBatches batches, int steps);
}
