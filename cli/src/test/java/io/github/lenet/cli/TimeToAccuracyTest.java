package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.cli.output.CommandFailedException;
import io.github.lenet.data.DatasetSplits;
import io.github.lenet.data.SampleGarments;
import io.github.lenet.training.EpochResult;
import io.github.lenet.training.Optimizer;
import io.github.lenet.training.Trainer;
import io.github.lenet.training.TrainingConfig;
import io.github.lenet.training.TrainingListener;
import io.github.lenet.training.device.DeviceSelection;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TimeToAccuracyTest {

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
    List<TimeToAccuracy> found = measure(0.4, 0.6);

    for (int seed = 1; seed <= 2; seed++) {
      List<EpochResult> whole;
      try (Trainer trainer = new Trainer(config.toBuilder().seed(seed).build(), CPU)) {
        whole = trainer.fit(data.train(), data.test());
      }
      double before = 0;
      for (TimeToAccuracy each : found) {
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
    assertEquals(List.of(0.4, 0.6), found.stream().map(TimeToAccuracy::accuracy).toList());
    assertEquals(2, found.get(1).runs().size());
  }

  @Test
  void saysWhichAccuracyWasNotReached() {
    CommandFailedException e = assertThrows(CommandFailedException.class, () -> measure(0.1, 1.01));

    assertEquals("few: a test accuracy of 1.01 was not reached in 6 epochs", e.getMessage());
  }

  private List<TimeToAccuracy> measure(double... accuracies) throws IOException {
    return TimeToAccuracy.measure(
        "few", config, accuracies, 2, data, CPU, new TrainingListener() {});
  }
}
