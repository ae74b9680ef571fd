package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.lenet.cli.output.ExitCode;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class BenchmarkCommandTest {

  @Test
  @Tag("slow")
  void measuresTrainingAndInference() {
    Cli cli = Cli.run("benchmark", "--rounds", "1", "--device", "cpu", "--threads", "1", "--json");

    assertEquals(ExitCode.DONE, cli.status(), cli.err());
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
    double inference = json.path("inference").path("images_per_second").asDouble();
    assertEquals(
        2 * 416_520 * inference / 1e9, json.path("inference").path("gigaflops").asDouble(), 1e-6);
    double median = json.path("latency").path("median_microseconds").asDouble();
    assertTrue(median > 0, cli.out());
    assertTrue(median < json.path("latency").path("p99_microseconds").asDouble(), cli.out());
    JsonNode predictions = json.path("predictions");
    assertEquals(1, predictions.path("callers").asInt());
    double one = predictions.path("one_caller_per_second").asDouble();
    // One image takes no less than its share of a batch.
    assertTrue(one < inference, cli.out());
    assertEquals(
        predictions.path("per_second").asDouble() / one,
        predictions.path("scaling").asDouble(),
        1e-9);
    assertFalse(json.has("note"));
  }

  /** What comes trained is the classic network, whatever is trained here. */
  @Test
  @Tag("slow")
  void saysWhichNetworkAnswers() {
    Cli cli =
        Cli.run(
            "benchmark",
            "--rounds",
            "1",
            "--device",
            "cpu",
            "--channels",
            "2,3",
            "--dense-units",
            "9");

    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    assertEquals("", cli.err(), "no progress bar where there is no terminal");
    String range = " \\([\\d,.]+ to [\\d,.]+\\)";
    String rate = "[\\d,]+ images/sec" + range + ", [\\d.]+ GFLOP/s";
    List<String> expected =
        List.of(
            "training +" + rate,
            "evaluation +" + rate,
            "inference +" + rate,
            "latency +[\\d,]+ µs" + range + " per image, 99th percentile [\\d,]+ µs" + range,
            "predictions +[\\d,]+ predictions/sec"
                + range
                + " with \\d+ concurrent callers, [\\d.]+ times one caller's rate"
                + range,
            "note +inference, latency and predictions are those of the pretrained classic network.*");
    List<String> lines = cli.outLines();
    int first = lines.size() - expected.size();
    for (int i = 0; i < expected.size(); i++) {
      assertTrue(lines.get(first + i).matches(expected.get(i)), lines.get(first + i));
    }
  }

  @Test
  void refusesWrongOptionsAtOnce() {
    for (List<String> options :
        List.of(
            List.of("--kernel-size", "29"),
            List.of("--data-dir", "."),
            List.of("--to-accuracy", "--data-dir", "no/such"))) {
      Cli cli =
          Cli.run(Stream.concat(Stream.of("benchmark"), options.stream()).toArray(String[]::new));

      assertEquals(ExitCode.WRONG_USAGE, cli.status());
      assertEquals(1, cli.errLines().size(), cli.err());
    }
  }
}
