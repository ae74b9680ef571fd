package io.github.lenet.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.Activation;
import io.github.lenet.model.LeNetClassifier;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.LeNetModel;
import io.github.lenet.model.OwnGraphs;
import io.github.lenet.model.Pooling;
import io.github.lenet.training.device.DeviceSelection;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Layers that are frozen, and trainings that start from a model. */
@ExtendWith(OwnGraphs.class)
class FineTuningTest {

  private static final DeviceSelection CPU = DeviceSelection.cpu("test");
  private static final LeNetConfig TANH =
      LeNetConfig.builder().activation(Activation.TANH).denseUnits(84).build();
  private static final ImageDataset TRAIN = Images.bars(200, 1);
  private static final ImageDataset TEST = Images.bars(100, 2);
  private static final List<String> CONVOLUTIONS = List.of("conv1", "conv2");

  private static TrainingConfig config(int threads) {
    return TrainingConfigs.of(TANH, 1, 64, 0.05, 1, threads);
  }

  static Stream<TrainingConfig> trainings() {
    return IntStream.of(1, 2)
        .mapToObj(FineTuningTest::config)
        .flatMap(
            config ->
                Stream.concat(
                    Optimizers.ofEachKind(0.05, 0.003).stream()
                        .map(
                            optimizer ->
                                config.toBuilder().optimizer(optimizer).weightDecay(0.1).build()),
                    Stream.of(config, config.toBuilder().dropout(0.5).build())))
        .flatMap(
            config ->
                Stream.of(CONVOLUTIONS, List.of("conv2"), List.of("conv1", "dense1", "logits"))
                    .map(frozen -> config.toBuilder().frozen(frozen).build()));
  }

  @ParameterizedTest
  @MethodSource("trainings")
  void frozenLayersStayTheSameBitForBitAndTheOthersChange(TrainingConfig config) {
    try (Trainer trainer = new Trainer(config, CPU)) {
      Map<String, float[]> before = TrainerTest.parameters(trainer);
      trainer.fit(TRAIN, TEST);
      Map<String, float[]> after = TrainerTest.parameters(trainer);

      before.forEach(
          (name, values) ->
              assertEquals(
                  config.frozen().contains(name.split("/")[0]),
                  Arrays.equals(values, after.get(name)),
                  name));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void theOtherLayersHaveTheGradientsOfTheWholeNetwork(int threads) {
    TrainingConfig config = config(threads).toBuilder().batchSize(200).build(); // one step
    TrainingConfig frozen = config.toBuilder().frozen(List.of("conv1", "dense1")).build();
    Map<String, float[]> expected = trained(config);
    Map<String, float[]> found = trained(frozen);

    for (String name : List.of("conv2/kernel", "conv2/bias", "logits/kernel", "logits/bias")) {
      assertArrayEquals(expected.get(name), found.get(name), 1e-6f, name);
    }
  }

  private static Map<String, float[]> trained(TrainingConfig config) {
    try (Trainer trainer = new Trainer(config, CPU)) {
      trainer.fit(TRAIN, TEST);
      return TrainerTest.parameters(trainer);
    }
  }

  static Stream<LeNetConfig> architectures() {
    return Stream.of(
        TANH, // in blocks
        TANH.toBuilder().channels(12, 20).build(),
        TANH.toBuilder().channels(12, 20).pooling(Pooling.MAX).build());
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void theGraphHasNoGradientOfAFrozenConvolution(LeNetConfig architecture) {
    TrainingConfig config = config(2).toBuilder().architecture(architecture).build();
    Set<String> whole = operations(config);
    Set<String> part = operations(config.toBuilder().frozen(CONVOLUTIONS).build());

    assertTrue(whole.contains("Conv2DBackpropFilter"), whole::toString);
    assertTrue(whole.contains("TanhGrad"), whole::toString);
    assertFalse(part.contains("Conv2DBackpropFilter"), part::toString);
    assertFalse(part.contains("Conv2DBackpropInput"), part::toString);
    assertTrue(part.contains("TanhGrad"), part::toString);
  }

  private static Set<String> operations(TrainingConfig config) {
    Set<String> types = new TreeSet<>();
    try (Trainer trainer = new Trainer(config, CPU)) {
      trainer.graph().session().graph().operations().forEachRemaining(op -> types.add(op.type()));
    }
    return types;
  }

  @Test
  void aTrainingGoesOnFromAModel() {
    LeNetModel model = model(config(2));
    try (Trainer trainer = new Trainer(config(1).toBuilder().seed(9).build(), CPU)) {
      Metrics initial = trainer.evaluate(TEST);

      assertTrue(trainer.startFrom(model));

      assertGoesOn(model, trainer);
      assertTrue(trainer.evaluate(TEST).meanLoss() < initial.meanLoss(), initial.toString());
      Map<String, float[]> found = trainer.model(TEST.classNames()).parameters();
      model
          .parameters()
          .forEach((name, values) -> assertArrayEquals(values, found.get(name), name));
    }
  }

  /** The graph's parameters are for standardized pixels, the model's for original ones. */
  @Test
  void aTrainingWithStandardizationGoesOnFromAModelForOriginalPixels() {
    LeNetModel model = model(config(2));
    TrainingConfig config =
        config(2).toBuilder()
            .standardization(Standardization.of(TRAIN))
            .frozen(List.of("conv2"))
            .build();
    try (Trainer trainer = new Trainer(config, CPU)) {
      trainer.startFrom(model);

      assertGoesOn(model, trainer);
      Map<String, float[]> found = trainer.model(TEST.classNames()).parameters();
      model
          .parameters()
          .forEach((name, values) -> assertArrayEquals(values, found.get(name), 1e-5f, name));
      assertArrayEquals(model.parameters().get("conv2/kernel"), found.get("conv2/kernel"));
    }
  }

  private static LeNetModel model(TrainingConfig config) {
    try (Trainer trainer = new Trainer(config.toBuilder().epochs(3).build(), CPU)) {
      trainer.fit(TRAIN, TEST);
      return trainer.model(TRAIN.classNames());
    }
  }

  private static void assertGoesOn(LeNetModel model, Trainer trainer) {
    double loss = 0;
    int correct = 0;
    try (LeNetClassifier classifier = model.classifier()) {
      float[][] probabilities =
          classifier.probabilities(IntStream.range(0, TEST.size()).mapToObj(TEST::image).toList());
      for (int i = 0; i < TEST.size(); i++) {
        float expected = probabilities[i][TEST.label(i)];
        loss -= Math.log(expected) / TEST.size();
        boolean isLargest = true;
        for (float probability : probabilities[i]) {
          isLargest &= probability <= expected;
        }
        correct += isLargest ? 1 : 0;
      }
    }
    Metrics found = trainer.evaluate(TEST);
    assertEquals(loss, found.meanLoss(), 1e-5);
    assertEquals(correct, found.correct());
  }

  @Test
  void anotherNumberOfClassesGetsANewLastLayer() {
    LeNetModel model = model(config(2));
    LeNetConfig twelve = TANH.toBuilder().classes(12).build();
    TrainingConfig config = config(2).toBuilder().architecture(twelve).build();
    try (Trainer trainer = new Trainer(config, CPU)) {
      Map<String, float[]> drawn = TrainerTest.parameters(trainer);

      assertFalse(trainer.startFrom(model));

      TrainerTest.parameters(trainer)
          .forEach(
              (name, values) ->
                  assertArrayEquals(
                      name.startsWith("logits/") ? drawn.get(name) : model.parameters().get(name),
                      values,
                      name));
      trainer.fit(TRAIN, TEST); // ten of the twelve classes
    }
    try (Trainer trainer =
        new Trainer(config.toBuilder().frozen(List.of("conv1", "logits")).build(), CPU)) {
      assertEquals(
          "frozen (conv1, logits) must not contain logits, which is new: expected a model of 12"
              + " classes, found 10",
          assertThrows(IllegalArgumentException.class, () -> trainer.startFrom(model))
              .getMessage());
    }
  }

  @Test
  void anotherArchitectureIsRefusedWithEveryDifference() throws Exception {
    LeNetConfig other =
        LeNetConfig.builder()
            .imageSize(28, 32)
            .channels(6, 12)
            .activation(Activation.RELU)
            .classes(3)
            .build();
    TrainingConfig config = config(2).toBuilder().architecture(other).build();
    try (Trainer trainer = new Trainer(config, CPU)) {
      assertEquals(
          "the model's architecture differs: expected image_width=32, found image_width=28;"
              + " expected channels=6,12, found channels=6,16;"
              + " expected activation=relu, found activation=sigmoid",
          assertThrows(
                  IllegalArgumentException.class, () -> trainer.startFrom(LeNetModel.pretrained()))
              .getMessage());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "conv3 | frozen (conv3) must be a layer with parameters: conv1, conv2, dense1, logits",
        "pool1 | frozen (pool1) must be a layer with parameters: conv1, conv2, dense1, logits",
        "conv1,conv2,dense1,logits | frozen (conv1, conv2, dense1, logits) must leave a layer to"
            + " train",
      })
  void frozenLayersAreChecked(String names, String message) {
    assertEquals(message, refused(Optional.empty(), List.of(names.split(","))));
  }

  @Test
  void conv1CannotBeFrozenWithStandardization() {
    assertEquals(
        "frozen (conv2, conv1) must not contain conv1 with standardization, which is folded into"
            + " conv1",
        refused(Optional.of(new Standardization(0.3, 0.3)), List.of("conv2", "conv1")));
  }

  private static String refused(Optional<Standardization> standardization, List<String> names) {
    TrainingConfig.Builder builder = config(2).toBuilder().frozen(names);
    standardization.ifPresent(builder::standardization);
    return assertThrows(IllegalArgumentException.class, builder::build).getMessage();
  }
}
