package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.lenet.cli.output.ExitCode;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EvaluateCommandTest {

  @TempDir private Path directory;

  private static Cli evaluate(Path model, String... options) {
    String[] arguments = new String[4 + options.length];
    System.arraycopy(
        new String[] {"evaluate", model.toString(), "--dataset", "sample"}, 0, arguments, 0, 4);
    System.arraycopy(options, 0, arguments, 4, options.length);
    return Cli.run(arguments);
  }

  @Test
  void findsWhatTrainingFoundOnTheSameImages() throws Exception {
    Path run = SampleRun.directory();
    Cli cli = evaluate(run, "--json");

    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    JsonNode found = cli.json();
    JsonNode trained = new JsonMapper().readTree(run.resolve("metrics.json").toFile());
    assertEquals(trained.get("test_accuracy").asDouble(), found.get("accuracy").asDouble(), 1e-9);
    assertEquals(trained.get("test_loss").asDouble(), found.get("loss").asDouble(), 1e-4);
    assertEquals("sample", found.get("dataset").asText());
    assertEquals(2_000, found.get("images").asInt());
    int correct = 0;
    for (int label = 0; label < 10; label++) {
      JsonNode row = found.get("confusion_matrix").get(label);
      int images = 0;
      for (JsonNode count : row) {
        images += count.asInt();
      }
      assertEquals(200, images); // the classes are in equal parts
      assertEquals(200, found.at("/classes/" + label + "/support").asInt());
      assertEquals(
          row.get(label).asInt() / 200.0,
          found.at("/classes/" + label + "/recall").asDouble(),
          1e-12);
      correct += row.get(label).asInt();
    }
    assertEquals(correct, found.get("correct").asInt());
    assertEquals("ankle boot", found.at("/classes/9/name").asText());
  }

  @Test
  void printsBothTables() throws Exception {
    Cli cli = evaluate(SampleRun.directory().resolve("saved_model/1"));

    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    assertEquals("", cli.err());
    assertTrue(cli.outLines().get(0).endsWith("on 2,000 test images of Sample garments"));
    assertTrue(
        cli.outLines()
            .get(1)
            .matches("loss 0\\.\\d{4}, accuracy 0\\.\\d{4} \\(1,\\d{3} correct\\)"),
        cli.out());
    assertEquals("class       precision  recall      F1   support", cli.outLines().get(3));
    assertTrue(cli.outLines().get(4).matches("t-shirt( +0\\.\\d{3}){3} +200"), cli.out());
    assertTrue(cli.outLines().get(14).matches("macro avg( +0\\.\\d{3}){3} +2,000"), cli.out());
    assertTrue(cli.outLines().get(26).matches("9 ankle boot( +(\\d+|\\.)){10}"), cli.out());
    assertEquals(27, cli.outLines().size());
  }

  @Test
  void drawsTheImagesThatItIsAskedFor() throws Exception {
    Path svg = directory.resolve("confusion.svg");
    Path png = directory.resolve("wrong.png");
    Cli cli =
        evaluate(
            SampleRun.directory(),
            "--confusion-matrix",
            svg.toString(),
            "--misclassified",
            png.toString());

    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    String drawn = Files.readString(svg);
    assertTrue(drawn.startsWith("<svg ") && drawn.contains("ankle boot"), drawn);
    // Five rows of eight images, each with three lines underneath.
    assertEquals(16 + 8 * 84 + 7 * 12 + 16, ImageIO.read(png.toFile()).getWidth());
    assertEquals(16 + 28 + 5 * (84 + 3 * 18) + 4 * 12 + 16, ImageIO.read(png.toFile()).getHeight());

    Cli again = evaluate(SampleRun.directory(), "--confusion-matrix", svg.toString());
    assertEquals(ExitCode.WRONG_USAGE, again.status());
    assertTrue(again.err().contains("replace it with --force"), again.err());
  }

  @Test
  void saysThatImagesDoNotFit() throws Exception {
    Path digits = directory.resolve("digits");
    TinyIdx.write(digits, 20, 16, 10);
    Cli cli = Cli.run("evaluate", SampleRun.directory().toString(), "--dataset", digits.toString());

    assertEquals(ExitCode.FAILED, cli.status());
    assertEquals(1, cli.errLines().size(), cli.err());
    assertTrue(
        cli.err().contains("expected images of 28 x 28 pixels in 10 classes, found 20 x 16 in 10"),
        cli.err());
  }

  @Test
  void warnsOfClassesWithOtherNames() throws Exception {
    Path digits = directory.resolve("digits");
    TinyIdx.write(digits, 28, 28, 10);
    Cli cli = Cli.run("evaluate", SampleRun.directory().toString(), "--dataset", digits.toString());

    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    assertEquals(1, cli.errLines().size(), cli.err());
    assertTrue(cli.err().startsWith("*** the model's classes are t-shirt, trouser, "), cli.err());
    assertTrue(cli.err().contains("they are compared by number"), cli.err());
  }

  @Test
  void aRunIsEvaluatedOnItsOwnData() throws Exception {
    Path digits = directory.resolve("digits");
    TinyIdx.write(digits, 12, 12, 3);
    Path run = directory.resolve("run");
    Path here = Path.of("").toAbsolutePath();
    String relative = here.relativize(digits.toAbsolutePath()).toString();
    Cli train =
        Cli.run("train", "--dataset", relative, "--epochs", "1", "--output", run.toString());
    assertEquals(ExitCode.DONE, train.status(), train.err());

    Cli cli = Cli.run("evaluate", run.toString());
    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    assertTrue(cli.outLines().get(0).contains("on 6 test images of IDX files in"), cli.out());
    Cli predict = Cli.run("predict", run.toString(), "test:1", "--top", "1");
    assertEquals(ExitCode.DONE, predict.status(), predict.err());
    assertTrue(predict.outLines().get(1).startsWith("test:1 (1) "), predict.out());

    Cli transposed = Cli.run("evaluate", run.toString(), "--transpose");
    assertEquals(ExitCode.FAILED, transposed.status());
    assertTrue(transposed.err().contains("--transpose cannot be combined with a run's own data"));

    Cli other = Cli.run("evaluate", run.toString(), "--dataset", "sample");
    assertEquals(ExitCode.FAILED, other.status());

    Files.move(digits, directory.resolve("moved"));
    Cli moved = Cli.run("evaluate", run.toString());
    assertEquals(ExitCode.FAILED, moved.status());
    assertEquals(
        "error: %s: was trained on %s, which is not there any more. Give its new place."
            .formatted(run, here.resolve(relative)),
        moved.err().strip());
  }

  @Test
  void classesOfOtherNamesAreAnError() throws Exception {
    Path digits = directory.resolve("digits");
    TinyIdx.write(digits, 28, 28, 10);
    Path run = directory.resolve("run");
    Cli train =
        Cli.run(
            "train", "--dataset", digits.toString(), "--epochs", "1", "--output", run.toString());
    assertEquals(ExitCode.DONE, train.status(), train.err());

    Cli cli = Cli.run("evaluate", run.toString(), "--dataset", "sample");
    assertEquals(ExitCode.FAILED, cli.status());
    assertTrue(
        cli.err()
            .contains(
                "does not know the classes of Sample garments: expected 0, 1, 2, 3, 4, 5, 6, 7, 8,"
                    + " 9, found t-shirt, "),
        cli.err());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "evaluate | missing required parameter: 'MODEL'",
        "evaluate x --confusion-matrix a.png | --confusion-matrix: expected a name that ends in .svg",
        "evaluate x --misclassified nowhere/a.png | --misclassified: no such directory",
        "evaluate x --dataset smaple | did you mean sample?",
      })
  void refusesWrongArguments(String arguments, String message) {
    Cli cli = Cli.run(arguments.split(" "));

    assertEquals(ExitCode.WRONG_USAGE, cli.status());
    assertEquals(1, cli.errLines().size(), cli.err());
    assertTrue(cli.err().contains(message), cli.err());
  }

  @Test
  void aModelThatIsNotThereIsAFailure() {
    Cli cli = evaluate(directory.resolve("nowhere"));

    assertEquals(ExitCode.FAILED, cli.status());
    assertEquals(1, cli.errLines().size(), cli.err());
    assertTrue(cli.err().contains("nowhere: is no model"), cli.err());
  }
}
