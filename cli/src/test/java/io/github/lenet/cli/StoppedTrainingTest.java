package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Signals are Unix's. */
@DisabledOnOs(OS.WINDOWS)
final class StoppedTrainingTest {

  private static final long PATIENCE_SECONDS = 60;

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143"})
  void leavesAWholeRunBehindWhenItIsToldToEnd(String signal, int status) throws Exception {
    ChildJvm child = new ChildJvm(directory);
    Process process =
        child.start("train", "--dataset", "sample", "--epochs", "1000", "--output", "run");
    awaitFirstEpoch(child, process);

    new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid())).start().waitFor();
    boolean ended = process.waitFor(20, TimeUnit.SECONDS);
    Cli cli = child.await();

    assertTrue(ended, "still running 20 seconds after the signal");
    assertEquals(status, cli.status(), cli.err());
    assertTrue(cli.err().contains("run directory: run"), cli.err());
    assertTrue(cli.err().contains("stopped after epoch "), cli.err());
    int epochs = Files.readAllLines(directory.resolve("run/metrics.csv")).size() - 1;
    assertTrue(epochs >= 1 && epochs < 1000);
    TrainCommandTest.assertWhole(directory.resolve("run"), epochs);
    assertEquals(
        epochs,
        cli.outLines().stream().filter(line -> line.matches(TrainCommandTest.EPOCH_LINE)).count());
  }

  @Test
  void saysThatThereIsNoResultOfHalfAnEpoch() throws Exception {
    ChildJvm child = new ChildJvm(directory);
    Process process =
        child.start("train", "--dataset", "sample", "--batch-size", "1", "--output", "run");
    Path config = directory.resolve("run/config.json");
    for (int i = 0; i < PATIENCE_SECONDS * 100 && !Files.exists(config); i++) {
      Thread.sleep(10);
    }
    process.destroy();
    Cli cli = child.await();

    assertTrue(cli.status() != 0);
    assertEquals("", cli.out());
    assertTrue(Files.notExists(directory.resolve("run/saved_model")));
  }

  private static void awaitFirstEpoch(ChildJvm child, Process process) throws Exception {
    for (int i = 0; i < PATIENCE_SECONDS * 20 && process.isAlive(); i++) {
      if (child.outSoFar().contains("epoch 1, ")) {
        return;
      }
      Thread.sleep(50);
    }
    throw new AssertionError("no first epoch: " + child.await());
  }
}
