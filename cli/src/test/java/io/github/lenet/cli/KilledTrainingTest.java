package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.cli.output.ExitCode;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that are killed without a chance to do anything about it. */
@Tag("slow")
final class KilledTrainingTest {

  private static final int EPOCHS = 4;
  private static final int MOST_KILLS = 25;

  private static final List<String> OPTIONS =
      List.of(
          "--dataset=sample",
          "--epochs=" + EPOCHS,
          "--threads=2",
          "--dense-units=400",
          "--activation=relu",
          "--optimizer=adam",
          "--learning-rate=0.002",
          "--schedule=cosine",
          "--warmup-epochs=1",
          "--dropout=0.2",
          "--augment=shift,flip,erase",
          "--standardize",
          "--validation-split=0.1");

  /** Also of the optimiser's memory: what is trained, and what would be trained next. */
  private static final List<String> EQUAL_FILES =
      List.of(
          "checkpoints/epoch-4/variables.data-00000-of-00001",
          "checkpoints/epoch-4/parameters.data-00000-of-00001",
          "saved_model/1/variables/variables.data-00000-of-00001",
          "curves.svg");

  @TempDir private static Path shared;

  private static Path whole;

  @TempDir private Path directory;

  @BeforeAll
  static void trainWithoutAnInterruption() throws Exception {
    Cli cli = new ChildJvm(shared).run(command("whole"));
    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    whole = shared.resolve("whole");
  }

  @Test
  void goesOnBitForBitAfterKillsAtRandomMoments() throws Exception {
    Random random = new Random();
    List<Integer> moments = new ArrayList<>();
    Path run = directory.resolve("run");
    for (int kill = 0; kill < 3; kill++) {
      moments.add(random.nextInt(1200));
      try (ChildJvm child = new ChildJvm(directory)) {
        Process process = child.start(next(run));
        child.awaitOrEnd(() -> child.errSoFar().contains("writing to"));
        process.waitFor(moments.get(kill), TimeUnit.MILLISECONDS);
      }
    }

    assertComesToTheSame(run, "killed after the start by ms: " + moments);
  }

  @Test
  void goesOnBitForBitAfterAKillWhileACheckpointIsWritten() throws Exception {
    Path run = directory.resolve("run");
    boolean half = false;
    for (int kill = 0; kill < MOST_KILLS && !half; kill++) {
      Path temporary = run.resolve("checkpoints/epoch-" + (1 + newest(run)) + ".tmp");
      try (ChildJvm child = new ChildJvm(directory)) {
        child.start(next(run));
        child.awaitOrEnd(() -> Files.exists(temporary));
      }
      half = Files.exists(temporary);
      if (newest(run) >= EPOCHS - 1) {
        deleteTree(run); // too late, and too far: once more
      }
    }
    assertTrue(half, "no kill came in the middle of a checkpoint");

    assertComesToTheSame(run, "");
  }

  @Test
  void leavesNoTemporaryFiles() throws Exception {
    Path temporary = Files.createDirectories(directory.resolve("tmp"));
    try (ChildJvm child = new ChildJvm(directory).withOption("-Djava.io.tmpdir=" + temporary)) {
      child.start(next(directory.resolve("run")));
      child.awaitOrEnd(() -> child.outSoFar().contains("epoch 1,"));
    }
    try (Stream<Path> left = Files.list(temporary)) {
      assertEquals(List.of(), left.toList());
    }
  }

  /** After the last epoch there are the metrics, and then the model, to be written. */
  @Test
  void comesToTheSameAfterKillsWhileTheLastFilesAreWritten() throws Exception {
    Path run = directory.resolve("run");
    List<String> moments =
        List.of(
            "checkpoints/epoch-" + EPOCHS,
            "saved_model/.export-*/variables",
            "saved_model/.export-*/assets.extra/model-card.md");
    for (String moment : moments) {
      boolean tooLate = true;
      for (int kill = 0; kill < MOST_KILLS && tooLate; kill++) {
        if (Files.exists(run.resolve("saved_model"))) {
          deleteTree(run.resolve("saved_model")); // lest the last kill's be taken for this one's
        }
        try (ChildJvm child = new ChildJvm(directory)) {
          child.start(next(run));
          child.awaitOrEnd(() -> exists(run, moment));
        }
        assertEquals(EPOCHS, newest(run), moment);
        tooLate = Files.exists(run.resolve("saved_model/1"));
      }
      assertFalse(tooLate, "no kill came in time for " + moment);
    }

    assertComesToTheSame(run, "killed at " + moments);
  }

  /** Whether there is such a file; the second name of three may be a pattern. */
  private static boolean exists(Path run, String moment) throws IOException {
    String[] names = moment.split("/", 3);
    Path parent = run.resolve(names[0]);
    if (Files.notExists(parent)) {
      return false;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent, names[1])) {
      for (Path entry : entries) {
        if (Files.exists(names.length < 3 ? entry : entry.resolve(names[2]))) {
          return true;
        }
      }
    }
    return false;
  }

  private void assertComesToTheSame(Path run, String how) throws Exception {
    Cli cli = new ChildJvm(directory).run(next(run));
    assertEquals(ExitCode.DONE, cli.status(), how + "\n" + cli.err());
    for (String file : EQUAL_FILES) {
      assertArrayEquals(
          Files.readAllBytes(whole.resolve(file)),
          Files.readAllBytes(run.resolve(file)),
          file + ", " + how);
    }
    assertEquals(numbers(whole), numbers(run), how);
    try (var left = Files.walk(run)) {
      assertEquals(List.of(), left.filter(path -> path.toString().endsWith(".tmp")).toList(), how);
    }
  }

  /** Begins where there is nothing to go on with yet. */
  private String[] next(Path run) {
    return Files.exists(run.resolve("config.json"))
        ? new String[] {"train", "--resume", run.getFileName().toString()}
        : command(run.getFileName().toString());
  }

  private static String[] command(String output) {
    List<String> command = new ArrayList<>(List.of("train", "--output", output));
    command.addAll(OPTIONS);
    return command.toArray(String[]::new);
  }

  /** The last epoch that has a checkpoint; 0 if none has. */
  private static int newest(Path run) {
    int newest = 0;
    for (int epoch = 1; epoch <= EPOCHS; epoch++) {
      newest = Files.exists(run.resolve("checkpoints/epoch-" + epoch)) ? epoch : newest;
    }
    return newest;
  }

  /** Metrics without times and speeds. */
  private static List<String> numbers(Path run) throws IOException {
    return Files.readAllLines(run.resolve("metrics.csv")).stream()
        .map(line -> line.replaceFirst(",[^,]*,[^,]*$", ""))
        .toList();
  }

  private static void deleteTree(Path path) throws IOException {
    List<Path> all;
    try (var tree = Files.walk(path)) {
      all = new ArrayList<>(tree.toList());
    }
    Collections.reverse(all);
    for (Path each : all) {
      Files.delete(each);
    }
  }
}
