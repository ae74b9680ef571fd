package io.github.lenet.training;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.nn.SoftmaxCrossEntropyWithLogits;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TUint8;

/**
 * The softmax cross-entropy of a shard of a batch, in nats, and its gradient.
 *
 * @param scaledLoss sum over the shard's images, times the loss scale; float32 scalar
 * @param logitsGradient gradient of {@code scaledLoss} with respect to the logits, {@code
 *     (softmax(logits) - oneHot(labels)) · lossScale}, float32 {@code [n, classes]}.
 *     Backpropagation starts here. TensorFlow's own gradient of the sum would add as many
 *     operations again, and some of them compute shapes on the device.
 */
record CrossEntropy(Operand<TFloat32> scaledLoss, Operand<TFloat32> logitsGradient) {

  /**
   * Builds the loss and its gradient.
   *
   * @param labels uint8 {@code [n]}
   * @param logits float32 {@code [n, classes]}
   * @param lossScale 1 / images in the batch, or 0 if the shard does not count; float32 scalar
   * @param onGpu whether the operations are placed on a GPU
   */
  static CrossEntropy of(
      Ops tf,
      Operand<TUint8> labels,
      Operand<TFloat32> logits,
      Operand<TFloat32> lossScale,
      int classes,
      boolean onGpu) {
    Operand<TFloat32> oneHot =
        tf.oneHot(labels, tf.constant(classes), tf.constant(1f), tf.constant(0f));
    if (onGpu) {
      // On a GPU, TensorFlow's own operation rejects TF_DETERMINISTIC_OPS. It also waits for
      // the host twice.
      Operand<TFloat32> logarithms = tf.nn.logSoftmax(logits);
      Operand<TFloat32> sum =
          tf.reduceSum(tf.math.mul(oneHot, logarithms), tf.constant(new int[] {0, 1}));
      return new CrossEntropy(
          tf.math.mul(sum, tf.math.neg(lossScale)),
          tf.math.mul(tf.math.sub(tf.math.exp(logarithms), oneHot), lossScale));
    }
    SoftmaxCrossEntropyWithLogits<TFloat32> both =
        tf.nn.softmaxCrossEntropyWithLogits(logits, oneHot);
    return new CrossEntropy(
        tf.math.mul(tf.reduceSum(both.loss(), tf.constant(0)), lossScale),
        tf.math.mul(both.backprop(), lossScale));
  }
}
