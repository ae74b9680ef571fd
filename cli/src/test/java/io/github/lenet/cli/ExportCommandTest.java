package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.lenet.cli.output.ExitCode;
import io.github.lenet.model.LeNetModel;
import io.github.lenet.training.onnx.OnnxExport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ExportCommandTest {

  @TempDir private Path directory;

  @Test
  void saysWhereTheModelIsAndWhatWasChecked() throws Exception {
    Path models = directory.resolve("models");
    Cli cli = Cli.run("export", SampleRun.directory().toString(), "--output", models.toString());

    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    assertEquals(models.resolve("1").toString(), cli.outLines().get(0));
    assertTrue(
        cli.outLines()
            .get(1)
            .matches("5 files, [0-9,]+ bytes; every signature's output matches .*"),
        cli.out());
    assertTrue(Files.isRegularFile(models.resolve("1/saved_model.pb")));

    // What was exported can be exported, evaluated and asked like a run.
    JsonNode json =
        Cli.run("export", models.resolve("1").toString(), "--output", models.toString(), "--json")
            .json();
    assertEquals(2, json.get("version").asInt());
    assertEquals(5, json.get("files").asInt());
    assertEquals(models.resolve("1").toString(), json.get("model").asText());
    Cli asked = Cli.run("predict", models.toString(), "test:9", "--dataset", "sample");
    assertEquals(ExitCode.DONE, asked.status(), asked.err());
  }

  @Test
  void publishesTheNetworkThatComesWithTheProgram() throws Exception {
    Path models = directory.resolve("models");
    Cli cli = Cli.run("export", "pretrained", "--output", models.toString());

    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    LeNetModel expected = LeNetModel.pretrained();
    LeNetModel found = LeNetModel.load(models.resolve("1"));
    assertEquals(expected.card(), found.card());
    expected
        .parameters()
        .forEach((name, values) -> assertArrayEquals(values, found.parameters().get(name), name));
  }

  @Test
  void publishesNothingThatIsNoModel() {
    Path models = directory.resolve("models");
    Cli cli = Cli.run("export", directory.toString(), "--output", models.toString());

    assertEquals(ExitCode.FAILED, cli.status());
    assertEquals(1, cli.errLines().size(), cli.err());
    assertTrue(
        cli.err().contains("is no model: expected a directory with saved_model.pb"), cli.err());
    assertFalse(Files.exists(models));
    assertEquals(ExitCode.WRONG_USAGE, Cli.run("export", directory.toString()).status());
  }

  @Test
  void writesAnOnnxFile() throws Exception {
    Path file = directory.resolve("lenet.onnx");
    String[] export = {"export", "pretrained", "--format", "onnx", "--output", file.toString()};
    Cli cli = Cli.run(export);

    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    Path expected = directory.resolve("expected.onnx");
    OnnxExport.write(LeNetModel.pretrained(), expected);
    assertEquals(-1, Files.mismatch(expected, file));
    assertEquals(
        List.of(
            file.toString(),
            String.format(
                Locale.ROOT,
                "%,d bytes; images uint8 [n, 28, 28]; probabilities float32 [n, 10],"
                    + " classes int64 [n]",
                Files.size(file))),
        cli.outLines());

    Files.writeString(file, "an earlier file");
    Cli refused = Cli.run(export);
    assertEquals(ExitCode.WRONG_USAGE, refused.status());
    assertEquals(
        "error: --output: %s already exists; replace it with --force".formatted(file),
        refused.errLines().get(0));
    assertEquals("an earlier file", Files.readString(file));

    JsonNode json =
        Cli.run(
                Stream.concat(Stream.of(export), Stream.of("--force", "--json"))
                    .toArray(String[]::new))
            .json();
    assertEquals(-1, Files.mismatch(expected, file));
    assertEquals(file.toString(), json.get("file").asText());
    assertEquals(Files.size(file), json.get("bytes").asLong());
    assertEquals("pretrained", json.get("model").asText());
  }

  @Test
  void refusesWhatDoesNotFitTheFormat() {
    String models = directory.resolve("models").toString();

    assertRefused(
        "--output: expected a name that ends in .onnx, found '%s'".formatted(models),
        "--format",
        "onnx",
        "--output",
        models);
    assertRefused(
        "--force: replaces ONNX files; a SavedModel becomes a new version",
        "--force",
        "--output",
        models);
    assertRefused(
        "--format: unknown format 'onx'; did you mean onnx? (saved-model, onnx)",
        "--format",
        "onx",
        "--output",
        models);
    assertFalse(Files.exists(directory.resolve("models")));
  }

  private static void assertRefused(String expected, String... options) {
    Cli cli =
        Cli.run(
            Stream.concat(Stream.of("export", "pretrained"), Stream.of(options))
                .toArray(String[]::new));
    assertEquals(ExitCode.WRONG_USAGE, cli.status());
    assertEquals(List.of("error: " + expected), cli.errLines());
  }
}
