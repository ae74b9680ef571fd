package io.github.lenet.training;

import io.github.lenet.data.Augmentation;
import io.github.lenet.model.Activation;
import io.github.lenet.model.Initializer;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.Pooling;

/** Settings that go together, under a name: nothing that could not be set one by one. */
public enum Preset {
  /** The chapter's, see {@link TrainingConfig#builder()}. */
  CLASSIC {
    @Override
    public TrainingConfig config() {
      return TrainingConfig.builder().build();
    }
  },
  /**
   * Two convolutions as one would train them today: ReLU, max pooling, more channels, Adam with a
   * learning rate that goes down, dropout, flipped images. Chosen on validation images of
   * Fashion-MNIST, for two minutes of training on two cores; {@code docs/training.md} has the
   * results.
   */
  MODERN {
    @Override
    public TrainingConfig config() {
      return TrainingConfig.builder()
          .architecture(
              LeNetConfig.builder()
                  .kernelSize(3)
                  .channels(16, 64)
                  .pooling(Pooling.MAX)
                  .denseUnits(128)
                  .activation(Activation.RELU)
                  .build())
          .epochs(16)
          .batchSize(128)
          .optimizer(Optimizer.adam(0.003))
          .schedule(LearningRateSchedule.COSINE)
          .warmupEpochs(1)
          .weightDecay(0.01)
          .dropout(0.4)
          .initializer(Initializer.HE_UNIFORM)
          .augmentation(new Augmentation(false, true, false))
          .build();
    }
  };

  /**
   * The settings.
   *
   * @return for images of 28×28 and 10 classes, seed 1, a thread per core
   */
  public abstract TrainingConfig config();
}
