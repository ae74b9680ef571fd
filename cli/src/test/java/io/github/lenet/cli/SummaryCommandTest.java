package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.lenet.cli.output.ExitCode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SummaryCommandTest {

  @Test
  void printsTheClassicNetwork() {
    Cli cli = Cli.run("summary");

    assertEquals(ExitCode.DONE, cli.status());
    assertEquals("", cli.err());
    List<String> lines = cli.outLines();
    assertEquals(9, lines.size());
    assertTrue(lines.get(1).matches("conv1 +\\[n, 28, 28, 6] +156"), cli.out());
    assertTrue(lines.get(3).matches("conv2 +\\[n, 10, 10, 16] +2,416"), cli.out());
    assertTrue(lines.get(5).matches("dense1 +\\[n, 120] +48,120"), cli.out());
    assertTrue(lines.get(8).matches("total +61,706"), cli.out());
  }

  @Test
  void printsChannelsFirstAsTheChapterDoes() {
    Cli cli = Cli.run("summary", "--format", "NCHW");

    assertTrue(cli.outLines().get(3).matches("conv2 +\\[n, 16, 10, 10] +2,416"), cli.out());
  }

  @Test
  void printsTheSameNumbersAsJson() {
    JsonNode json = Cli.run("summary", "--json", "--format", "nchw").json();

    assertEquals("nchw", json.path("format").asText());
    assertEquals(61_706, json.path("parameters").asLong());
    assertEquals(7, json.path("layers").size());
    assertEquals("[6,14,14]", json.path("layers").get(1).path("output_shape").toString());
    long sum = 0;
    for (JsonNode layer : json.path("layers")) {
      sum += layer.path("parameters").asLong();
    }
    assertEquals(61_706, sum);
  }

  @ParameterizedTest
  @CsvSource({
    // 5×5×1×4 + 4; then 14×14×4 inputs for ten classes, plus ten.
    "--channels 4 --dense-units none, 104, 7850",
    "--channels 4 --dense-units '', 104, 7850",
    // 3×3 kernels: 28 stays, 14 after pooling; 14×14×4 inputs.
    "--channels 4 --kernel-size 3 --dense-units NONE, 40, 7850",
    // 32×16 images, two classes: 16×8×4 inputs.
    "--channels 4 --dense-units none --image-size 32x16 --classes 2, 104, 1026",
    "--channels 4 --dense-units none --activation ReLU --pooling Max, 104, 7850"
  })
  void followsTheOptions(String options, long first, long last) {
    String[] words = ("summary --json " + options).replace("''", "@").split(" ");
    for (int i = 0; i < words.length; i++) {
      words[i] = words[i].equals("@") ? "" : words[i];
    }
    JsonNode layers = Cli.run(words).json().path("layers");

    assertEquals(first, layers.get(0).path("parameters").asLong());
    assertEquals(last, layers.get(layers.size() - 1).path("parameters").asLong());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--classes 1 | --classes: expected at least 2, found 1",
        "--image-size 28x | --image-size: expected height and width in pixels",
        "--image-size 28x0 | --image-size: expected height and width in pixels",
        "--image-size 2x2 | conv2: its 5×5 window does not fit",
        "--format nwhc | did you mean nhwc? (nhwc, nchw)",
        "--channels 1000000,1000000 | parameters",
      })
  void refusesWhatIsNoNetwork(String options, String message) {
    Cli cli = Cli.run(("summary " + options).split(" "));

    assertEquals(ExitCode.WRONG_USAGE, cli.status());
    assertEquals(1, cli.errLines().size());
    assertTrue(cli.err().contains(message), cli.err());
  }
}
