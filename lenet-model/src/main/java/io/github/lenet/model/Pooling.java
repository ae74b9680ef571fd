package io.github.lenet.model;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** The operation of a pooling layer on each 2×2 window. Windows do not overlap. */
public enum Pooling {
  /** The mean of the window, the chapter's choice. */
  AVG {
    @Override
    Operand<TFloat32> apply(Ops tf, Operand<TFloat32> x) {
      return tf.nn.avgPool(x, WINDOW, WINDOW, "VALID");
    }
  },
  /** The largest value of the window. */
  MAX {
    @Override
    Operand<TFloat32> apply(Ops tf, Operand<TFloat32> x) {
      Operand<TInt32> window = tf.constant(new int[] {1, 2, 2, 1});
      return tf.nn.maxPool(x, window, window, "VALID");
    }
  };

  private static final List<Long> WINDOW = List.of(1L, 2L, 2L, 1L);

  /** Pools {@code [n, h, w, c]} to {@code [n, h/2, w/2, c]}, rounded down. */
  abstract Operand<TFloat32> apply(Ops tf, Operand<TFloat32> x);
}
