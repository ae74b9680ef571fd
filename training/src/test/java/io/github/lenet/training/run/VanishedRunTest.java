package io.github.lenet.training.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.data.DatasetSplits;
import io.github.lenet.model.Activation;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.LeNetModel;
import io.github.lenet.model.internal.AtomicFile;
import io.github.lenet.training.BatchProgress;
import io.github.lenet.training.EpochResult;
import io.github.lenet.training.Images;
import io.github.lenet.training.TrainingConfig;
import io.github.lenet.training.TrainingConfigs;
import io.github.lenet.training.TrainingListener;
import io.github.lenet.training.device.DeviceSelection;
import io.github.lenet.training.internal.comparison.RecordedRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Directories that somebody removes while they are worked in, which Windows does not allow. */
@DisabledOnOs(OS.WINDOWS)
class VanishedRunTest {

  private static final int EPOCHS = 3;
  private static final DatasetSplits DATA = Images.splits(Images.bars(200, 1), Images.bars(60, 2));
  private static final TrainingConfig CONFIG =
      TrainingConfigs.of(
          LeNetConfig.builder()
              .kernelSize(3)
              .channels(2, 3)
              .denseUnits(12)
              .activation(Activation.TANH)
              .build(),
          EPOCHS,
          32,
          0.05,
          1,
          2);

  @TempDir Path directory;

  /** Batch 0 is the end of an epoch, once its files are written. */
  @ParameterizedTest
  @CsvSource({"1, 1", "1, 7", "2, 4", "2, 0", "3, 0"})
  void trainingEndsAndMakesNoneAnew(int epoch, int batch) throws Exception {
    Path run = directory.resolve("run");

    IOException e = assertThrows(IOException.class, () -> train(run, epoch, batch, run, () -> {}));

    assertEquals(
        run
            + ": was removed or replaced while the run was writing to it."
            + " Train again, in another directory",
        e.getMessage());
    assertFalse(Files.exists(run));
  }

  @Test
  void theRunThatHasTakenItsPlaceIsLeftAlone() throws Exception {
    Path run = directory.resolve("run");

    assertThrows(
        IOException.class,
        () ->
            train(
                run, 1, 3, run, () -> train(run, EPOCHS, 1, directory.resolve("none"), () -> {})));

    assertEquals(EPOCHS, RecordedRun.read(run).epochs().size());
    LeNetModel.load(run);
    assertEquals(List.of(), ResumePoint.of(run).corrupt());
  }

  @Test
  void checkpointsThatSomebodyRemovedAreFollowedByWholeOnes() throws Exception {
    Path run = directory.resolve("run");

    train(run, 2, 3, run.resolve("checkpoints"), () -> {});

    LeNetModel.load(run);
    assertEquals(EPOCHS, ResumePoint.of(run).history().epochs().size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "saved_model.pb", "variables/variables.index", "assets.extra/SHA256SUMS"})
  void anExportPublishesNothingThatIsNotWhole(String sign) throws Exception {
    Path run = directory.resolve("run");
    train(run, EPOCHS, 1, directory.resolve("none"), () -> {});
    Path models = directory.resolve("models");
    AtomicBoolean over = new AtomicBoolean();
    Thread remover = new Thread(() -> removeWhenThereIs(sign, models, over));
    remover.start();
    try {
      Path version = LeNetModel.load(run).publish(models);
      LeNetModel.load(version); // begun anew after all was gone
    } catch (IOException e) {
      assertTrue(e.getMessage().contains(models.toString()), e.getMessage());
      assertFalse(Files.exists(models.resolve("1")));
    } finally {
      over.set(true);
      remover.join();
    }
  }

  /** Removes the directory as soon as an export has come so far. */
  private static void removeWhenThereIs(String sign, Path models, AtomicBoolean over) {
    while (!over.get()) {
      try (Stream<Path> entries = Files.list(models)) {
        if (entries.anyMatch(entry -> Files.exists(entry.resolve(sign)))) {
          AtomicFile.delete(models);
          return;
        }
      } catch (IOException | UncheckedIOException e) {
        // It is not there yet, or changes meanwhile: once more.
      }
    }
  }

  /** Something that can't go well. */
  private interface Action {
    void run() throws IOException;
  }

  /** Trains, removes a directory when it gets there, and does something else. */
  private static void train(Path run, int epoch, int batch, Path removed, Action then)
      throws IOException {
    TrainingListener remover =
        new TrainingListener() {
          @Override
          public void onBatch(BatchProgress progress) throws IOException {
            if (progress.epoch() == epoch && progress.batch() == batch) {
              AtomicFile.delete(removed);
              then.run();
            }
          }

          @Override
          public void onEpoch(EpochResult result) throws IOException {
            if (result.epoch() == epoch && batch == 0) {
              AtomicFile.delete(removed);
            }
          }
        };
    TrainingRun.in(run).execute(DATA, CONFIG, DeviceSelection.cpu("test"), remover);
  }
}
