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
  /** The best that two convolutions do in two minutes on two cores. */
  MODERN {
    @Override
    public TrainingConfig config() {
      TrainingConfig classic = TrainingConfig.defaults();
      return classic
          .withModel(
              new LeNetConfig(
                  28, 28, 5, List.of(16, 64), Pooling.MAX, List.of(128), Activation.RELU, 10))
          .withEpochs(12)
          .withBatchSize(128)
          .withLearningRate(0.002)
          .withUpdateRule(UpdateRule.ADAM, UpdateRule.ADAM.defaultMomentum())
          .withSchedule(Schedule.COSINE, 1)
          .withWeightDecay(0.01)
          .withDropout(0.3)
          .withInitializer(Initializer.HE_UNIFORM)
          .withAugmentation(new Augmentation(true, true, false));
    }
  };

  /**
   * The settings.
   *
   * @return for pictures of 28×28 and 10 classes, seed 1, a thread per core
   */
  public abstract TrainingConfig config();
}
