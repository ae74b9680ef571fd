package io.github.lenet.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lenet.data.DatasetSplits;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.LeNetClassifier;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.PlainNetwork;
import io.github.lenet.model.RandomArchitectures;
import io.github.lenet.training.device.DeviceSelection;
import io.github.lenet.training.evaluation.ClassificationReport;
import io.github.lenet.training.run.TrainingRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a run of any architecture leaves behind. */
@Tag("slow")
class TrainedArchitecturesTest {

  private static final DeviceSelection CPU = DeviceSelection.cpu("test");

  @TempDir Path directory;

  static Stream<LeNetConfig> architectures() {
    return RandomArchitectures.draw(8, 9);
  }

  private static ImageDataset noise(int count, LeNetConfig model) {
    return Images.noise(
        count, model.imageHeight(), model.imageWidth(), model.classes(), model.toText().hashCode());
  }

  private static TrainingConfig config(LeNetConfig model, int epochs) {
    Random random = new Random(model.toText().hashCode());
    TrainingConfig config =
        TrainingConfigs.of(model, epochs, 1 + random.nextInt(80), 0.01, random.nextLong(), 2)
            .toBuilder()
            .optimizer(Optimizer.momentum(0.01))
            .standardization(new Standardization(0.5, 0.289))
            .build();
    return model.denseUnits().isEmpty() ? config : config.toBuilder().dropout(0.2).build();
  }

  /** The SavedModel, loaded, against the checkpoint's parameters in loops over arrays. */
  @ParameterizedTest
  @MethodSource("architectures")
  void theSavedModelAnswersLikeTheNetworkThatWasTrained(LeNetConfig model) throws Exception {
    ImageDataset test = noise(17, model);
    DatasetSplits data = Images.splits(noise(70, model), test);
    TrainingConfig config = config(model, 1);
    Path run = directory.resolve("run");
    TrainingResult result =
        TrainingRun.in(run).execute(data, config, CPU, new TrainingListener() {});

    try (Trainer trainer = new Trainer(config, CPU);
        LeNetClassifier loaded = LeNetClassifier.load(run.resolve("saved_model/1"))) {
      trainer.graph().restore(run.resolve("checkpoints/epoch-1"), 1);
      PlainNetwork plain = new PlainNetwork(model, TrainerTest.parameters(trainer), 0.5, 0.289);
      List<byte[]> images = IntStream.range(0, test.size()).mapToObj(test::image).toList();
      float[][] found = loaded.probabilities(images);
      for (int i = 0; i < found.length; i++) {
        double[] expected = plain.probabilities(images.get(i));
        for (int c = 0; c < expected.length; c++) {
          assertEquals(expected[c], found[i][c], 1e-5);
        }
      }
      assertEquals(model, loaded.model().architecture());
      assertEquals(
          result.test().orElseThrow().accuracy(), ClassificationReport.of(found, test).accuracy());
    }
  }

  /** Three epochs, and one and then two by another trainer, which knows the first by its files. */
  @ParameterizedTest
  @MethodSource("architectures")
  void goesOnFromItsFilesToTheSameBits(LeNetConfig model) throws Exception {
    ImageDataset train = noise(70, model);
    ImageDataset test = noise(5, model);
    TrainingConfig config = config(model, 3);
    Map<String, float[]> expected;
    List<EpochResult> epochs;
    long[] steps = new long[1];
    try (Trainer trainer = new Trainer(config, CPU)) {
      epochs =
          trainer.fit(
              train,
              test,
              new TrainingListener() {
                @Override
                public void onEpoch(EpochResult result) throws IOException {
                  if (result.epoch() == 1) {
                    trainer.graph().save(Files.createDirectories(directory.resolve("checkpoint")));
                    steps[0] = trainer.graph().steps();
                  }
                }
              });
      expected = trainer.graph().parameters();
    }
    try (Trainer trainer = new Trainer(config, CPU)) {
      trainer.graph().restore(directory.resolve("checkpoint"), steps[0]);
      trainer.fit(train, test, epochs.subList(0, 1), new TrainingListener() {});

      Map<String, float[]> found = trainer.graph().parameters();
      expected.forEach((name, values) -> assertArrayEquals(values, found.get(name), name));
    }
  }
}
