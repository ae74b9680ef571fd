package io.github.lenet.training;

import io.github.lenet.model.LeNetConfig;

/** Settings for tests: plain SGD with few numbers. */
final class TrainingConfigs {

  private TrainingConfigs() {}

  static TrainingConfig of(
      LeNetConfig architecture,
      int epochs,
      int batchSize,
      double learningRate,
      long seed,
      int threads) {
    return TrainingConfig.builder()
        .architecture(architecture)
        .epochs(epochs)
        .batchSize(batchSize)
        .optimizer(Optimizer.sgd(learningRate))
        .seed(seed)
        .threads(threads)
        .build();
  }
}
