package io.github.lenet.training.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.data.DatasetSplits;
import io.github.lenet.model.Activation;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.LeNetModel;
import io.github.lenet.model.ModelFormatException;
import io.github.lenet.training.BatchProgress;
import io.github.lenet.training.Images;
import io.github.lenet.training.TrainingConfig;
import io.github.lenet.training.TrainingConfigs;
import io.github.lenet.training.TrainingListener;
import io.github.lenet.training.device.DeviceSelection;
import io.github.lenet.training.internal.comparison.RecordedRun;
import io.github.lenet.training.internal.io.RunFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Files of which a bit has changed, or the end is missing, are refused, whichever they are. */
class CorruptRunTest {

  private static final int FLIPS = 200;
  private static final int TRUNCATIONS = 50;

  private static final LeNetConfig MODEL =
      LeNetConfig.builder().denseUnits().activation(Activation.RELU).build();
  private static final DatasetSplits DATA = Images.splits(Images.bars(100, 1), Images.bars(50, 2));
  private static final DeviceSelection CPU = DeviceSelection.cpu("test");

  @TempDir static Path shared;
  private static Path trained;

  @TempDir private Path directory;

  @BeforeAll
  static void train() throws Exception {
    trained = train(shared.resolve("run"), 2);
  }

  private static Path train(Path run, int epochs) throws IOException {
    TrainingConfig config =
        TrainingConfigs.of(MODEL, epochs, 50, 0.1, 1, 1).toBuilder()
            .validationSplit(0.2)
            .patience(0)
            .build();
    RunDirectory made = RunDirectory.open(run, false);
    return new TrainingRun(made)
        .execute(
            DATA.withValidation(config.validationSplit()), config, CPU, new TrainingListener() {})
        .directory();
  }

  @Test
  void noFileOfASavedModelMayChange() throws Exception {
    Path run = copyOfTheRun();
    Path model = run.resolve("saved_model/1");
    Path models = directory.resolve("models");
    List<Path> files = files(model);
    assertEquals(5, files.size(), files.toString());
    for (Path file : files) {
      damageAndRepair(
          file,
          how -> {
            String message =
                assertThrows(ModelFormatException.class, () -> LeNetModel.load(run), how)
                    .getMessage();
            assertNames(file, message, how);
          });
      Executable publish = () -> LeNetModel.load(run).publish(models);
      byte[] whole = Files.readAllBytes(file);
      whole[whole.length / 2] ^= 1;
      Files.write(file, whole);
      assertNames(file, assertThrows(ModelFormatException.class, publish).getMessage(), "");
      assertTrue(Files.notExists(models));
      whole[whole.length / 2] ^= 1;
      Files.write(file, whole);
    }
    LeNetModel.load(run);
  }

  @Test
  void theConfigurationOfARunMayNotChange() throws Exception {
    Path run = copyOfTheRun();
    damageAndRepair(
        run.resolve("config.json"),
        how -> {
          String message =
              assertThrows(RunFormatException.class, () -> RunDirectory.reopen(run), how)
                  .getMessage();
          assertTrue(message.startsWith(run.resolve("config.json").toString()), message);
          assertThrows(RunFormatException.class, () -> ConsoleTraining.of(run), how);
        });
    RunDirectory.reopen(run).close();
  }

  private interface Check {
    void check(String how) throws Exception;
  }

  private static void damageAndRepair(Path file, Check check) throws Exception {
    byte[] whole = Files.readAllBytes(file);
    Random random = new Random(file.getFileName().toString().hashCode());
    for (int i = 0; i < FLIPS; i++) {
      int bit = random.nextInt(8 * whole.length);
      byte[] flipped = whole.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(file, flipped);
      check.check("%s: bit %s of byte %s".formatted(file, bit % 8, bit / 8));
    }
    for (int i = 0; i < TRUNCATIONS; i++) {
      int length = i == 0 ? whole.length - 1 : random.nextInt(whole.length);
      Files.write(file, Arrays.copyOf(whole, length));
      check.check("%s: only %s bytes".formatted(file, length));
    }
    Files.write(file, whole);
  }

  /** Which of the two it is, the file or the sums, cannot be told; both are named. */
  private static void assertNames(Path file, String message, String how) {
    String name = file.getFileName().toString();
    assertTrue(message.contains("SHA256SUMS") && message.contains(name), how + ": " + message);
  }

  @Test
  void aFileThatIsMissingOrOneTooManyIsNoticed() throws Exception {
    Path run = copyOfTheRun();
    Path card = run.resolve("saved_model/1/assets.extra/model-card.md");
    Path second = card.resolveSibling("second");
    Executable load = () -> LeNetModel.load(run);
    Files.move(card, second);
    assertThrows(ModelFormatException.class, load);
    Files.copy(second, card);
    String message = assertThrows(ModelFormatException.class, load).getMessage();
    assertTrue(
        message.contains("expected a checksum of [assets.extra/second], found none"), message);

    // What a file manager or a copying program leaves is not the model's.
    Files.move(second, card.resolveSibling(".DS_Store"));
    LeNetModel.load(run);
  }

  @Test
  void linksAreFollowed() throws Exception {
    Path model = copyOfTheRun().resolve("saved_model/1");
    Path link = Files.createSymbolicLink(directory.resolve("link"), model);

    LeNetModel.load(link);
    Files.delete(model.resolve("assets.extra/model-card.md"));
    assertThrows(ModelFormatException.class, () -> LeNetModel.load(link));
  }

  @Test
  void aSavedModelWithoutSumsIsLoadedAsItIs() throws Exception {
    Path run = copyOfTheRun();
    Files.delete(run.resolve("saved_model/1/assets.extra/SHA256SUMS"));

    LeNetModel.load(run);
  }

  /** A process that is killed between a checkpoint and the metrics leaves older ones. */
  @Test
  void aRunThatGoesOnBringsItsMetricsUpToDate() throws Exception {
    Path run = copyOfTheRun();
    Path csv = run.resolve("metrics.csv");
    List<String> lines = Files.readAllLines(csv);
    Files.write(csv, lines.subList(0, lines.size() - 1));
    assertEquals(1, RecordedRun.read(run).epochs().size());
    RunConfig config = ResumePoint.of(run).config();
    TrainingListener noBatch =
        new TrainingListener() {
          @Override
          public void onBatch(BatchProgress progress) {
            throw new AssertionError("all epochs are done");
          }
        };

    new TrainingRun(RunDirectory.reopen(run))
        .execute(
            DATA.withValidation(config.training().validationSplit()),
            config.training(),
            CPU,
            noBatch);

    assertEquals(lines, Files.readAllLines(csv));
  }

  @Test
  void aRunThatIsGoingOnCanBeRead() throws Exception {
    int many = 20;
    Path run = directory.resolve("going-on");
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      Future<Path> training = thread.submit(() -> train(run, many));
      int read = 0;
      int epochs = 0;
      while (!training.isDone()) {
        if (Files.exists(run.resolve("config.json"))) {
          RecordedRun recorded = RecordedRun.read(run);
          assertFalse(recorded.epochs().size() < epochs);
          epochs = recorded.epochs().size();
          read++;
        }
      }
      training.get();
      assertTrue(read > 100, "read only " + read + " times");
      assertEquals(many, RecordedRun.read(run).epochs().size());
    } finally {
      thread.shutdown();
    }
  }

  private Path copyOfTheRun() throws IOException {
    Path copy = directory.resolve("copy");
    for (Path file : files(trained)) {
      Path to = copy.resolve(trained.relativize(file).toString());
      Files.createDirectories(to.getParent());
      Files.copy(file, to);
    }
    return copy;
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }
}
