package io.github.lenet.training.run;

import io.github.lenet.data.Provenance;
import io.github.lenet.model.internal.AtomicFile;
import io.github.lenet.training.EpochResult;
import io.github.lenet.training.Metrics;
import io.github.lenet.training.TrainingConfig;
import io.github.lenet.training.TrainingListener;
import io.github.lenet.training.internal.io.Json;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;

/**
 * Writes {@code metrics.csv} and {@code metrics.json} after each epoch.
 *
 * @param directory the run directory
 * @param config the training settings
 * @param data the training data
 * @param history the history of the run
 */
record MetricsWriter(
    RunDirectory directory, TrainingConfig config, Provenance data, HistoryRecorder history)
    implements TrainingListener {

  static final String CSV = "metrics.csv";

  private static final String HEADER =
      "epoch,train_loss,train_accuracy,test_loss,test_accuracy,seconds,images_per_second";

  @Override
  public void onEpoch(EpochResult result) throws IOException {
    write();
  }

  /** Writes the metrics so far. */
  void write() throws IOException {
    EpochResult chosen = config.selectedEpoch(history.epochs()).orElseThrow();
    write(chosen, config.hasValidation() ? Optional.empty() : Optional.of(chosen.validation()));
  }

  /**
   * Writes the final metrics.
   *
   * @param test loss and accuracy of the selected epoch's network on the test set
   */
  void writeFinal(Metrics test) throws IOException {
    write(config.selectedEpoch(history.epochs()).orElseThrow(), Optional.of(test));
  }

  private void write(EpochResult chosen, Optional<Metrics> test) throws IOException {
    Optional<Metrics> validation =
        config.hasValidation() ? Optional.of(chosen.validation()) : Optional.empty();
    AtomicFile.write(directory.file(CSV), csv());
    AtomicFile.write(
        directory.file(RunMetrics.FILE), Json.write(RunMetrics.of(data, chosen, validation, test)));
  }

  private String csv() {
    StringBuilder csv = new StringBuilder();
    if (data.isFallback()) {
      csv.append("# ").append(data.note()).append('\n');
    }
    csv.append(config.hasValidation() ? HEADER.replace("test_", "validation_") : HEADER);
    csv.append('\n');
    for (EpochResult result : history.epochs()) {
      csv.append(
          String.format(
              Locale.ROOT,
              "%d,%.6f,%.6f,%.6f,%.6f,%.3f,%.1f\n",
              result.epoch(),
              result.train().meanLoss(),
              result.train().accuracy(),
              result.validation().meanLoss(),
              result.validation().accuracy(),
              result.seconds(),
              result.imagesPerSecond()));
    }
    return csv.toString();
  }
}
