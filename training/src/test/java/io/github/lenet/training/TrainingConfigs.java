package io.github.lenet.training;

import io.github.lenet.model.Activation;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.Pooling;
import java.util.List;

/** Settings for tests: plain SGD with few numbers. */
public final class TrainingConfigs {

  private TrainingConfigs() {}

  public static TrainingConfig of(
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

  /** Other layers, optimizers, dropout, standardised pixels: what a graph may be made of. */
  public static List<TrainingConfig> ofManyKinds() {
    TrainingConfig config = of(LeNetConfig.classic(), 1, 256, 0.1, 1, 1);
    return List.of(
        config,
        config.toBuilder()
            .architecture(
                LeNetConfig.builder()
                    .pooling(Pooling.MAX)
                    .denseUnits(84)
                    .activation(Activation.RELU)
                    .build())
            .build(),
        config.toBuilder()
            .architecture(
                LeNetConfig.builder()
                    .kernelSize(3)
                    .channels(32, 64)
                    .denseUnits(100)
                    .activation(Activation.TANH)
                    .build())
            .build(),
        config.toBuilder()
            .architecture(
                LeNetConfig.builder()
                    .imageSize(30, 31)
                    .kernelSize(3)
                    .channels(12, 20, 24)
                    .pooling(Pooling.MAX)
                    .denseUnits()
                    .activation(Activation.RELU)
                    .build())
            .build(),
        config.toBuilder().optimizer(Optimizer.momentum(0.1)).weightDecay(0.01).build(),
        config.toBuilder()
            .optimizer(Optimizer.adam(0.001))
            .weightDecay(0.01)
            .dropout(0.4)
            .standardization(new Standardization(0.3, 0.3))
            .build());
  }
}
