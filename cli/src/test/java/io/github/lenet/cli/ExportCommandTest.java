package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.lenet.cli.output.ExitCode;
import io.github.lenet.model.LeNetModel;
import java.nio.file.Files;
import java.nio.file.Path;
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
}
