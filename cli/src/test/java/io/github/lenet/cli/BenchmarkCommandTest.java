package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

final class BenchmarkCommandTest {

  @Test
  void measuresTrainingAndEvaluation() {
    Cli cli = Cli.run("benchmark", "--rounds", "1", "--device", "cpu", "--threads", "1", "--json");

    assertEquals(ExitStatus.DONE, cli.status(), cli.err());
    JsonNode json = cli.json();
    assertEquals(1, json.path("threads").asInt());
    double training = json.path("training").path("images_per_second").asDouble();
    assertTrue(training > 0, cli.out());
    assertTrue(json.path("evaluation").path("images_per_second").asDouble() > training, cli.out());
    // 416,520 multiply-adds forward; backward twice that, less conv1's input gradient.
    assertEquals(
        2 * (3 * 416_520 - 117_600) * training / 1e9,
        json.path("training").path("gigaflops").asDouble(),
        1e-6);
  }

  @Test
  void refusesWrongOptionsAtOnce() {
    Cli cli = Cli.run("benchmark", "--kernel-size", "29");

    assertEquals(ExitStatus.WRONG_USAGE, cli.status());
    assertEquals(1, cli.errLines().size(), cli.err());
  }
}
