package io.github.lenet.training;

import java.util.List;

/** Optimizers for tests: one of each kind. */
public final class Optimizers {

  private Optimizers() {}

  /** Each kind, with a momentum of 0.8, and with a learning rate that suits it. */
  public static List<Optimizer> ofEachKind(double learningRate, double learningRateOfAdam) {
    return List.of(
        new Optimizer.Sgd(learningRate),
        new Optimizer.Momentum(learningRate, 0.8),
        new Optimizer.Nesterov(learningRate, 0.8),
        new Optimizer.Adam(learningRateOfAdam, 0.8));
  }
}
