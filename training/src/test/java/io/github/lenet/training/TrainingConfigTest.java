package io.github.lenet.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.data.Augmentation;
import io.github.lenet.model.Initializer;
import io.github.lenet.model.LeNetConfig;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingConfigTest {

  @Test
  void defaultsAreTheChapters() {
    TrainingConfig defaults = TrainingConfig.defaults();

    assertEquals(LeNetConfig.classic(), defaults.model());
    assertEquals(10, defaults.epochs());
    assertEquals(256, defaults.batchSize());
    assertEquals(0.9, defaults.learningRate());
  }

  @Test
  void namesTheValueThatDoesNotFit() {
    assertEquals("epochs (0) must be positive", message(0, 256, 0.9));
    assertEquals("batchSize (-1) must be positive", message(10, -1, 0.9));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -0.1, Double.NaN, Double.POSITIVE_INFINITY, 1e300, 1e-50})
  void theLearningRateIsAPositiveFloat(double learningRate) {
    assertEquals(
        "learningRate (" + learningRate + ") must be a positive, finite number",
        message(10, 256, learningRate));
  }

  @Test
  void momentumGoesWithTheUpdateRule() {
    TrainingConfig defaults = TrainingConfig.defaults();
    assertEquals(Optimizer.SGD, defaults.optimizer());
    assertEquals(0, defaults.momentum());
    assertEquals(0.5, defaults.withOptimizer(Optimizer.ADAM, 0.5).withEpochs(3).momentum());

    for (double wrong : new double[] {-0.1, 1, 0.999999999, Double.NaN}) {
      assertEquals(
          "momentum (" + wrong + ") must be at least 0 and less than 1",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> defaults.withOptimizer(Optimizer.MOMENTUM, wrong))
              .getMessage());
    }
    assertEquals(
        "momentum (0.9) does not apply to plain SGD. Use momentum, nesterov or adam.",
        assertThrows(
                IllegalArgumentException.class, () -> defaults.withOptimizer(Optimizer.SGD, 0.9))
            .getMessage());
  }

  @Test
  void learningRateBetweenStepsFollowsTheScheduleToo() {
    TrainingConfig config = TrainingConfig.defaults().withSchedule(LearningRateSchedule.COSINE, 2);
    assertEquals(0, config.learningRateAt(0));
    assertEquals(0.45, config.learningRateAt(1), 1e-12);
    assertEquals(0.9, config.learningRateAt(2), 1e-12);
    assertEquals(0.45, config.learningRateAt(6), 1e-12); // the middle of what is left
    assertEquals(0, config.learningRateAt(10), 1e-12);
  }

  @Test
  void learningRateFollowsTheScheduleStepByStep() {
    TrainingConfig config = TrainingConfig.defaults().withEpochs(5); // of 4 steps, at 0.9
    assertEquals(0.9, config.learningRate(0, 4));
    assertEquals(0.9, config.learningRate(19, 4));

    TrainingConfig cosine = config.withSchedule(LearningRateSchedule.COSINE, 0);
    assertEquals(0.9, cosine.learningRate(0, 4));
    assertEquals(0.45, cosine.learningRate(10, 4), 1e-12);
    assertEquals(0.9 * 0.006155829702431115, cosine.learningRate(19, 4), 1e-12); // sin²(π/40)

    TrainingConfig step = config.withSchedule(LearningRateSchedule.STEP, 0);
    assertEquals(0.9, step.learningRate(9, 4));
    assertEquals(0.09, step.learningRate(10, 4), 1e-12);
    assertEquals(0.09, step.learningRate(14, 4), 1e-12);
    assertEquals(0.009, step.learningRate(15, 4), 1e-12);
  }

  @Test
  void learningRateRisesInTheWarmUpAndTheScheduleHasTheRest() {
    TrainingConfig config =
        TrainingConfig.defaults()
            .withEpochs(5)
            .withSchedule(LearningRateSchedule.COSINE, 1); // 4 of 20 steps
    assertEquals(0.225, config.learningRate(0, 4), 1e-12);
    assertEquals(0.45, config.learningRate(1, 4), 1e-12);
    assertEquals(0.9, config.learningRate(3, 4), 1e-12);
    assertEquals(0.9, config.learningRate(4, 4), 1e-12);
    assertEquals(0.45, config.learningRate(12, 4), 1e-12); // half of 16

    for (int wrong : new int[] {-1, 5}) {
      assertEquals(
          "warmupEpochs (" + wrong + ") must be at least 0 and less than epochs (5)",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> config.withSchedule(LearningRateSchedule.COSINE, wrong))
              .getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, Double.NaN, Double.POSITIVE_INFINITY, 1e300})
  void weightDecayIsAFloatThatIsNotNegative(double weightDecay) {
    assertEquals(
        "weightDecay (" + weightDecay + ") must be 0 or a positive, finite number",
        assertThrows(
                IllegalArgumentException.class,
                () -> TrainingConfig.defaults().withWeightDecay(weightDecay))
            .getMessage());
  }

  @Test
  void withersChangeNothingElse() {
    TrainingConfig config =
        new TrainingConfig(LeNetConfig.classic(), 5, 1, 1, 1, 1)
            .withBatchSize(32)
            .withLearningRate(0.1)
            .withSeed(7)
            .withThreads(3)
            .withStandardization(new Standardization(0.25, 0.5))
            .withValidation(0.1, 4)
            .withAugmentation(new Augmentation(true, false, true))
            .withOptimizer(Optimizer.ADAM, 0.8)
            .withSchedule(LearningRateSchedule.STEP, 2)
            .withInitializer(Initializer.HE_NORMAL)
            .withWeightDecay(0.01)
            .withDropout(0.5)
            .withEpochs(6)
            .withModel(LeNetConfig.classic());

    assertEquals(
        new TrainingConfig(
            LeNetConfig.classic(),
            6,
            32,
            0.1,
            7,
            3,
            Optimizer.ADAM,
            0.8,
            LearningRateSchedule.STEP,
            2,
            Initializer.HE_NORMAL,
            0.01,
            0.5,
            new Augmentation(true, false, true),
            Optional.of(new Standardization(0.25, 0.5)),
            0.1,
            4),
        config);
  }

  @Test
  void aReplicaHasAtLeastThirtyTwoImages() {
    assertEquals(2, replicas(256, 2));
    assertEquals(8, replicas(256, 64));
    assertEquals(1, replicas(63, 4));
    assertEquals(1, replicas(1, 4));
  }

  private static int replicas(int batchSize, int threads) {
    return new TrainingConfig(LeNetConfig.classic(), 1, batchSize, 0.1, 1, threads).replicas();
  }

  private static String message(int epochs, int batchSize, double learningRate) {
    return assertThrows(
            IllegalArgumentException.class,
            () -> new TrainingConfig(LeNetConfig.classic(), epochs, batchSize, learningRate, 1, 2))
        .getMessage();
  }

  @Test
  void theLearningRateWarmsUpAndFollowsTheSchedule() {
    TrainingConfig cosine =
        TrainingConfig.defaults().withEpochs(10).withSchedule(LearningRateSchedule.COSINE, 2);
    // The first of 2 x 5 steps takes a tenth of the rate, the last one all of it.
    assertEquals(0.09, cosine.learningRate(0, 5), 1e-12);
    assertEquals(0.9, cosine.learningRate(9, 5), 1e-12);
    assertEquals(0.9, cosine.learningRate(10, 5), 1e-12);
    assertEquals(0.45, cosine.learningRate(30, 5), 1e-12, "half of what is left is done");
    assertEquals(0.9 * (1 + Math.cos(Math.PI / 4)) / 2, cosine.learningRate(20, 5), 1e-12);
    assertEquals(0.45, cosine.learningRateAt(1), 1e-12);
    assertEquals(0.9, cosine.learningRateAt(2), 1e-12);
    assertEquals(0.45, cosine.learningRateAt(6), 1e-12);
    assertEquals(0, cosine.learningRateAt(10), 1e-12);
  }

  @Test
  void theStepScheduleFallsAtHalfAndAtThreeQuarters() {
    TrainingConfig step =
        TrainingConfig.defaults().withEpochs(4).withSchedule(LearningRateSchedule.STEP, 0);
    assertEquals(0.9, step.learningRateAt(1.999), 1e-12);
    assertEquals(0.09, step.learningRateAt(2), 1e-12);
    assertEquals(0.09, step.learningRateAt(2.999), 1e-12);
    assertEquals(0.009, step.learningRateAt(3), 1e-12);
  }

  @Test
  void theLearningRateChangesWithAScheduleOrAWarmUp() {
    TrainingConfig defaults = TrainingConfig.defaults();
    assertFalse(defaults.changesLearningRate());
    assertTrue(defaults.withSchedule(LearningRateSchedule.COSINE, 0).changesLearningRate());
    assertTrue(defaults.withSchedule(LearningRateSchedule.CONSTANT, 1).changesLearningRate());
  }

  @Test
  void adamCorrectsTheBiasOfItsMeans() {
    // Kingma and Ba, algorithm 1, in the order of section 2's end: sqrt(1 - b2^t) / (1 - b1^t).
    assertEquals(Math.sqrt(0.001) / 0.1, Optimizer.ADAM.biasCorrection(0.9, 1), 1e-9);
    assertEquals(Math.sqrt(1 - 0.999 * 0.999) / 0.19, Optimizer.ADAM.biasCorrection(0.9, 2), 1e-9);
    for (Optimizer rule : List.of(Optimizer.SGD, Optimizer.MOMENTUM, Optimizer.NESTEROV)) {
      assertEquals(1, rule.biasCorrection(0.9, 1));
    }
    assertEquals(0, Optimizer.SGD.defaultMomentum());
    assertEquals(0.9, Optimizer.MOMENTUM.defaultMomentum());
    assertEquals(0.9, Optimizer.ADAM.defaultMomentum());
  }

  @Test
  void patienceCountsFromTheFirstOfTheBestEpochs() {
    TrainingConfig patient = TrainingConfig.defaults().withValidation(0.1, 2);
    List<EpochResult> epochs = List.of(epoch(1, 50), epoch(2, 70), epoch(3, 70), epoch(4, 60));
    assertEquals(2, TrainingConfig.best(epochs).orElseThrow().epoch());
    assertEquals(2, patient.selectedEpoch(epochs).orElseThrow().epoch());
    assertFalse(patient.isOutOfPatience(List.of()));
    assertFalse(patient.isOutOfPatience(epochs.subList(0, 3)));
    assertTrue(patient.isOutOfPatience(epochs));
    assertFalse(TrainingConfig.defaults().withValidation(0.1, 0).isOutOfPatience(epochs));
    assertEquals(4, TrainingConfig.defaults().selectedEpoch(epochs).orElseThrow().epoch());
    assertEquals(Optional.empty(), TrainingConfig.defaults().selectedEpoch(List.of()));
  }

  private static EpochResult epoch(int number, int correct) {
    Metrics evaluation = new Metrics(1, correct, 100);
    return new EpochResult(number, evaluation, evaluation, Duration.ZERO, Duration.ZERO);
  }
}
