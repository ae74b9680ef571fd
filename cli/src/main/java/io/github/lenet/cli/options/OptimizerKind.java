package io.github.lenet.cli.options;

import io.github.lenet.training.Optimizer;
import java.util.Optional;
import java.util.OptionalDouble;

/** The kinds of {@link Optimizer}, as the option names them. */
public enum OptimizerKind {
  SGD,
  MOMENTUM,
  NESTEROV,
  ADAM;

  /** {@return the kind of an optimizer} */
  private static final double LEARNING_RATE = 0.9;

  private static final double ADAM_LEARNING_RATE = 0.001;

  public static OptimizerKind of(Optimizer optimizer) {
    if (optimizer instanceof Optimizer.Momentum) {
      return MOMENTUM;
    }
    if (optimizer instanceof Optimizer.Nesterov) {
      return NESTEROV;
    }
    return optimizer instanceof Optimizer.Adam ? ADAM : SGD;
  }

  /** {@return an optimizer's momentum, or Adam's first beta; empty for plain SGD} */
  public static OptionalDouble momentum(Optimizer optimizer) {
    if (optimizer instanceof Optimizer.Momentum momentum) {
      return OptionalDouble.of(momentum.momentum());
    }
    if (optimizer instanceof Optimizer.Nesterov nesterov) {
      return OptionalDouble.of(nesterov.momentum());
    }
    return optimizer instanceof Optimizer.Adam adam
        ? OptionalDouble.of(adam.beta1())
        : OptionalDouble.empty();
  }

  /**
   * Overrides an optimizer's values with the given options. An optimizer of another kind starts
   * with the default momentum. Adam has a learning rate of its own: with that of the others it
   * learns nothing.
   *
   * @throws IllegalArgumentException if a momentum is given for plain SGD
   */
  public static Optimizer over(
      Optimizer base,
      Optional<OptimizerKind> option,
      Optional<Double> learningRateOption,
      Optional<Double> momentumOption) {
    OptimizerKind kind = option.orElse(of(base));
    boolean sameScale = (kind == ADAM) == (base instanceof Optimizer.Adam);
    double learningRate =
        learningRateOption.orElse(
            sameScale ? base.learningRate() : kind == ADAM ? ADAM_LEARNING_RATE : LEARNING_RATE);
    double momentum =
        momentumOption.orElse(
            (kind == of(base) ? momentum(base) : OptionalDouble.empty())
                .orElse(Optimizer.DEFAULT_MOMENTUM));
    return switch (kind) {
      case SGD -> {
        if (momentumOption.isPresent()) {
          throw new IllegalArgumentException(
              "--momentum cannot be combined with --optimizer sgd; use momentum, nesterov or adam");
        }
        yield new Optimizer.Sgd(learningRate);
      }
      case MOMENTUM -> new Optimizer.Momentum(learningRate, momentum);
      case NESTEROV -> new Optimizer.Nesterov(learningRate, momentum);
      case ADAM -> new Optimizer.Adam(learningRate, momentum);
    };
  }
}
