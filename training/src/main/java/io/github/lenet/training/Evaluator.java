package io.github.lenet.training;

import io.github.lenet.data.ImageDataset;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TUint8;

/**
 * Evaluates a network. Losses are averaged and correct predictions counted in the graph, on its
 * device; two numbers a batch come back. Holds operands of the caller's graph and owns nothing.
 */
final class Evaluator {

  /** Images per run; larger batches were not faster on the CPU, and take more memory. */
  private static final int BATCH_SIZE = 500;

  private final ImageFeed images;
  private final Operand<TFloat32> metrics;

  /**
   * Takes the operands of a graph that compute the metrics of a batch.
   *
   * @param images where the batch comes from
   * @param metrics mean loss over the batch and number of correct predictions, float32 {@code [2]}
   */
  Evaluator(ImageFeed images, Operand<TFloat32> metrics) {
    this.images = Objects.requireNonNull(images, "images");
    this.metrics = Objects.requireNonNull(metrics, "metrics");
  }

  /**
   * How many of the largest logits are those of the labels, float32 scalar, which is exact for 16
   * million images: sums of int32 are made on the host, also for a GPU.
   */
  static Operand<TFloat32> correct(Ops tf, Operand<TUint8> labels, Operand<TFloat32> logits) {
    Operand<TInt64> predicted = tf.math.argMax(logits, tf.constant(1));
    Operand<TInt64> expected = tf.dtypes.cast(labels, TInt64.class);
    return tf.reduceSum(
        tf.dtypes.cast(tf.math.equal(predicted, expected), TFloat32.class), tf.constant(0));
  }

  /** Over all images, the last partial batch included. */
  Metrics evaluate(Session session, ImageDataset dataset) {
    images.hold(session, List.of(dataset));
    double loss = 0;
    int right = 0;
    Iterator<ImageFeed.Run> runs = images.runs(dataset, dataset.batches(BATCH_SIZE), 1);
    while (runs.hasNext()) {
      try (ImageFeed.Run run = runs.next();
          var result = run.feed(session.runner()).fetch(metrics).run()) {
        TFloat32 measured = (TFloat32) result.get(0);
        loss += (double) measured.getFloat(0) * run.sizes().get(0);
        right += (int) measured.getFloat(1);
      }
    }
    return new Metrics(loss / dataset.size(), right, dataset.size());
  }
}
