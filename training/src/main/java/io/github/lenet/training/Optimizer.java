package io.github.lenet.training;

import java.util.List;

/**
 * How a step moves the parameters {@code w}, given the gradient {@code g} of the loss and the
 * learning rate {@code η}. What a rule remembers from step to step starts from 0.
 *
 * <p>Weight decay {@code λ} is for kernels only. The first three rules add {@code λ·w} to {@code
 * g}, as an L2 term {@code λ/2·|w|²} of the loss would. Adam, which would scale that away, begins
 * with {@code w ← w − η·λ·w} instead: Loshchilov and Hutter, <a
 * href="https://arxiv.org/abs/1711.05101">Decoupled weight decay regularization</a>, 2019.
 */
public enum Optimizer {
  /** Plain stochastic gradient descent, the chapter's choice: {@code w ← w − η·g}. */
  SGD,
  /** {@code a ← µ·a + g}, {@code w ← w − η·a}, with the momentum {@code µ}. */
  MOMENTUM,
  /**
   * {@code a ← µ·a + g}, {@code w ← w − η·(g + µ·a)}: Nesterov's momentum in the form of Sutskever
   * et al., <a href="https://proceedings.mlr.press/v28/sutskever13.html">On the importance of
   * initialization and momentum in deep learning</a>, 2013.
   */
  NESTEROV,
  /**
   * {@code m ← µ·m + (1 − µ)·g}, {@code v ← β·v + (1 − β)·g²}, {@code w ← w − η·√(1 − βᵗ)/(1 −
   * µᵗ)·m/(√v + ε)} in step {@code t}, with {@code β} = 0.999 and {@code ε} = 1e-7: Kingma and Ba,
   * <a href="https://arxiv.org/abs/1412.6980">Adam</a>, 2015, where {@code µ} is called {@code β₁}.
   * Wants a learning rate near 0.001.
   */
  ADAM;

  static final double BETA = 0.999;
  static final double EPSILON = 1e-7;

  /**
   * The momentum that goes without saying.
   *
   * @return 0 for {@link #SGD}, which has none; else 0.9
   */
  public double defaultMomentum() {
    return this == SGD ? 0 : 0.9;
  }

  /** What is remembered of each parameter. */
  List<String> slots() {
    return switch (this) {
      case SGD -> List.of();
      case MOMENTUM, NESTEROV -> List.of("momentum");
      case ADAM -> List.of("m", "v");
    };
  }

  /** What to multiply the learning rate of a step with, the first one being 1. */
  double biasCorrection(double momentum, long step) {
    return this == ADAM ? Math.sqrt(1 - Math.pow(BETA, step)) / (1 - Math.pow(momentum, step)) : 1;
  }
}
