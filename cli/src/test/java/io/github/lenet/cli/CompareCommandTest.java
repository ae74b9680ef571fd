package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.lenet.cli.output.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CompareCommandTest {

  @TempDir private Path directory;

  /** A copy of the sample run's reports with another text in its configuration. */
  private Path changed(String name, String old, String replacement) throws IOException {
    Path copy = Files.createDirectories(directory.resolve(name));
    Path run = SampleRun.directory();
    String config = Files.readString(run.resolve("config.json"));
    assertTrue(config.contains(old), config);
    Files.writeString(copy.resolve("config.json"), config.replace(old, replacement));
    Files.copy(run.resolve("metrics.csv"), copy.resolve("metrics.csv"));
    return copy;
  }

  @Test
  void comparesRunsInATableAnImageAndJson() throws Exception {
    Path run = SampleRun.directory();
    Path longer = changed("longer", "\"epochs\" : 2,", "\"epochs\" : 4,");
    Path other = changed("other", "\"pooling\" : \"avg\"", "\"pooling\" : \"max\"");
    Path svg = directory.resolve("compare.svg");
    String[] arguments = {
      "compare", run.toString(), longer.toString(), other.toString(), "--output", svg.toString()
    };
    Cli table = Cli.run(arguments);

    assertEquals(ExitCode.DONE, table.status(), table.err());
    assertEquals("", table.err());
    assertEquals(4, table.outLines().size(), table.out());
    assertTrue(table.outLines().get(1).endsWith("  pooling avg"), table.out());
    assertTrue(table.outLines().get(2).matches("longer .* 2 of 4 .*  pooling avg"), table.out());
    assertTrue(table.outLines().get(3).matches("other .*  pooling max"), table.out());
    assertTrue(Files.readString(svg).contains(">2 of 4</text>"));

    JsonNode metrics = new JsonMapper().readTree(run.resolve("metrics.json").toFile());
    JsonNode json = Cli.run("compare", run.toString(), other.toString(), "--json").json();
    assertTrue(json.get("same_data").asBoolean());
    JsonNode last = json.get("runs").get(1);
    for (String name : new String[] {"train_loss", "test_loss", "train_accuracy"}) {
      assertEquals(metrics.get(name).asDouble(), last.get(name).asDouble(), 1e-6, name);
    }
    assertEquals("{\"pooling\":\"max\"}", last.get("differing_options").toString());
    assertEquals(2, last.get("epochs").asInt());
  }

  @Test
  void saysThatDifferentDataDoNotCompare() throws Exception {
    Path other = changed("other", "\"title\" : ", "\"title\" : \"Digits\", \"was\" : ");
    Cli cli = Cli.run("compare", SampleRun.directory().toString(), other.toString());

    assertEquals(ExitCode.DONE, cli.status());
    assertEquals(1, cli.errLines().size(), cli.err());
    assertTrue(cli.err().startsWith("*** the runs were trained on different data"), cli.err());
    assertTrue(cli.outLines().get(2).contains("  Digits  "), cli.out());
  }

  @Test
  void comparesTheOthersIfARunCannotBeRead() throws Exception {
    Path corrupt = changed("corrupt", "lenet-run", "lenet-run");
    Files.writeString(corrupt.resolve("metrics.csv"), "epoch,tr");
    String[] bad = {corrupt.toString(), directory.resolve("nowhere").toString()};
    Cli cli = Cli.run("compare", SampleRun.directory().toString(), bad[0], bad[1]);

    assertEquals(ExitCode.FAILED, cli.status());
    assertEquals(2, cli.outLines().size(), cli.out());
    assertEquals(2, cli.errLines().size(), cli.err());
    assertTrue(cli.errLines().get(0).contains("metrics.csv: line 1: is corrupt"), cli.err());
    assertTrue(cli.errLines().get(1).contains("nowhere: is no run directory"), cli.err());

    Path svg = directory.resolve("none.svg");
    Cli none = Cli.run("compare", bad[0], bad[1], "--output", svg.toString());
    assertEquals(ExitCode.FAILED, none.status());
    assertEquals("", none.out());
    assertFalse(Files.exists(svg));
  }

  @Test
  void refusesARunThatIsThereTwice() throws Exception {
    String run = SampleRun.directory().toString();
    Cli cli = Cli.run("compare", run, run);

    assertEquals(ExitCode.WRONG_USAGE, cli.status());
    assertEquals("error: " + run + ": is there twice", cli.err().strip());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "compare | missing required parameter: 'RUN'",
        "compare run --output compare.png | expected a name that ends in .svg",
      })
  void refusesWrongArguments(String arguments, String message) {
    Cli cli = Cli.run(arguments.split(" "));

    assertEquals(ExitCode.WRONG_USAGE, cli.status());
    assertEquals(1, cli.errLines().size(), cli.err());
    assertTrue(cli.err().contains(message), cli.err());
  }
}
