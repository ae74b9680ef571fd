package io.github.lenet.model;

import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * Initial kernels drawn uniformly from {@code [-limit, limit)}, {@code limit = sqrt(6 / (fanIn +
 * fanOut))}: Glorot and Bengio, <a
 * href="https://proceedings.mlr.press/v9/glorot10a.html">Understanding the difficulty of training
 * deep feedforward neural networks</a>, 2010. Also known as Xavier initialisation.
 *
 * <p>tensorflow-framework 1.0.0 has a class for this that counts the input channels of a
 * convolution into the receptive field: it draws {@code [5, 5, 6, 16]} within ±0.0426 where ±0.1044
 * is right.
 */
final class GlorotUniform {

  private GlorotUniform() {}

  /**
   * The bound of the distribution.
   *
   * @param kernel {@code [in, out]} or {@code [k, k, in, out]}; what stands before the last two
   *     axes is the receptive field, and multiplies both fans
   */
  static double limit(Shape kernel) {
    int rank = kernel.numDimensions();
    long receptiveField = 1;
    for (int axis = 0; axis < rank - 2; axis++) {
      receptiveField *= kernel.get(axis);
    }
    double fanIn = (double) receptiveField * kernel.get(rank - 2);
    double fanOut = (double) receptiveField * kernel.get(rank - 1);
    return Math.sqrt(6 / (fanIn + fanOut));
  }

  /**
   * The initial value of a kernel. The generator is stateless: the same seed gives the same numbers
   * in every run and on every device.
   *
   * @param layerIndex keeps the layers apart, which would otherwise all draw the same stream
   */
  static Operand<TFloat32> initialValue(Ops tf, Shape kernel, long seed, int layerIndex) {
    float limit = (float) limit(kernel);
    Operand<TFloat32> unit =
        tf.random.statelessRandomUniform(
            tf.constant(kernel), tf.constant(new long[] {seed, layerIndex}), TFloat32.class);
    return tf.math.sub(tf.math.mul(unit, tf.constant(2 * limit)), tf.constant(limit));
  }
}
