package io.github.lenet.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.data.Augmentation;
import io.github.lenet.model.ImagePreprocessor;
import io.github.lenet.model.Initializer;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.Polarity;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingConfigTest {

  private static final ImagePreprocessor INVERTING =
      ImagePreprocessor.DEFAULT.withPolarity(Polarity.DARK_ON_LIGHT);

  @Test
  void defaultsAreTheChapters() {
    TrainingConfig defaults = TrainingConfig.builder().build();

    assertEquals(LeNetConfig.classic(), defaults.architecture());
    assertEquals(10, defaults.epochs());
    assertEquals(256, defaults.batchSize());
    assertEquals(Optimizer.sgd(0.9), defaults.optimizer());
    assertEquals(Initializer.GLOROT_UNIFORM, defaults.initializer());
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

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1, 0.999999999, Double.NaN})
  void momentumIsAFraction(double wrong) {
    String values = " (" + wrong + ") must be at least 0 and less than 1";
    assertMessage("momentum" + values, () -> new Optimizer.Momentum(0.1, wrong));
    assertMessage("momentum" + values, () -> new Optimizer.Nesterov(0.1, wrong));
    assertMessage("beta1" + values, () -> new Optimizer.Adam(0.1, wrong));
  }

  private static void assertMessage(String expected, Executable call) {
    assertEquals(expected, assertThrows(IllegalArgumentException.class, call).getMessage());
  }

  @Test
  void learningRateBetweenStepsFollowsTheScheduleToo() {
    TrainingConfig config =
        TrainingConfig.builder().schedule(LearningRateSchedule.COSINE).warmupEpochs(2).build();
    assertEquals(0, config.learningRateAt(0));
    assertEquals(0.45, config.learningRateAt(1), 1e-12);
    assertEquals(0.9, config.learningRateAt(2), 1e-12);
    assertEquals(0.45, config.learningRateAt(6), 1e-12); // the middle of what is left
    assertEquals(0, config.learningRateAt(10), 1e-12);
  }

  @Test
  void learningRateFollowsTheScheduleStepByStep() {
    TrainingConfig config = TrainingConfig.builder().epochs(5).build(); // of 4 steps, at 0.9
    assertEquals(0.9, config.learningRate(0, 4));
    assertEquals(0.9, config.learningRate(19, 4));

    TrainingConfig cosine =
        config.toBuilder().schedule(LearningRateSchedule.COSINE).warmupEpochs(0).build();
    assertEquals(0.9, cosine.learningRate(0, 4));
    assertEquals(0.45, cosine.learningRate(10, 4), 1e-12);
    assertEquals(0.9 * 0.006155829702431115, cosine.learningRate(19, 4), 1e-12); // sin²(π/40)

    TrainingConfig step =
        config.toBuilder().schedule(LearningRateSchedule.STEP).warmupEpochs(0).build();
    assertEquals(0.9, step.learningRate(9, 4));
    assertEquals(0.09, step.learningRate(10, 4), 1e-12);
    assertEquals(0.09, step.learningRate(14, 4), 1e-12);
    assertEquals(0.009, step.learningRate(15, 4), 1e-12);
  }

  @Test
  void learningRateRisesInTheWarmUpAndTheScheduleHasTheRest() {
    TrainingConfig config =
        TrainingConfig.builder()
            .epochs(5)
            .schedule(LearningRateSchedule.COSINE)
            .warmupEpochs(1)
            .build(); // 4 of 20 steps
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
                  () ->
                      config.toBuilder()
                          .schedule(LearningRateSchedule.COSINE)
                          .warmupEpochs(wrong)
                          .build())
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
                () -> TrainingConfig.builder().weightDecay(weightDecay).build())
            .getMessage());
  }

  @Test
  void theBuilderSetsEveryValueAndKeepsTheOthers() {
    TrainingConfig config =
        TrainingConfig.builder()
            .architecture(LeNetConfig.builder().kernelSize(3).build())
            .epochs(6)
            .batchSize(32)
            .optimizer(Optimizer.adam(0.1))
            .seed(7)
            .threads(3)
            .schedule(LearningRateSchedule.STEP)
            .warmupEpochs(2)
            .initializer(Initializer.HE_NORMAL)
            .frozen(List.of("conv2", "dense1"))
            .weightDecay(0.01)
            .dropout(0.5)
            .augmentation(new Augmentation(true, false, true))
            .standardization(new Standardization(0.25, 0.5))
            .preprocessor(INVERTING)
            .validationSplit(0.1)
            .patience(4)
            .build();

    assertEquals(
        new TrainingConfig(
            LeNetConfig.builder().kernelSize(3).build(),
            6,
            32,
            new Optimizer.Adam(0.1, 0.9),
            7,
            3,
            LearningRateSchedule.STEP,
            2,
            Initializer.HE_NORMAL,
            List.of("conv2", "dense1"),
            0.01,
            0.5,
            new Augmentation(true, false, true),
            Optional.of(new Standardization(0.25, 0.5)),
            INVERTING,
            0.1,
            4),
        config);
    assertEquals(config, config.toBuilder().build());
  }

  @Test
  void aReplicaHasAtLeastThirtyTwoImages() {
    assertEquals(2, replicas(256, 2));
    assertEquals(8, replicas(256, 64));
    assertEquals(1, replicas(63, 4));
    assertEquals(1, replicas(1, 4));
  }

  private static int replicas(int batchSize, int threads) {
    return TrainingConfigs.of(LeNetConfig.classic(), 1, batchSize, 0.1, 1, threads).replicas();
  }

  private static String message(int epochs, int batchSize, double learningRate) {
    return assertThrows(
            IllegalArgumentException.class,
            () -> TrainingConfigs.of(LeNetConfig.classic(), epochs, batchSize, learningRate, 1, 2))
        .getMessage();
  }

  @Test
  void theLearningRateWarmsUpAndFollowsTheSchedule() {
    TrainingConfig cosine =
        TrainingConfig.builder()
            .epochs(10)
            .schedule(LearningRateSchedule.COSINE)
            .warmupEpochs(2)
            .build();
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
        TrainingConfig.builder()
            .epochs(4)
            .schedule(LearningRateSchedule.STEP)
            .warmupEpochs(0)
            .build();
    assertEquals(0.9, step.learningRateAt(1.999), 1e-12);
    assertEquals(0.09, step.learningRateAt(2), 1e-12);
    assertEquals(0.09, step.learningRateAt(2.999), 1e-12);
    assertEquals(0.009, step.learningRateAt(3), 1e-12);
  }

  @Test
  void theLearningRateChangesWithAScheduleOrAWarmUp() {
    TrainingConfig defaults = TrainingConfig.builder().build();
    assertFalse(defaults.changesLearningRate());
    assertTrue(
        defaults.toBuilder()
            .schedule(LearningRateSchedule.COSINE)
            .warmupEpochs(0)
            .build()
            .changesLearningRate());
    assertTrue(
        defaults.toBuilder()
            .schedule(LearningRateSchedule.CONSTANT)
            .warmupEpochs(1)
            .build()
            .changesLearningRate());
  }

  @Test
  void patienceCountsFromTheFirstOfTheBestEpochs() {
    TrainingConfig patient = TrainingConfig.builder().validationSplit(0.1).patience(2).build();
    List<EpochResult> epochs = List.of(epoch(1, 50), epoch(2, 70), epoch(3, 70), epoch(4, 60));
    assertEquals(2, TrainingConfig.best(epochs).orElseThrow().epoch());
    assertEquals(2, patient.selectedEpoch(epochs).orElseThrow().epoch());
    assertFalse(patient.isOutOfPatience(List.of()));
    assertFalse(patient.isOutOfPatience(epochs.subList(0, 3)));
    assertTrue(patient.isOutOfPatience(epochs));
    assertFalse(
        TrainingConfig.builder().validationSplit(0.1).patience(0).build().isOutOfPatience(epochs));
    assertEquals(4, TrainingConfig.builder().build().selectedEpoch(epochs).orElseThrow().epoch());
    assertEquals(Optional.empty(), TrainingConfig.builder().build().selectedEpoch(List.of()));
  }

  private static EpochResult epoch(int number, int correct) {
    Metrics evaluation = new Metrics(1, correct, 100);
    return new EpochResult(number, evaluation, evaluation, Duration.ZERO, Duration.ZERO);
  }
}
