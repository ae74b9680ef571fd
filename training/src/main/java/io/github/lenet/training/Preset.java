package io.github.lenet.training;

import io.github.lenet.data.Augmentation;
import io.github.lenet.model.Activation;
import io.github.lenet.model.Initializer;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.Pooling;
import java.util.List;

/** Settings that go together, under a name: nothing that could not be set one by one. */
public enum Preset {
  /** The chapter's, see {@link TrainingConfig#defaults()}. */
  CLASSIC {
    @Override
    public TrainingConfig config() {
      return TrainingConfig.defaults();
    }
  },
  /**
   * Two convolutions as one would train them today: ReLU, max pooling, more channels, Adam with a
   * learning rate that goes down, dropout, mirrored images. Chosen on validation images of
   * Fashion-MNIST, for two minutes of training on two cores; {@code docs/training.md} has the
   * results.
   */
  MODERN {
    @Override
    public TrainingConfig config() {
      return TrainingConfig.defaults()
          .withModel(
              new LeNetConfig(
                  28, 28, 3, List.of(16, 64), Pooling.MAX, List.of(128), Activation.RELU, 10))
          .withEpochs(16)
          .withBatchSize(128)
          .withLearningRate(0.003)
          .withOptimizer(Optimizer.ADAM, Optimizer.ADAM.defaultMomentum())
          .withSchedule(LearningRateSchedule.COSINE, 1)
          .withWeightDecay(0.01)
          .withDropout(0.4)
          .withInitializer(Initializer.HE_UNIFORM)
          .withAugmentation(new Augmentation(false, true, false));
    }
  };

  /**
   * The settings.
   *
   * @return for images of 28×28 and 10 classes, seed 1, a thread per core
   */
  public abstract TrainingConfig config();
}
