package io.github.lenet.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lenet.cli.output.CommandFailedException;
import io.github.lenet.cli.output.PropertyTable;
import io.github.lenet.data.DatasetSplits;
import io.github.lenet.training.EpochResult;
import io.github.lenet.training.Trainer;
import io.github.lenet.training.TrainingConfig;
import io.github.lenet.training.TrainingListener;
import io.github.lenet.training.device.DeviceSelection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How long trainings with several seeds took to reach a test accuracy.
 *
 * @param name the name of the settings
 * @param accuracy the accuracy to reach
 * @param runs a run for each seed
 */
record TimeToAccuracy(String name, double accuracy, List<Run> runs) {

  /**
   * The part of a training that reached the accuracy.
   *
   * @param epochs its epochs
   * @param seconds the time of its steps and evaluations, without the start of the process
   */
  record Run(int epochs, double seconds) {}

  /**
   * Trains with seeds from 1 and stops each run at the highest accuracy.
   *
   * @param name the name of the settings
   * @param config the settings, with the most epochs to take
   * @param accuracies the accuracies to reach on the test images
   * @param seeds the number of runs
   * @return a result for each accuracy, in order
   * @throws CommandFailedException if a run ends below an accuracy
   */
  static List<TimeToAccuracy> measure(
      String name,
      TrainingConfig config,
      double[] accuracies,
      int seeds,
      DatasetSplits data,
      DeviceSelection device,
      TrainingListener progress)
      throws IOException {
    double highest = Arrays.stream(accuracies).max().orElseThrow();
    List<List<EpochResult>> trained = new ArrayList<>();
    for (int seed = 1; seed <= seeds; seed++) {
      try (Trainer trainer = new Trainer(config.toBuilder().seed(seed).build(), device)) {
        TrainingListener stop =
            new TrainingListener() {
              @Override
              public void onEpoch(EpochResult result) {
                if (result.validation().accuracy() >= highest) {
                  trainer.stop();
                }
              }
            };
        trained.add(trainer.fit(data.train(), data.test(), progress.andThen(stop)));
      }
    }
    List<TimeToAccuracy> all = new ArrayList<>();
    for (double accuracy : accuracies) {
      List<Run> runs = new ArrayList<>();
      for (List<EpochResult> results : trained) {
        runs.add(firstEpochs(name, accuracy, results));
      }
      all.add(new TimeToAccuracy(name, accuracy, runs));
    }
    return all;
  }

  private static Run firstEpochs(String name, double accuracy, List<EpochResult> results) {
    double seconds = 0;
    for (EpochResult result : results) {
      seconds += result.time().toNanos() / 1e9;
      if (result.validation().accuracy() >= accuracy) {
        return new Run(result.epoch(), seconds);
      }
    }
    throw new CommandFailedException(
        String.format(
            Locale.ROOT,
            "%s: a test accuracy of %.2f was not reached in %d epochs",
            name,
            accuracy,
            results.size()));
  }

  /** Adds a line with the median and the range over the runs. */
  void addTo(PropertyTable table) {
    Spread seconds = Spread.of(runs, Run::seconds);
    Spread epochs = Spread.of(runs, Run::epochs);
    table.addLine(
        String.format(Locale.ROOT, "%s to %.2f", name, accuracy),
        seconds.text("%.1f", "seconds") + ", " + epochs.text("%.0f", "epochs"));
    ObjectNode json = table.json().withArray("to_accuracy").addObject();
    json.put("preset", name).put("accuracy", accuracy).put("seconds", seconds.median());
    json.put("fastest", seconds.lowest()).put("slowest", seconds.highest());
    json.put("epochs", epochs.median());
  }
}
