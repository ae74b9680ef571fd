package io.github.lenet.model.internal;

import java.util.List;
import java.util.Objects;
import org.tensorflow.DeviceSpec;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * Sets outputs of the hidden dense layers to 0 at random, others in every step, and enlarges the
 * rest so that the mean stays. For training only: Srivastava et al., <a
 * href="https://jmlr.org/papers/v15/srivastava14a.html">Dropout</a>, 2014.
 *
 * @param rate the part that is set to 0, at least 0 and less than 1
 * @param seed the same one gives the same choices on every device
 * @param step int64 scalar, which the choices depend on as well
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
   * Element by element.
   *
   * @param layerIndex keeps the layers apart, which would otherwise all lose the same units
   */
  public Operand<TFloat32> apply(Ops tf, Operand<TFloat32> x, int layerIndex) {
    // Generators read their seed on the host, also those of a GPU.
    Ops host = tf.withDevice(HOST);
    Operand<TInt64> stream =
        host.stack(List.of(host.constant(seed ^ (long) layerIndex << 32), step));
    Operand<TFloat32> unit = tf.random.statelessRandomUniform(tf.shape(x), stream, TFloat32.class);
    Operand<TFloat32> kept =
        tf.dtypes.cast(tf.math.greaterEqual(unit, tf.constant((float) rate)), TFloat32.class);
    return tf.math.mul(x, tf.math.mul(kept, tf.constant((float) (1 / (1 - rate)))));
  }
}
