package io.github.lenet.training;

/**
 * How a gradient step changes the parameters {@code w}, given the gradient {@code g} of the loss.
 * The state of an optimizer starts from 0.
 *
 * <p>Weight decay {@code λ} ({@link TrainingConfig#weightDecay()}) applies to kernels only. The
 * first three optimizers add {@code λ·w} to {@code g}, like an L2 term {@code λ/2·|w|²} of the
 * loss. Adam would scale that term away, so it begins with {@code w ← w − η·λ·w} instead:
 * Loshchilov and Hutter, <a href="https://arxiv.org/abs/1711.05101">Decoupled weight decay
 * regularization</a>, 2019.
 */
public sealed interface Optimizer {

  /** The default momentum, and Adam's default {@code β₁}. */
  double DEFAULT_MOMENTUM = 0.9;

  /** {@return the learning rate η before a schedule changes it, positive} */
  double learningRate();

  /**
   * Plain stochastic gradient descent, as in the chapter: {@code w ← w − η·g}.
   *
   * @param learningRate {@code η}, positive
   */
  record Sgd(double learningRate) implements Optimizer {
    /** Checks the value. */
    public Sgd {
      Check.learningRate(learningRate);
    }
  }

  /**
   * Momentum: {@code a ← µ·a + g}, {@code w ← w − η·a}.
   *
   * @param learningRate {@code η}, positive
   * @param momentum {@code µ}, at least 0 and less than 1
   */
  record Momentum(double learningRate, double momentum) implements Optimizer {
    /** Checks the values. */
    public Momentum {
      Check.learningRate(learningRate);
      Check.fraction("momentum", momentum);
    }
  }

  /**
   * Nesterov's momentum: {@code a ← µ·a + g}, {@code w ← w − η·(g + µ·a)}, in the form of Sutskever
   * et al., <a href="https://proceedings.mlr.press/v28/sutskever13.html">On the importance of
   * initialization and momentum in deep learning</a>, 2013.
   *
   * @param learningRate {@code η}, positive
   * @param momentum {@code µ}, at least 0 and less than 1
   */
  record Nesterov(double learningRate, double momentum) implements Optimizer {
    /** Checks the values. */
    public Nesterov {
      Check.learningRate(learningRate);
      Check.fraction("momentum", momentum);
    }
  }

  /**
   * Adam: {@code m ← β₁·m + (1 − β₁)·g}, {@code v ← β₂·v + (1 − β₂)·g²}, {@code w ← w − η·√(1 −
   * β₂ᵗ)/(1 − β₁ᵗ)·m/(√v + ε)} in step {@code t}, with {@code β₂} = 0.999 and {@code ε} = 1e-7:
   * Kingma and Ba, <a href="https://arxiv.org/abs/1412.6980">Adam</a>, 2015.
   *
   * @param learningRate {@code η}, positive; 0.001 is usual
   * @param beta1 {@code β₁}, at least 0 and less than 1
   */
  record Adam(double learningRate, double beta1) implements Optimizer {
    static final double BETA2 = 0.999;
    static final double EPSILON = 1e-7;

    /** Checks the values. */
    public Adam {
      Check.learningRate(learningRate);
      Check.fraction("beta1", beta1);
    }
  }

  /**
   * Creates plain stochastic gradient descent.
   *
   * @param learningRate positive; the chapter's is 0.9
   * @return the optimizer
   */
  static Optimizer sgd(double learningRate) {
    return new Sgd(learningRate);
  }

  /**
   * Creates stochastic gradient descent with a momentum of 0.9.
   *
   * @param learningRate positive
   * @return the optimizer
   */
  static Optimizer momentum(double learningRate) {
    return new Momentum(learningRate, DEFAULT_MOMENTUM);
  }

  /**
   * Creates stochastic gradient descent with Nesterov's momentum of 0.9.
   *
   * @param learningRate positive
   * @return the optimizer
   */
  static Optimizer nesterov(double learningRate) {
    return new Nesterov(learningRate, DEFAULT_MOMENTUM);
  }

  /**
   * Creates Adam with a {@code β₁} of 0.9.
   *
   * @param learningRate positive; 0.001 is usual
   * @return the optimizer
   */
  static Optimizer adam(double learningRate) {
    return new Adam(learningRate, DEFAULT_MOMENTUM);
  }
}
