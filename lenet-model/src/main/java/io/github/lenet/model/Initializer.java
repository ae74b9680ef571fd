package io.github.lenet.model;

import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * The distribution of the initial kernels. All have mean 0. They differ in form and in variance,
 * which depends on the number of a unit's inputs ({@code fanIn}) and outputs ({@code fanOut}).
 *
 * <p>Sources: Glorot and Bengio, <a
 * href="https://proceedings.mlr.press/v9/glorot10a.html">Understanding the difficulty of training
 * deep feedforward neural networks</a>, 2010, also known as Xavier; He et al., <a
 * href="https://arxiv.org/abs/1502.01852">Delving deep into rectifiers</a>, 2015. The normal
 * distributions are truncated at two standard deviations and rescaled to the stated variance, as in
 * Keras.
 *
 * <p>The initializers of tensorflow-framework 1.0.0 count the input channels of a convolution into
 * the receptive field: they draw {@code [5, 5, 6, 16]} within ±0.0426 instead of ±0.1044.
 */
public enum Initializer {
  /** Variance {@code 2 / (fanIn + fanOut)}, uniform; the chapter's choice. */
  GLOROT_UNIFORM,
  /** Variance {@code 2 / (fanIn + fanOut)}, normal. */
  GLOROT_NORMAL,
  /** Variance {@code 2 / fanIn}, uniform; for ReLU. */
  HE_UNIFORM,
  /** Variance {@code 2 / fanIn}, normal; for ReLU. */
  HE_NORMAL;

  /** The standard deviation of a standard normal distribution truncated at ±2. */
  private static final double TRUNCATED_DEVIATION = 0.87962566103423978;

  /**
   * {@return the variance of the distribution}
   *
   * @param kernel {@code [in, out]} or {@code [k, k, in, out]}; the axes before the last two are
   *     the receptive field, which multiplies both fans
   */
  double variance(Shape kernel) {
    int rank = kernel.numDimensions();
    long receptiveField = 1;
    for (int axis = 0; axis < rank - 2; axis++) {
      receptiveField *= kernel.get(axis);
    }
    double fanIn = (double) receptiveField * kernel.get(rank - 2);
    double fanOut = (double) receptiveField * kernel.get(rank - 1);
    return switch (this) {
      case GLOROT_UNIFORM, GLOROT_NORMAL -> 2 / (fanIn + fanOut);
      case HE_UNIFORM, HE_NORMAL -> 2 / fanIn;
    };
  }

  /** {@return the largest absolute value of an initial kernel} */
  double limit(Shape kernel) {
    return switch (this) {
      case GLOROT_UNIFORM, HE_UNIFORM -> Math.sqrt(3 * variance(kernel));
      case GLOROT_NORMAL, HE_NORMAL -> 2 * Math.sqrt(variance(kernel)) / TRUNCATED_DEVIATION;
    };
  }

  /**
   * Builds the initial value of a kernel. The generator is stateless: the same seed gives the same
   * numbers in every session call and on every device.
   *
   * @param layerIndex gives each layer its own random numbers
   */
  Operand<TFloat32> initialValue(Ops tf, Shape kernel, long seed, int layerIndex) {
    float limit = (float) limit(kernel);
    Operand<TInt64> shape = tf.constant(kernel);
    Operand<TInt64> stream = tf.constant(new long[] {seed, layerIndex});
    return switch (this) {
      case GLOROT_UNIFORM, HE_UNIFORM ->
          tf.math.sub(
              tf.math.mul(
                  tf.random.statelessRandomUniform(shape, stream, TFloat32.class),
                  tf.constant(2 * limit)),
              tf.constant(limit));
      case GLOROT_NORMAL, HE_NORMAL -> // within ±2
          tf.math.mul(
              tf.random.statelessTruncatedNormal(shape, stream, TFloat32.class),
              tf.constant(limit / 2));
    };
  }
}
