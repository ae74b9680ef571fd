package io.github.lenet.training;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.nn.SoftmaxCrossEntropyWithLogits;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TUint8;

/**
 * Softmax cross-entropy of some images of a batch, in nats, scaled to their part of the batch's
 * mean.
 *
 * @param scaledLoss summed over the images, then multiplied, float32 scalar
 * @param logitsGradient its gradient by the logits, {@code (softmax(logits) - labels) · factor},
 *     float32 {@code [n, classes]}. Gradients of parameters begin here: those of the sum, which
 *     would be as many operations again, and some of which compute shapes on the device, are never
 *     built.
 */
record CrossEntropy(Operand<TFloat32> scaledLoss, Operand<TFloat32> logitsGradient) {

  /**
   * Builds it.
   *
   * @param labels uint8 {@code [n]}
   * @param logits float32 {@code [n, classes]}
   * @param lossScale the factor of the sum, float32 scalar: 1 / images in the batch
   * @param onGpu where it will be computed
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
      // TensorFlow's own operation refuses TF_DETERMINISTIC_OPS there, and waits for the host
      // twice.
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
