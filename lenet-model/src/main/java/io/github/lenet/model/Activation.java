package io.github.lenet.model;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** The activation after every convolution and every dense layer except the last. */
public enum Activation {
  /** {@code 1 / (1 + exp(-x))}, the chapter's choice. */
  SIGMOID {
    @Override
    Operand<TFloat32> apply(Ops tf, Operand<TFloat32> x) {
      return tf.math.sigmoid(x);
    }
  },
  /** {@code tanh(x)}; LeCun et al. used it with scaling in 1998. */
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

  /** Applies the activation element by element; the result has the shape of {@code x}. */
  abstract Operand<TFloat32> apply(Ops tf, Operand<TFloat32> x);
}
