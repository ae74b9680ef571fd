package io.github.lenet.model;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** The non-linearity after every convolution and every dense layer but the last. */
public enum Activation {
  /** {@code 1 / (1 + exp(-x))}, the chapter's choice. */
  SIGMOID {
    @Override
    Operand<TFloat32> apply(Ops tf, Operand<TFloat32> x) {
      return tf.math.sigmoid(x);
    }
  },
  /** {@code tanh(x)}, up to scaling what LeCun et al. used in 1998. */
  TANH {
    @Override
    Operand<TFloat32> apply(Ops tf, Operand<TFloat32> x) {
      return tf.math.tanh(x);
    }
  },
  /** {@code max(0, x)}. */
  RELU {
    @Override
    Operand<TFloat32> apply(Ops tf, Operand<TFloat32> x) {
      return tf.nn.relu(x);
    }
  };

  /** Element by element; the result has the shape of {@code x}. */
  abstract Operand<TFloat32> apply(Ops tf, Operand<TFloat32> x);
}
