package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.lenet.cli.AccuracyBenchmark.Reached;
import io.github.lenet.cli.AccuracyBenchmark.Run;
import io.github.lenet.cli.output.CommandFailedException;
import io.github.lenet.cli.output.Console;
import io.github.lenet.cli.output.PropertyTable;
import io.github.lenet.data.DatasetSplits;
import io.github.lenet.data.SampleGarments;
import io.github.lenet.training.EpochResult;
import io.github.lenet.training.Optimizer;
import io.github.lenet.training.Trainer;
import io.github.lenet.training.TrainingConfig;
import io.github.lenet.training.device.DeviceSelection;
import io.github.lenet.training.internal.console.ProgressBar;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AccuracyBenchmarkTest {

  private static final DeviceSelection CPU = DeviceSelection.cpu("a test");

  private final TrainingConfig config =
      TrainingConfig.modern().toBuilder()
          .optimizer(Optimizer.adam(0.003))
          .epochs(6)
          .threads(1)
          .build();
  private final DatasetSplits data = few(SampleGarments.load());

  private static DatasetSplits few(DatasetSplits all) {
    return new DatasetSplits(
        all.train().first(800), Optional.empty(), all.test().first(200), all.provenance(), true);
  }

  @Test
  void takesTheFirstEpochThatReachesAnAccuracy() throws IOException {
    List<Reached> found = measure(0.4, 0.6);

    for (int seed = 1; seed <= 2; seed++) {
      List<EpochResult> whole;
      try (Trainer trainer = new Trainer(config.toBuilder().seed(seed).build(), CPU)) {
        whole = trainer.fit(data.train(), data.test());
      }
      double before = 0;
      for (Reached each : found) {
        int epochs = each.runs().get(seed - 1).epochs();
        int expected = 1;
        while (whole.get(expected - 1).validation().accuracy() < each.accuracy()) {
          expected++;
        }
        assertEquals(expected, epochs, whole.toString());
        assertTrue(each.runs().get(seed - 1).seconds() >= before);
        before = each.runs().get(seed - 1).seconds();
      }
    }
    assertEquals(List.of(0.4, 0.6), found.stream().map(Reached::accuracy).toList());
    assertEquals(2, found.get(1).runs().size());
  }

  @Test
  void saysWhichAccuracyWasNotReached() {
    CommandFailedException e = assertThrows(CommandFailedException.class, () -> measure(0.1, 1.01));

    assertEquals("few: a test accuracy of 1.01 was not reached in 6 epochs", e.getMessage());
  }

  @Test
  void showsMedianAndRange() {
    PropertyTable table = new PropertyTable();
    List<Run> runs = List.of(new Run(8, 20), new Run(10, 26), new Run(9, 21.5));
    new Reached("classic", 0.8, runs).addTo(table);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
    table.print(new Console(stream, stream, false), false);

    assertEquals(
        "classic to 0.80  21.5 seconds (20.0 to 26.0), 9 epochs (8 to 10)",
        out.toString(StandardCharsets.UTF_8).strip());
    JsonNode json = table.json().path("to_accuracy").path(0);
    assertEquals(0.8, json.path("accuracy").asDouble());
    assertEquals(21.5, json.path("seconds").asDouble());
    assertEquals(9, json.path("epochs").asDouble());
  }

  private List<Reached> measure(double... accuracies) throws IOException {
    ProgressBar none = new ProgressBar(System.err, false);
    return new AccuracyBenchmark(data, CPU, 2, none).measure("few", config, accuracies);
  }
}
