package io.github.lenet.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lenet.data.Augmentation;
import io.github.lenet.data.DatasetSplits;
import io.github.lenet.data.FashionMnist;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.Activation;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.Pooling;
import io.github.lenet.training.device.DeviceSelection;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The graph that a GPU gets, on the CPU, where TensorFlow computes what is for a device that is not
 * there: layer by layer, and another formula for the loss.
 */
@Tag("slow")
class GpuTrainingTest {

  private static final DeviceSelection CPU = DeviceSelection.cpu("test");
  private static final DeviceSelection GPU =
      new DeviceSelection("/device:GPU:0", "test", Optional.empty());
  private static final int BATCH_SIZE = 8;

  /** Whole batches and a ragged one. */
  private static final ImageDataset TRAIN = Images.bars(23 * BATCH_SIZE + 5, 1);

  private static final ImageDataset VALIDATION = Images.bars(601, 2);

  /** What was learned, and what the listener was told on the way. */
  private record Course(
      Map<String, float[]> parameters, List<EpochResult> epochs, List<BatchProgress> batches) {}

  private static TrainingConfig config() {
    return TrainingConfigs.of(LeNetConfig.classic(), 2, BATCH_SIZE, 0.05, 3, 1);
  }

  static Stream<TrainingConfig> configs() {
    return Stream.concat(
        Optimizers.ofEachKind(0.05, 0.05).stream()
            .map(optimizer -> config().toBuilder().optimizer(optimizer).build()),
        Stream.of(
            config().toBuilder()
                .architecture(
                    LeNetConfig.builder()
                        .kernelSize(3)
                        .channels(6, 9)
                        .pooling(Pooling.MAX)
                        .denseUnits(20)
                        .activation(Activation.RELU)
                        .build())
                .build(),
            config().toBuilder().augmentation(Augmentation.fromText("shift")).build(),
            config().toBuilder()
                .schedule(LearningRateSchedule.COSINE)
                .warmupEpochs(1)
                .weightDecay(0.01)
                .dropout(0.3)
                .standardization(Standardization.of(TRAIN))
                .build()));
  }

  /**
   * A step that read a parameter too early or too late moves it by a hundredth, rounding by a
   * millionth.
   */
  @ParameterizedTest
  @MethodSource("configs")
  void learnsWhatACpuLearns(TrainingConfig config) throws Exception {
    assertSame(train(config, CPU), train(config, GPU));
  }

  /** Losses of the CPU's, but for rounding, which ten epochs might make more of. */
  @Test
  @Tag("dataset")
  void learnsWhatACpuLearnsInTenEpochsOfFashionMnist() throws Exception {
    DatasetSplits data =
        FashionMnist.load(Path.of(System.getProperty("lenet.test.data"), "fashion-mnist"));
    List<List<EpochResult>> results = new ArrayList<>();
    for (DeviceSelection device : List.of(CPU, GPU)) {
      try (Trainer trainer = new Trainer(TrainingConfig.builder().build(), device)) {
        results.add(trainer.fit(data.train(), data.test(), new TrainingListener() {}));
      }
    }
    for (int i = 0; i < 10; i++) {
      EpochResult cpu = results.get(0).get(i);
      EpochResult gpu = results.get(1).get(i);
      assertEquals(cpu.train().meanLoss(), gpu.train().meanLoss(), 1e-4);
      assertEquals(cpu.validation().meanLoss(), gpu.validation().meanLoss(), 1e-4);
      assertEquals(cpu.train().accuracy(), gpu.train().accuracy(), 5e-4);
      assertEquals(cpu.validation().accuracy(), gpu.validation().accuracy(), 5e-4);
    }
  }

  private static void assertSame(Course one, Course other) {
    assertEquals(one.batches().size(), other.batches().size());
    for (int i = 0; i < one.batches().size(); i++) {
      assertEquals(one.batches().get(i).batch(), other.batches().get(i).batch());
      assertSame(one.batches().get(i).train(), other.batches().get(i).train());
    }
    assertEquals(one.epochs().size(), other.epochs().size());
    for (int i = 0; i < one.epochs().size(); i++) {
      assertSame(one.epochs().get(i).validation(), other.epochs().get(i).validation());
    }
    one.parameters()
        .forEach(
            (name, values) -> assertArrayEquals(values, other.parameters().get(name), 1e-4f, name));
  }

  private static void assertSame(Metrics one, Metrics other) {
    assertEquals(one.total(), other.total());
    assertEquals(one.correct(), other.correct());
    assertEquals(one.meanLoss(), other.meanLoss(), 1e-5);
  }

  private static Course train(TrainingConfig config, DeviceSelection device) throws Exception {
    assertEquals(1, config.replicas());
    List<BatchProgress> batches = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onBatch(BatchProgress progress) {
            batches.add(progress);
          }
        };
    try (Trainer trainer = new Trainer(config, device)) {
      List<EpochResult> epochs = trainer.fit(TRAIN, VALIDATION, listener);
      return new Course(trainer.graph().parameters(), epochs, batches);
    }
  }

  @Test
  void saysWhichStepDiverged() {
    LeNetConfig relu = LeNetConfig.builder().activation(Activation.RELU).build();
    TrainingConfig config = TrainingConfigs.of(relu, 1, BATCH_SIZE, 1e30, 1, 1);
    List<String> messages = new ArrayList<>();
    for (DeviceSelection device : List.of(CPU, GPU)) {
      try (Trainer trainer = new Trainer(config, device)) {
        messages.add(
            assertThrows(
                    DivergedException.class,
                    () -> trainer.fit(TRAIN, VALIDATION, new TrainingListener() {}))
                .getMessage());
      }
    }
    assertEquals(messages.get(0), messages.get(1));
  }
}
