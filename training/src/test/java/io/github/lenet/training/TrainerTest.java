package io.github.lenet.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.Activation;
import io.github.lenet.model.ImagePreprocessor;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.OwnGraphs;
import io.github.lenet.model.Polarity;
import io.github.lenet.model.Pooling;
import io.github.lenet.training.device.DeviceSelection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.types.TFloat32;

@ExtendWith(OwnGraphs.class)
class TrainerTest {

  private static final DeviceSelection CPU = DeviceSelection.cpu("test");
  private static final TrainingListener NOBODY = new TrainingListener() {};

  @Test
  void learnsWhatIsEasyAndTellsHow() throws Exception {
    List<String> told = new ArrayList<>();
    TrainingConfig config = config(Activation.TANH, 3, 64, 0.2, 5);
    try (Trainer trainer = new Trainer(config, CPU)) {
      List<EpochResult> results =
          trainer.fit(
              Images.bars(1000, 1),
              Images.bars(333, 2),
              new TrainingListener() {
                @Override
                public void onBatch(BatchProgress progress) {
                  told.add("batch " + progress.batch() + "/" + progress.batches());
                }

                @Override
                public void onEpoch(EpochResult result) {
                  told.add("epoch " + result.epoch());
                }
              });

      assertEquals(List.of(1, 2, 3), results.stream().map(EpochResult::epoch).toList());
      assertEquals(3 * (16 + 1), told.size()); // 1000 images are 15 batches of 64 and one of 40
      assertEquals("batch 16/16", told.get(15));
      assertEquals("epoch 1", told.get(16));
      EpochResult last = results.get(2);
      assertEquals(1000, last.train().total());
      assertEquals(333, last.validation().total());
      assertTrue(last.train().meanLoss() < results.get(0).train().meanLoss());
      assertTrue(last.validation().accuracy() > 0.95, last.toString());
      assertTrue(last.time().compareTo(last.trainingTime()) > 0);
    }
  }

  @Test
  void overfitsSixtyFourImagesOfNoise() throws Exception {
    ImageDataset images = Images.noise(64, 4);
    try (Trainer trainer = new Trainer(config(Activation.TANH, 60, 16, 0.1, 1), CPU)) {
      List<EpochResult> results = trainer.fit(images, images, NOBODY);

      EpochResult last = results.get(results.size() - 1);
      assertEquals(64, last.validation().correct(), last.toString());
      assertTrue(last.validation().meanLoss() < 0.1, last.toString());
    }
  }

  @Test
  void theModelHasThePolarityOfItsTrainingImages() throws Exception {
    ImageDataset bars = Images.bars(64, 4);
    byte[] inverted = new byte[64 * 28 * 28];
    byte[] labels = new byte[64];
    for (int i = 0; i < 64; i++) {
      byte[] image = bars.image(i);
      for (int p = 0; p < image.length; p++) {
        inverted[i * image.length + p] = (byte) (255 - Byte.toUnsignedInt(image[p]));
      }
      labels[i] = (byte) bars.label(i);
    }
    ImageDataset dark = ImageDataset.of(28, 28, inverted, labels, bars.classNames());
    TrainingConfig auto = config(Activation.TANH, 1, 64, 0.1, 1);
    TrainingConfig told =
        auto.toBuilder()
            .preprocessor(ImagePreprocessor.DEFAULT.withPolarity(Polarity.DARK_ON_LIGHT))
            .build();

    assertEquals(Polarity.LIGHT_ON_DARK, polarityAfter(auto, bars));
    assertEquals(Polarity.DARK_ON_LIGHT, polarityAfter(auto, dark));
    assertEquals(Polarity.DARK_ON_LIGHT, polarityAfter(told, bars));
  }

  private static Polarity polarityAfter(TrainingConfig config, ImageDataset images)
      throws Exception {
    try (Trainer trainer = new Trainer(config, CPU)) {
      trainer.fit(images, images, NOBODY);
      return trainer.model(images.classNames()).preprocessor().polarity();
    }
  }

  static Stream<LeNetConfig> architectures() {
    return Stream.of(
        LeNetConfig.classic(),
        LeNetConfig.builder().pooling(Pooling.MAX).activation(Activation.RELU).build(),
        LeNetConfig.builder()
            .kernelSize(3)
            .channels(4, 8, 12)
            .denseUnits(30)
            .activation(Activation.TANH)
            .build());
  }

  /**
   * A step moves each parameter by -learning rate × gradient. Along that direction the loss must
   * change by the gradient's length: measured by a central difference, layer by layer. A gradient
   * with one wrong component is shorter or longer than the logitsGradient along it.
   */
  @ParameterizedTest
  @MethodSource("architectures")
  void everyLayersGradientIsTheSlopeOfTheLoss(LeNetConfig model) throws Exception {
    ImageDataset images = Images.bars(64, 6);
    TrainingConfig config = TrainingConfigs.of(model, 1, 64, 0.5, 2, 2);
    assertEquals(2, config.replicas());
    Map<String, float[]> before;
    Map<String, float[]> after;
    try (Trainer trainer = new Trainer(config, CPU)) {
      before = parameters(trainer);
      trainer.fit(images, images, NOBODY);
      after = parameters(trainer);
    }
    try (Trainer trainer = new Trainer(config, CPU)) {
      for (String name : before.keySet()) {
        float[] start = before.get(name);
        double[] gradient = new double[start.length];
        double squares = 0;
        for (int i = 0; i < start.length; i++) {
          gradient[i] = (start[i] - after.get(name)[i]) / 0.5;
          squares += gradient[i] * gradient[i];
        }
        double length = Math.sqrt(squares);
        // Far enough for a float to show the change, near enough to be straight.
        double distance = Math.min(0.001 / length, 0.3);
        double logitsGradient =
            (lossAt(trainer, images, name, start, gradient, distance / length)
                    - lossAt(trainer, images, name, start, gradient, -distance / length))
                / (2 * distance);
        trainer.graph().assign(Map.of(name, start));
        // ReLU and max-pooling have kinks on the way, where the logitsGradient of the loss jumps.
        double tolerance = model.activation() == Activation.RELU ? 0.05 : 0.02;
        assertEquals(length, logitsGradient, tolerance * length + 2e-5, name);
      }
    }
  }

  private static double lossAt(
      Trainer trainer,
      ImageDataset images,
      String name,
      float[] start,
      double[] direction,
      double factor) {
    float[] moved = new float[start.length];
    for (int i = 0; i < start.length; i++) {
      moved[i] = (float) (start[i] + factor * direction[i]);
    }
    trainer.graph().assign(Map.of(name, moved));
    return trainer.evaluate(images).meanLoss();
  }

  /** An update that starts before every gradient is computed shows as differing weights. */
  @Test
  void runsFromOneSeedGiveEqualWeights() throws Exception {
    assertEqualWeights(3);
  }

  @Test
  @Tag("slow")
  void twentyRunsFromOneSeedGiveEqualWeights() throws Exception {
    assertEqualWeights(20);
  }

  private static void assertEqualWeights(int runs) throws Exception {
    Map<String, float[]> first = train(1);
    for (int run = 2; run <= runs; run++) {
      Map<String, float[]> weights = train(1);
      first.forEach((name, values) -> assertArrayEquals(values, weights.get(name), name));
    }
    assertFalse(Arrays.equals(first.get("conv2/kernel"), train(2).get("conv2/kernel")));
  }

  /** However many work on a batch, it is one step; the last batch has one image for four. */
  @Test
  void replicasTakeTheSameStepsAsOneNetwork() throws Exception {
    List<EpochResult> alone = fitWith(1);
    for (int threads = 2; threads <= 4; threads++) {
      List<EpochResult> together = fitWith(threads);
      for (int epoch = 0; epoch < 3; epoch++) {
        assertEquals(
            alone.get(epoch).train().meanLoss(), together.get(epoch).train().meanLoss(), 1e-4);
        assertEquals(
            alone.get(epoch).validation().meanLoss(),
            together.get(epoch).validation().meanLoss(),
            1e-4);
        assertEquals(257, together.get(epoch).train().total());
      }
    }
  }

  private static List<EpochResult> fitWith(int threads) throws Exception {
    TrainingConfig config = TrainingConfigs.of(LeNetConfig.classic(), 3, 128, 0.5, 1, threads);
    assertEquals(threads, config.replicas());
    try (Trainer trainer = new Trainer(config, CPU)) {
      return trainer.fit(Images.bars(257, 3), Images.bars(101, 4), NOBODY);
    }
  }

  private static Map<String, float[]> train(long seed) throws Exception {
    TrainingConfig config = TrainingConfigs.of(LeNetConfig.classic(), 1, 64, 0.9, seed, 2);
    try (Trainer trainer = new Trainer(config, CPU)) {
      trainer.fit(Images.bars(300, 8), Images.bars(10, 9), NOBODY);
      return parameters(trainer);
    }
  }

  @Test
  void stopsBetweenBatchesAndKeepsWhatIsFinished() throws Exception {
    try (Trainer trainer = new Trainer(config(Activation.SIGMOID, 5, 50, 0.1, 1), CPU)) {
      TrainingListener impatient =
          new TrainingListener() {
            @Override
            public void onBatch(BatchProgress progress) {
              if (progress.epoch() == 2 && progress.batch() == 3) {
                trainer.stop();
              }
            }
          };

      List<EpochResult> results = trainer.fit(Images.bars(400, 1), Images.bars(50, 2), impatient);

      assertEquals(List.of(1), results.stream().map(EpochResult::epoch).toList());
      assertEquals(List.of(), trainer.fit(Images.bars(400, 1), Images.bars(50, 2), NOBODY));
    }
  }

  @Test
  void stopsWithEpochBatchAndLearningRateWhenTheLossIsNotFinite() {
    try (Trainer trainer = new Trainer(config(Activation.RELU, 2, 10, 1e30, 1), CPU)) {
      String message =
          assertThrows(
                  DivergedException.class,
                  () -> trainer.fit(Images.noise(100, 1), Images.noise(10, 2), NOBODY))
              .getMessage();

      assertTrue(message.matches(".*the loss is (NaN|Infinity) in epoch 1, batch \\d+.*"), message);
      assertTrue(message.contains("learning rate 1.0E30"), message);
    }
  }

  /** The first of two steps, with one epoch of warm-up of two, is one with half the rate. */
  @Test
  void stepsTakeTheScheduledLearningRate() throws Exception {
    ImageDataset images = Images.bars(64, 6);
    TrainingConfig whole = config(Activation.TANH, 2, 32, 0.4, 3);
    Map<String, float[]> half = afterOneBatch(config(Activation.TANH, 2, 32, 0.2, 3), images);
    Map<String, float[]> warming =
        afterOneBatch(
            whole.toBuilder().schedule(LearningRateSchedule.CONSTANT).warmupEpochs(1).build(),
            images);
    half.forEach((name, values) -> assertArrayEquals(values, warming.get(name), name));
    assertFalse(
        Arrays.equals(half.get("conv1/kernel"), afterOneBatch(whole, images).get("conv1/kernel")));
  }

  /** With steps of almost 0 nothing changes but the gaps: the loss has them, the test has not. */
  @ParameterizedTest
  @EnumSource
  void dropoutIsForTrainingOnlyAndRepeatable(Pooling pooling) throws Exception {
    LeNetConfig model =
        LeNetConfig.builder().pooling(pooling).denseUnits(84).activation(Activation.TANH).build();
    ImageDataset images = Images.bars(64, 6);
    TrainingConfig whole =
        config(Activation.TANH, 1, 64, 1e-30, 3).toBuilder().architecture(model).build();
    TrainingConfig gaps = whole.toBuilder().dropout(0.5).build();
    EpochResult without = onlyEpoch(whole, images);
    EpochResult with = onlyEpoch(gaps, images);

    assertEquals(without.validation().meanLoss(), with.validation().meanLoss(), 1e-6);
    assertEquals(without.validation().meanLoss(), without.train().meanLoss(), 1e-5);
    assertTrue(
        Math.abs(with.train().meanLoss() - with.validation().meanLoss()) > 1e-3, with.toString());
    TrainingConfig learning =
        config(Activation.TANH, 2, 16, 0.1, 3).toBuilder().architecture(model).dropout(0.5).build();
    assertEquals(
        onlyEpoch(learning, images).validation(), onlyEpoch(learning, images).validation());
  }

  private static EpochResult onlyEpoch(TrainingConfig config, ImageDataset images)
      throws Exception {
    try (Trainer trainer = new Trainer(config, CPU)) {
      return trainer.fit(images, images, NOBODY).get(0);
    }
  }

  private static Map<String, float[]> afterOneBatch(TrainingConfig config, ImageDataset images)
      throws Exception {
    try (Trainer trainer = new Trainer(config, CPU)) {
      trainer.fit(
          images,
          images,
          new TrainingListener() {
            @Override
            public void onBatch(BatchProgress progress) {
              trainer.stop();
            }
          });
      return parameters(trainer);
    }
  }

  @Test
  void whatTheListenerThrowsEndsTheTraining() {
    try (Trainer trainer = new Trainer(config(Activation.SIGMOID, 2, 10, 0.1, 1), CPU)) {
      TrainingListener fullDisk =
          new TrainingListener() {
            @Override
            public void onEpoch(EpochResult result) throws IOException {
              throw new IOException("disk full in epoch " + result.epoch());
            }
          };

      assertEquals(
          "disk full in epoch 1",
          assertThrows(
                  IOException.class,
                  () -> trainer.fit(Images.noise(20, 1), Images.noise(10, 2), fullDisk))
              .getMessage());
    }
  }

  @Test
  void refusesImagesThatDoNotFitTheModel() {
    try (Trainer trainer = new Trainer(TrainingConfig.builder().build(), CPU)) {
      ImageDataset fitting = Images.noise(10, 1);
      assertEquals(
          "validation: images of 20×24 do not fit a model for 28×28",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> trainer.fit(fitting, Images.noise(10, 20, 24, 10, 1), NOBODY))
              .getMessage());
      assertEquals(
          "train: 11 classes do not fit a model for 10",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> trainer.fit(Images.noise(11, 28, 28, 11, 1), fitting, NOBODY))
              .getMessage());
    }
  }

  /** What a batch holds besides images: no parameter of the network may be an optimiser's. */
  @Test
  void theGraphHasNoVariablesButTheNetworks() {
    try (Trainer trainer = new Trainer(TrainingConfig.builder().build(), CPU)) {
      int variables = 0;
      for (var operations = trainer.graph().session().graph().operations();
          operations.hasNext(); ) {
        variables += operations.next().type().startsWith("Var") ? 1 : 0;
      }
      assertEquals(trainer.graph().lenet().parameters().size(), variables);
    }
  }

  private static TrainingConfig config(
      Activation activation, int epochs, int batchSize, double learningRate, long seed) {
    LeNetConfig model = LeNetConfig.builder().activation(activation).build();
    return TrainingConfigs.of(model, epochs, batchSize, learningRate, seed, 2);
  }

  static Map<String, float[]> parameters(Trainer trainer) {
    Map<String, float[]> copies = new LinkedHashMap<>();
    trainer
        .graph()
        .lenet()
        .parameters()
        .forEach(
            (name, variable) -> {
              try (var result = trainer.graph().session().runner().fetch(variable).run()) {
                float[] copy = new float[(int) variable.shape().size()];
                ((TFloat32) result.get(0)).asRawTensor().data().asFloats().read(copy);
                copies.put(name, copy);
              }
            });
    return copies;
  }
}
