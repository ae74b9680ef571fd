package io.github.lenet.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.Activation;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.Pooling;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a GPU gets, on the CPU: pictures that lie on the device, several steps in a run. */
class ResidentPicturesTest {

  private static final DeviceSelection CPU = DeviceSelection.cpu("test");
  private static final int BATCH_SIZE = 8;

  /** Two runs of several steps, three of one, and a ragged batch. */
  private static final ImageDataset TRAIN =
      Pictures.bars((2 * Trainer.STEPS_PER_RUN + 3) * BATCH_SIZE + 5, 1);

  private static final ImageDataset HELD_OUT = Pictures.bars(601, 2);

  /** What was learned, and what the listener was told on the way. */
  private record Course(
      Map<String, float[]> parameters, List<EpochResult> epochs, List<BatchProgress> batches) {}

  private static TrainingConfig config() {
    return new TrainingConfig(LeNetConfig.classic(), 2, BATCH_SIZE, 0.05, 3, 1);
  }

  static Stream<TrainingConfig> configs() {
    return Stream.concat(
        Stream.of(UpdateRule.values())
            .map(rule -> config().withUpdateRule(rule, rule == UpdateRule.SGD ? 0 : 0.8)),
        Stream.of(
            config()
                .withSchedule(Schedule.COSINE, 1)
                .withWeightDecay(0.01)
                .withDropout(0.3)
                .withStandardization(Standardization.of(TRAIN))));
  }

  /**
   * A step that read a parameter too early or too late moves it by a hundredth. Rounding does so by
   * a millionth: TensorFlow puts other operations together where it knows the batch's size.
   */
  @ParameterizedTest
  @MethodSource("configs")
  void severalStepsInARunAreTheSameSteps(TrainingConfig config) throws Exception {
    Course fed = train(config, false);
    Course resident = train(config, true);

    assertEquals(fed.batches().size(), resident.batches().size());
    for (int i = 0; i < fed.batches().size(); i++) {
      BatchProgress one = fed.batches().get(i);
      BatchProgress other = resident.batches().get(i);
      assertEquals(one.batch(), other.batch());
      assertSame(one.train(), other.train());
    }
    for (int i = 0; i < fed.epochs().size(); i++) {
      assertSame(fed.epochs().get(i).heldOut(), resident.epochs().get(i).heldOut());
    }
    fed.parameters()
        .forEach(
            (name, values) ->
                assertArrayEquals(values, resident.parameters().get(name), 1e-4f, name));
  }

  private static void assertSame(Evaluation one, Evaluation other) {
    assertEquals(one.total(), other.total());
    assertEquals(one.correct(), other.correct());
    assertEquals(one.meanLoss(), other.meanLoss(), 1e-5);
  }

  private static Course train(TrainingConfig config, boolean resident) throws Exception {
    assertEquals(1, config.replicas());
    List<BatchProgress> batches = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onBatch(BatchProgress progress) {
            batches.add(progress);
          }
        };
    try (Trainer trainer = new Trainer(config, CPU, resident)) {
      List<EpochResult> epochs = trainer.fit(TRAIN, HELD_OUT, listener);
      return new Course(trainer.parameters(), epochs, batches);
    }
  }

  /** In the graph that was run; a GPU would be waited for in the gradient of every sum. */
  @Test
  void noShapeIsComputedInSeveralSteps() {
    Set<String> shapes = Set.of("Shape", "Size", "Range", "DynamicStitch", "BroadcastGradientArgs");
    try (Trainer trainer = new Trainer(config(), CPU, true)) {
      Placement placement = trainer.placement(TRAIN);

      assertEquals(
          Trainer.STEPS_PER_RUN,
          placement.operations().stream()
              .filter(operation -> operation.type().equals("SoftmaxCrossEntropyWithLogits"))
              .count());
      assertEquals(
          List.of(),
          placement.operations().stream()
              .filter(operation -> shapes.contains(operation.type()))
              .toList());
    }
  }

  @Test
  void whatIsNotOnTheDeviceIsBroughtThere() {
    ImageDataset other = Pictures.bars(37, 5);
    try (Trainer fed = new Trainer(config(), CPU, false);
        Trainer resident = new Trainer(config(), CPU, true)) {
      for (ImageDataset pictures : List.of(HELD_OUT, other, other.first(9), HELD_OUT)) {
        assertEquals(fed.evaluate(pictures), resident.evaluate(pictures));
      }
    }
  }

  @Test
  void saysWhichOfSeveralStepsDiverged() {
    LeNetConfig relu =
        new LeNetConfig(
            28, 28, 5, List.of(6, 16), Pooling.AVG, List.of(120, 84), Activation.RELU, 10);
    TrainingConfig config = new TrainingConfig(relu, 1, BATCH_SIZE, 1e30, 1, 1);
    List<String> messages = new ArrayList<>();
    for (boolean resident : new boolean[] {false, true}) {
      try (Trainer trainer = new Trainer(config, CPU, resident)) {
        messages.add(
            assertThrows(
                    DivergedException.class,
                    () -> trainer.fit(TRAIN, HELD_OUT, new TrainingListener() {}))
                .getMessage());
      }
    }
    assertEquals(messages.get(0), messages.get(1));
  }

  @Test
  void stopsAfterTheRunThatItIsAt() throws Exception {
    try (Trainer trainer = new Trainer(config(), CPU, true)) {
      List<Integer> batches = new ArrayList<>();
      List<EpochResult> results =
          trainer.fit(
              TRAIN,
              HELD_OUT,
              new TrainingListener() {
                @Override
                public void onBatch(BatchProgress progress) {
                  batches.add(progress.batch());
                  if (progress.batch() == 2) {
                    trainer.stop();
                  }
                }
              });
      assertEquals(List.of(), results);
      assertEquals(Trainer.STEPS_PER_RUN, batches.size());
      assertEquals(Trainer.STEPS_PER_RUN, trainer.steps());
    }
  }
}
