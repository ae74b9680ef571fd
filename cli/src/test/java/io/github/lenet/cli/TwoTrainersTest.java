package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.cli.output.ExitCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Processes that want the same run directory. */
@Tag("slow")
final class TwoTrainersTest {

  @TempDir private Path directory;

  @Test
  void ofTwoThatStartTogetherOneTrainsAndTheOtherSaysWhyNot() throws Exception {
    TinyIdx.write(directory.resolve("data"), 28, 28, 10);
    Path run = directory.resolve("run");
    Cli first;
    Cli second;
    try (ChildJvm one = child("first");
        ChildJvm other = child("second")) {
      one.start(train(run, 30));
      other.start(train(run, 30));
      first = one.await();
      second = other.await();
    }

    Cli winner = first.status() == ExitCode.DONE ? first : second;
    Cli loser = winner == first ? second : first;
    assertEquals(ExitCode.DONE, winner.status(), winner.err());
    assertTrue(loser.status() != ExitCode.DONE, loser.err());
    assertEquals("", loser.out());
    String last = loser.errLines().get(loser.errLines().size() - 1);
    assertTrue(
        last.startsWith("error: " + run + ": another process is writing a run there.")
            || last.startsWith("error: " + run + ": already exists."),
        loser.err());
    TrainCommandTest.assertWhole(run, 30);
    assertFalse(Files.exists(run.resolve(".lock")));
  }

  /** Telling a process to end is Unix's. */
  @Test
  @DisabledOnOs(OS.WINDOWS)
  void nobodyTouchesARunThatIsBeingTrainedAndAKillFreesIt() throws Exception {
    TinyIdx.write(directory.resolve("data"), 28, 28, 10);
    Path run = directory.resolve("run");
    try (ChildJvm child = child("trainer")) {
      Process process = child.start(train(run, 1_000_000));
      child.await(() -> child.outSoFar().contains("epoch 2,"));
      String busy = "error: " + run + ": another process is writing a run there.";
      assertRefused(busy, "train", "--resume", run.toString());
      assertRefused(busy, replaced(run));
      assertRefused("already exists", train(run, 1));
      Path models = directory.resolve("models");
      assertRefused(
          "found a run that has not come to its end",
          "export",
          run.toString(),
          "--output",
          models.toString());
      assertFalse(Files.exists(models));
      assertTrue(process.isAlive(), "the one that trains was disturbed");
    }
    assertTrue(Files.exists(run.resolve(".lock")), "left by the kill");

    Cli cli;
    try (ChildJvm child = new ChildJvm(directory.resolve("trainer"))) {
      child.start("train", "--resume", run.toString());
      child.await(() -> child.outSoFar().contains("epoch "));
      child.signal("TERM"); // told to end, it writes what it has
      cli = child.await();
    }
    assertTrue(cli.err().contains("resuming after epoch "), cli.err());
    assertFalse(Files.exists(run.resolve(".lock")));
    Cli exported =
        Cli.run("export", run.toString(), "--output", directory.resolve("models").toString());
    assertEquals(ExitCode.DONE, exported.status(), exported.err());
  }

  private ChildJvm child(String name) throws Exception {
    return new ChildJvm(Files.createDirectory(directory.resolve(name)));
  }

  private String[] train(Path run, int epochs) {
    return new String[] {
      "train",
      "--dataset",
      directory.resolve("data").toString(),
      "--epochs",
      String.valueOf(epochs),
      "--output",
      run.toString()
    };
  }

  private String[] replaced(Path run) {
    return Stream.concat(Stream.of(train(run, 1)), Stream.of("--force")).toArray(String[]::new);
  }

  private static void assertRefused(String message, String... arguments) {
    Cli cli = Cli.run(arguments);
    assertTrue(cli.status() != ExitCode.DONE, cli.err());
    assertEquals("", cli.out());
    String last = cli.errLines().get(cli.errLines().size() - 1);
    assertTrue(last.contains(message), cli.err());
  }
}
