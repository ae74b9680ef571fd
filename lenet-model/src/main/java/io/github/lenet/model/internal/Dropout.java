package io.github.lenet.model.internal;

import java.util.List;
import java.util.Objects;
import org.tensorflow.DeviceSpec;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * Sets random outputs of the hidden dense layers to 0 in training, different ones in every step,
 * and scales the rest to keep the mean. Source: Srivastava et al., <a
 * href="https://jmlr.org/papers/v15/srivastava14a.html">Dropout</a>, 2014.
 *
 * @param rate the fraction set to 0, at least 0 and less than 1
 * @param seed the seed, which gives the same outputs on every device
 * @param step the step, int64 scalar, which changes the choice of outputs
 */
public record Dropout(double rate, long seed, Operand<TInt64> step) {

  private static final DeviceSpec HOST =
      DeviceSpec.newBuilder().deviceType(DeviceSpec.DeviceType.CPU).deviceIndex(0).build();

  /** Checks the rate. */
  public Dropout {
    Objects.requireNonNull(step, "step");
    if (!(rate >= 0 && rate < 1)) {
      throw new IllegalArgumentException("rate (" + rate + ") must be at least 0 and less than 1");
    }
  }

  /**
   * Applies dropout element by element.
   *
   * @param layerIndex gives each layer its own random numbers
   */
  public Operand<TFloat32> apply(Ops tf, Operand<TFloat32> x, int layerIndex) {
    // Generators read their seed on the host, even those of a GPU.
    Ops host = tf.withDevice(HOST);
    Operand<TInt64> stream =
        host.stack(List.of(host.constant(seed ^ (long) layerIndex << 32), step));
    Operand<TFloat32> unit = tf.random.statelessRandomUniform(tf.shape(x), stream, TFloat32.class);
    Operand<TFloat32> kept =
        tf.dtypes.cast(tf.math.greaterEqual(unit, tf.constant((float) rate)), TFloat32.class);
    return tf.math.mul(x, tf.math.mul(kept, tf.constant((float) (1 / (1 - rate)))));
  }
}
