package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.lenet.cli.output.ExitCode;
import io.github.lenet.model.internal.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ResumeCommandTest {

  @TempDir private static Path shared;

  private static Path run;

  @TempDir private Path directory;

  @BeforeAll
  static void train() throws IOException {
    Path data = shared.resolve("data");
    TinyIdx.write(data, 28, 28, 10);
    run = shared.resolve("run");
    Cli cli = Cli.run(train(run, "--epochs", "2"));
    assertEquals(ExitCode.DONE, cli.status(), cli.err());
  }

  private static String[] train(Path run, String... options) {
    List<String> words = new ArrayList<>(List.of("train", "--device", "cpu"));
    words.addAll(List.of("--dataset", shared.resolve("data").toString()));
    words.addAll(List.of("--output", run.toString(), "--validation-split", "0.1"));
    words.addAll(List.of("--channels", "2,3", "--dense-units", "none"));
    words.addAll(List.of(options));
    return words.toArray(String[]::new);
  }

  @Test
  void aFinishedRunSaysItsResultAgain() {
    Cli cli = Cli.run("train", "--resume", run.toString(), "--json");

    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    assertTrue(cli.err().contains("resuming after epoch 2 of 2"), cli.err());
    assertTrue(cli.err().contains("18 training, 2 validation and 20 test"), cli.err());
    JsonNode json = cli.json();
    assertTrue(json.get("validation_accuracy").isDouble());
    assertTrue(json.get("test_accuracy").isDouble());
    assertFalse(json.get("stopped").asBoolean());
  }

  @Test
  void whatIsSaidOnceMoreMayBeSaid() {
    Cli cli = Cli.run("train", "--resume", run.toString(), "--epochs", "2", "--seed", "1");
    assertEquals(ExitCode.DONE, cli.status(), cli.err());
  }

  /** The same numbers as without the stop in between, also for a run that was finished. */
  @Test
  void aFinishedRunGoesOnToMoreEpochs() throws Exception {
    Path longer = copyOfTheRun();
    Path whole = directory.resolve("whole");
    Cli cli = Cli.run("train", "--resume", longer.toString(), "--epochs", "4");
    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    assertTrue(cli.err().contains("resuming after epoch 2 of 4"), cli.err());
    Cli.run(train(whole, "--epochs", "4"));

    assertEquals(losses(whole), losses(longer));
    assertEquals(5, losses(longer).size());
    Cli again = Cli.run("train", "--resume", longer.toString());
    assertTrue(again.err().contains("resuming after epoch 4 of 4"), again.err());
  }

  private static List<String> losses(Path run) throws IOException {
    try (Stream<String> lines = Files.lines(run.resolve("metrics.csv"))) {
      return lines.map(line -> line.replaceFirst("(,[^,]*){2}$", "")).toList(); // but for the time
    }
  }

  @Test
  void aScheduleThatDependsOnTheLastEpochHasNoMore() {
    Path cosine = directory.resolve("cosine");
    Cli.run(train(cosine, "--epochs", "2", "--schedule", "cosine"));
    Cli cli = Cli.run("train", "--resume", cosine.toString(), "--epochs", "3");

    assertEquals(ExitCode.WRONG_USAGE, cli.status());
    assertTrue(cli.err().contains("the schedule, cosine, depends on the last epoch"), cli.err());
  }

  @Test
  void saysThatACheckpointIsNoRun() {
    Cli cli = Cli.run("train", "--resume", run.resolve("checkpoints/epoch-2").toString());

    assertEquals(ExitCode.FAILED, cli.status());
    assertEquals(
        "error: %s: is a checkpoint. Resume its run, %s"
            .formatted(run.resolve("checkpoints/epoch-2"), run),
        cli.err().strip());
  }

  @Test
  void saysThatItsDataHasMoved() throws IOException {
    Path data = directory.resolve("data");
    TinyIdx.write(data, 28, 28, 10);
    Path moved = directory.resolve("moved");
    Cli.run("train", "--dataset", data.toString(), "--epochs", "1", "--output", moved.toString());
    Files.move(data, directory.resolve("elsewhere"));
    Cli cli = Cli.run("train", "--resume", moved.toString());

    assertEquals(ExitCode.WRONG_USAGE, cli.status());
    assertEquals(
        "error: %s: was trained on %s, which is not there any more. Give its new place."
            .formatted(moved, data),
        cli.errLines().get(0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--epochs 1 | : cannot be resumed with other settings or data: epochs was 2, now 1. Use those of",
        "--epochs 3 --schedule cosine | schedule was constant, now cosine",
        "--seed 2 --learning-rate 0.5 | learning_rate was 0.9, now 0.5; seed was 1, now 2.",
        "--channels 2,4 | channels was 2,3, now 2,4.",
        "--standardize | standardize was false, now true",
        "--augment flip | augmentation was none, now flip",
        "--patience 1 | patience was 0, now 1",
        "--device gpu:3 | device was cpu, now gpu:3",
        "--force | --force cannot be combined with --resume",
        "--output other | --output cannot be combined with --resume",
        "--preset modern | --preset cannot be combined with --resume",
        "--keep-last 0 | --keep-last: expected a positive whole number",
      })
  void refusesWhatWouldChangeTheResult(String options, String message) throws IOException {
    List<String> words = new ArrayList<>(List.of("train", "--resume", run.toString()));
    words.addAll(Arrays.asList(options.split(" ")));
    Cli cli = Cli.run(words.toArray(String[]::new));

    assertEquals(ExitCode.WRONG_USAGE, cli.status(), cli.err());
    assertEquals(1, cli.errLines().size(), cli.err());
    assertTrue(cli.err().contains(message), cli.err());
    assertFalse(Files.exists(run.resolve(".lock")));
  }

  @Test
  void refusesOtherData() throws Exception {
    Path other = copyOfTheRun();
    Path config = other.resolve("config.json");
    JsonNode json = new JsonMapper().readTree(Files.readString(config));
    String hash = json.at("/data/files/0/raw_sha256").asText();
    Files.writeString(config, Files.readString(config).replace(hash, "0".repeat(64)));
    AtomicFile.delete(other.resolve("checkpoints")); // or that it was changed is what is refused

    Cli cli = Cli.run("train", "--resume", other.toString());

    assertEquals(ExitCode.FAILED, cli.status());
    String last = cli.errLines().get(cli.errLines().size() - 1);
    assertTrue(last.contains("with files of other content. Use those of the run"), cli.err());
  }

  @Test
  void refusesAConfigurationThatWasCorrupt() throws Exception {
    Path corrupt = copyOfTheRun();
    Path config = corrupt.resolve("config.json");
    String text = Files.readString(config);
    Files.writeString(config, text.replaceFirst("(\"learning_rate\" : 0)\\.[0-9]", "$1.7"));

    Cli cli = Cli.run("train", "--resume", corrupt.toString());

    assertEquals(ExitCode.FAILED, cli.status());
    assertEquals(1, cli.errLines().size(), cli.err());
    assertTrue(
        cli.err().startsWith("error: " + config + ": is corrupt: expected the same as in "),
        cli.err());
  }

  @Test
  void saysThatItWentBackBehindACorruptCheckpoint() throws Exception {
    Path corrupt = copyOfTheRun();
    Path file = corrupt.resolve("checkpoints/epoch-2/variables.index");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 3] ^= 8;
    Files.write(file, bytes);

    Cli cli = Cli.run("train", "--resume", corrupt.toString());

    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    assertTrue(
        cli.errLines().stream()
            .anyMatch(line -> line.startsWith("*** ") && line.contains("SHA256SUMS: is corrupt:")),
        cli.err());
    assertTrue(cli.err().contains("resuming after epoch 1 of 2"), cli.err());
    assertTrue(cli.outLines().get(0).startsWith("epoch 2, "), cli.out());
  }

  @Test
  void refusesWhatIsNoRun() {
    Cli cli = Cli.run("train", "--resume", directory.toString());
    assertEquals(ExitCode.FAILED, cli.status());
    assertTrue(cli.err().contains("is no run directory: expected config.json in it"), cli.err());
  }

  private Path copyOfTheRun() throws IOException {
    Path copy = directory.resolve("copy");
    try (var tree = Files.walk(run)) {
      for (Path path : tree.toList()) {
        Files.copy(path, copy.resolve(run.relativize(path).toString()));
      }
    }
    return copy;
  }
}
