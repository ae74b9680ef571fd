package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.lenet.cli.output.ExitCode;
import io.github.lenet.model.LeNetModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code lenet train --from} and {@code --freeze}. */
final class FineTuneCommandTest {

  @TempDir private static Path shared;

  /** A run with a network of one convolution. */
  private static Path run;

  @TempDir private Path directory;

  @BeforeAll
  static void train() throws IOException {
    TinyIdx.write(shared.resolve("ten"), 28, 28, 10);
    TinyIdx.write(shared.resolve("five"), 28, 28, 5);
    TinyIdx.write(shared.resolve("small"), 20, 20, 10);
    run = shared.resolve("run");
    Cli cli = train("ten", run, "--channels", "3", "--dense-units", "none", "--activation", "tanh");
    assertEquals(ExitCode.DONE, cli.status(), cli.err());
  }

  private static Cli train(String data, Path output, String... options) {
    return train(1, data, output, options);
  }

  private static Cli train(int epochs, String data, Path output, String... options) {
    List<String> words = new ArrayList<>(List.of("train", "--device", "cpu"));
    words.addAll(List.of("--epochs", Integer.toString(epochs)));
    words.addAll(List.of("--dataset", shared.resolve(data).toString()));
    words.addAll(List.of("--output", output.toString()));
    words.addAll(List.of(options));
    return Cli.run(words.toArray(String[]::new));
  }

  @Test
  void startsFromThePretrainedModelAndLeavesFrozenLayersAsTheyAre() throws IOException {
    Path tuned = directory.resolve("tuned");
    Cli cli = train("ten", tuned, "--from", "pretrained", "--freeze", "conv1,conv2");

    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    assertTrue(cli.errLines().contains("starting from the parameters of pretrained"), cli.err());
    LeNetModel pretrained = LeNetModel.pretrained();
    LeNetModel model = LeNetModel.load(tuned);
    for (String name : List.of("conv1/kernel", "conv1/bias", "conv2/kernel", "conv2/bias")) {
      assertArrayEquals(pretrained.parameters().get(name), model.parameters().get(name), name);
    }
    assertTrue(
        model
            .card()
            .contains("started from the parameters of pretrained, conv1 and conv2 frozen, seed 1."),
        model.card());
    JsonNode config = new JsonMapper().readTree(tuned.resolve("config.json").toFile());
    assertEquals("pretrained", config.at("/options/from").asText());
    assertEquals("[\"conv1\",\"conv2\"]", config.at("/training/frozen").toString());
  }

  /** A directory of versions, a SavedModel in it, and a run. */
  @ParameterizedTest
  @ValueSource(strings = {"", "saved_model", "saved_model/1"})
  void takesArchitectureAndParametersFromAModelOfTheUser(String place) throws IOException {
    Path model = run.resolve(place);
    Path tuned = directory.resolve("tuned");
    Cli cli =
        train(
            "ten", tuned, "--from", model.toString(), "--freeze", "conv1", "--activation", "tanh");

    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    assertTrue(cli.errLines().contains("starting from the parameters of " + model), cli.err());
    LeNetModel found = LeNetModel.load(tuned);
    assertEquals(LeNetModel.load(run).architecture(), found.architecture());
    assertArrayEquals(
        LeNetModel.load(run).parameters().get("conv1/kernel"),
        found.parameters().get("conv1/kernel"));
  }

  @Test
  void recordsAbsolutePaths() throws IOException {
    Path tuned = directory.resolve("tuned");
    Path relative = Path.of("").toAbsolutePath().relativize(run);
    Cli cli = train("ten", tuned, "--from", relative.toString());

    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    JsonNode config = new JsonMapper().readTree(tuned.resolve("config.json").toFile());
    Path recorded = Path.of(config.at("/options/from").asText());
    assertTrue(recorded.isAbsolute() && Files.isSameFile(run, recorded), recorded::toString);
  }

  @Test
  void saysThatTheLastLayerIsNew() throws IOException {
    Path tuned = directory.resolve("tuned");
    Cli cli = train("five", tuned, "--from", "pretrained");

    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    assertTrue(
        cli.errLines()
            .contains(
                "starting from the parameters of pretrained, but the last layer is new, for 5"
                    + " classes"),
        cli.err());
    assertEquals(5, LeNetModel.load(tuned).architecture().classes());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "five | --freeze logits | frozen (logits) must not contain logits, which is new: expected a"
            + " model of 5 classes, found 10",
        "small | --freeze conv1 | the model's architecture differs: expected image_height=20, found"
            + " image_height=28; expected image_width=20, found image_width=28",
      })
  void refusesDataThatDoNotFit(String data, String options, String message) {
    String[] words = ("--from pretrained " + options).split(" ");
    Cli cli = train(data, directory.resolve("tuned"), words);

    assertEquals(ExitCode.FAILED, cli.status(), cli.err());
    assertEquals("error: " + message, cli.errLines().get(cli.errLines().size() - 1));
    assertFalse(Files.exists(directory.resolve("tuned")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--from pretrained --activation relu --channels 6,12 | pretrained: cannot be fine-tuned with"
            + " another architecture: channels was 6,16, now 6,12; activation was sigmoid, now relu."
            + " Use that of the model.",
        "--from pretrained --preset modern --warmup-epochs 0 | dense_units was 120,84, now 128",
        "--from pretrained --freeze conv9 | frozen (conv9) must be a layer with parameters: conv1,"
            + " conv2, dense1, dense2, logits",
        "--freeze conv1,,conv2 | frozen () must be a layer with parameters",
        "--freeze conv2,conv1 --standardize | frozen (conv2, conv1) must not contain conv1 with",
        "--from '' | expected a path, found ''",
      })
  void refusesWrongOptionsBeforeItTouchesAnything(String options, String message) {
    Cli cli = train("ten", directory.resolve("tuned"), options.replace("''", "").split(" ", -1));

    assertEquals(ExitCode.WRONG_USAGE, cli.status(), cli.err());
    assertEquals(1, cli.errLines().size(), cli.err());
    assertTrue(cli.err().contains(message), cli.err());
    assertFalse(Files.exists(directory.resolve("tuned")));
  }

  @Test
  void aModelThatIsNoneIsAFailure() throws IOException {
    Files.writeString(directory.resolve("notes.txt"), "nothing");
    for (Path none : List.of(directory.resolve("nowhere"), directory)) {
      Cli cli = train("ten", directory.resolve("tuned"), "--from", none.toString());

      assertEquals(ExitCode.FAILED, cli.status(), cli.err());
      assertEquals(1, cli.errLines().size(), cli.err());
      assertTrue(cli.err().startsWith("error: " + none), cli.err());
      assertFalse(Files.exists(directory.resolve("tuned")));
    }
  }

  @Test
  void aResumedRunDoesNotReadTheModelAgain() throws IOException {
    Path model = directory.resolve("model");
    LeNetModel.pretrained().save(model);
    Path whole = directory.resolve("whole");
    Path stopped = directory.resolve("stopped");
    train(2, "ten", whole, "--from", model.toString(), "--freeze", "conv2");
    train(1, "ten", stopped, "--from", model.toString(), "--freeze", "conv2");
    SampleRun.delete(model);

    Cli cli = Cli.run("train", "--resume", stopped.toString(), "--epochs", "2");

    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    String parameters = "saved_model/1/variables/variables.data-00000-of-00001";
    assertArrayEquals(
        Files.readAllBytes(whole.resolve(parameters)),
        Files.readAllBytes(stopped.resolve(parameters)));
    assertEquals(LeNetModel.load(whole).card(), LeNetModel.load(stopped).card());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--freeze conv1 | frozen was none, now conv1.",
        "--from pretrained | --from cannot be combined with --resume",
      })
  void aResumedRunKeepsItsSettings(String options, String message) {
    String[] words = ("train --resume " + run + " " + options).split(" ");
    Cli cli = Cli.run(words);

    assertEquals(ExitCode.WRONG_USAGE, cli.status(), cli.err());
    assertTrue(cli.err().contains(message), cli.err());
  }
}
