package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Signals are Unix's. */
@DisabledOnOs(OS.WINDOWS)
final class StoppedTrainingTest {

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143"})
  void leavesAWholeRunBehindWhenItIsToldToEnd(String signal, int status) throws Exception {
    TinyIdx.write(directory.resolve("data"), 28, 28, 10);
    Cli cli;
    try (ChildJvm child = new ChildJvm(directory)) {
      child.start("train", "--dataset", "data", "--epochs", "1000000", "--output", "run");
      child.await(() -> child.outSoFar().contains("epoch 1, "));
      child.signal(signal);
      cli = child.await(20);
    }

    assertEquals(status, cli.status(), cli.err());
    assertTrue(cli.err().contains("run directory: run"), cli.err());
    assertTrue(cli.err().contains("stopped after epoch "), cli.err());
    int epochs = Files.readAllLines(directory.resolve("run/metrics.csv")).size() - 1;
    assertTrue(epochs >= 1 && epochs < 1_000_000);
    TrainCommandTest.assertWhole(directory.resolve("run"), epochs);
    assertEquals(
        epochs,
        cli.outLines().stream().filter(line -> line.matches(TrainCommandTest.EPOCH_LINE)).count());
  }

  @Test
  @Tag("slow")
  void saysThatThereIsNoResultOfHalfAnEpoch() throws Exception {
    Cli cli;
    try (ChildJvm child = new ChildJvm(directory)) {
      child.start("train", "--dataset", "sample", "--batch-size", "1", "--output", "run");
      child.await(() -> Files.exists(directory.resolve("run/config.json")));
      child.signal("TERM");
      cli = child.await();
    }

    assertEquals(143, cli.status(), cli.err());
    assertEquals("", cli.out());
    assertTrue(Files.notExists(directory.resolve("run/saved_model")));
  }
}
