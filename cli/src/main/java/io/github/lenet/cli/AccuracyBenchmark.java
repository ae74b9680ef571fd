package io.github.lenet.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lenet.cli.output.CommandFailedException;
import io.github.lenet.cli.output.PropertyTable;
import io.github.lenet.data.DatasetSplits;
import io.github.lenet.training.BatchProgress;
import io.github.lenet.training.EpochResult;
import io.github.lenet.training.Trainer;
import io.github.lenet.training.TrainingConfig;
import io.github.lenet.training.TrainingListener;
import io.github.lenet.training.device.DeviceSelection;
import io.github.lenet.training.internal.console.ProgressBar;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * Measures how long a training takes to reach an accuracy on the test images, with several seeds.
 */
final class AccuracyBenchmark {

  private final DatasetSplits data;
  private final DeviceSelection device;
  private final int seeds;
  private final ProgressBar bar;

  AccuracyBenchmark(DatasetSplits data, DeviceSelection device, int seeds, ProgressBar bar) {
    this.data = data;
    this.device = device;
    this.seeds = seeds;
    this.bar = bar;
  }

  /**
   * An accuracy and how long it took to reach it.
   *
   * @param name the name of the settings
   * @param accuracy the accuracy to reach
   * @param runs a run for each seed
   */
  record Reached(String name, double accuracy, List<Run> runs) {

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

  /**
   * The first epochs of a training, up to the one that reached an accuracy.
   *
   * @param epochs their number
   * @param seconds the time of their steps and evaluations, without the start of the process
   */
  record Run(int epochs, double seconds) {}

  /** Trains the presets: classic for at most 30 epochs, modern as long as its schedule is. */
  List<Reached> presets(int threads) throws IOException {
    TrainingConfig classic = TrainingConfig.builder().epochs(30).threads(threads).build();
    TrainingConfig modern = TrainingConfig.modern().toBuilder().threads(threads).build();
    List<Reached> all = new ArrayList<>(measure("classic", classic, 0.8));
    all.addAll(measure("modern", modern, 0.9, 0.92));
    return all;
  }

  /**
   * Trains with seeds from 1. A run ends when it has reached the last accuracy.
   *
   * @param accuracies ascending
   * @return a result for each accuracy
   * @throws CommandFailedException if a run ends below an accuracy
   */
  List<Reached> measure(String name, TrainingConfig config, double... accuracies)
      throws IOException {
    List<List<EpochResult>> trained = new ArrayList<>();
    for (int seed = 1; seed <= seeds; seed++) {
      trained.add(
          train(name, config.toBuilder().seed(seed).build(), accuracies[accuracies.length - 1]));
    }
    return DoubleStream.of(accuracies)
        .mapToObj(
            accuracy ->
                new Reached(
                    name,
                    accuracy,
                    trained.stream().map(results -> run(name, accuracy, results)).toList()))
        .toList();
  }

  private List<EpochResult> train(String name, TrainingConfig config, double accuracy)
      throws IOException {
    try (Trainer trainer = new Trainer(config, device)) {
      TrainingListener listener =
          new TrainingListener() {
            @Override
            public void onBatch(BatchProgress batch) {
              bar.show(
                  "%s, seed %s, epoch %s".formatted(name, config.seed(), batch.epoch()),
                  batch.batch(),
                  batch.batches());
            }

            @Override
            public void onEpoch(EpochResult result) {
              if (result.validation().accuracy() >= accuracy) {
                trainer.stop();
              }
            }
          };
      return trainer.fit(data.train(), data.test(), listener);
    }
  }

  private static Run run(String name, double accuracy, List<EpochResult> results) {
    double seconds = 0;
    for (EpochResult result : results) {
      seconds += result.time().toNanos() / 1e9;
      if (result.validation().accuracy() >= accuracy) {
        return new Run(result.epoch(), seconds);
      }
    }
    throw new CommandFailedException(
        "%s: a test accuracy of %s was not reached in %s epochs"
            .formatted(name, accuracy, results.size()));
  }
}
