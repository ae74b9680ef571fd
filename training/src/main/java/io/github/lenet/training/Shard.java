package io.github.lenet.training;

import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TType;

/**
 * The consecutive images of a batch that one replica works on. The sizes of shards differ by at
 * most one image.
 *
 * <p>If a batch has fewer images than replicas, some shards have one image that does not count:
 * TensorFlow's oneDNN convolutions fail on empty batches.
 *
 * @param from index of the first image, int32 scalar
 * @param size number of images, int32 scalar
 * @param counts 0 if the only image does not count, else 1; int32 scalar
 */
record Shard(Operand<TInt32> from, Operand<TInt32> size, Operand<TInt32> counts) {

  static Shard of(Ops tf, Operand<TInt32> batchSize, int replica, int replicas) {
    Operand<TInt32> one = tf.constant(1);
    Operand<TInt32> from = bound(tf, batchSize, replica, replicas);
    Operand<TInt32> size = tf.math.sub(bound(tf, batchSize, replica + 1, replicas), from);
    return new Shard(
        tf.math.minimum(from, tf.math.sub(batchSize, one)),
        tf.math.maximum(size, one),
        tf.math.minimum(size, one));
  }

  private static Operand<TInt32> bound(
      Ops tf, Operand<TInt32> batchSize, int replica, int replicas) {
    return tf.math.floorDiv(tf.math.mul(batchSize, tf.constant(replica)), tf.constant(replicas));
  }

  /** Cuts this shard out of a tensor whose first axis is the batch. */
  <T extends TType> Operand<T> of(Ops tf, Operand<T> batch) {
    List<Operand<TInt32>> begin = new ArrayList<>(List.of(from));
    List<Operand<TInt32>> sizes = new ArrayList<>(List.of(size));
    for (int axis = 1; axis < batch.shape().numDimensions(); axis++) {
      begin.add(tf.constant(0));
      sizes.add(tf.constant(-1)); // the whole axis
    }
    return tf.slice(batch, tf.stack(begin), tf.stack(sizes));
  }
}
