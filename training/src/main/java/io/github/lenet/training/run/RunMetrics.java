package io.github.lenet.training.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.lenet.data.Provenance;
import io.github.lenet.training.EpochResult;
import io.github.lenet.training.Metrics;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The metrics of the selected epoch: {@code metrics.json} of a {@link RunDirectory}. Losses are in
 * nats, accuracies from 0 to 1.
 *
 * @param dataset the training data's short name
 * @param note a note that belongs to the numbers, or empty
 * @param epoch the epoch, counted from 1
 * @param trainLoss over the epoch's batches
 * @param trainAccuracy over the epoch's batches
 * @param validationLoss after the epoch; empty without a validation split
 * @param validationAccuracy after the epoch; empty without a validation split
 * @param testLoss loss of the epoch's network on the test set; with a validation split, empty until
 *     the run's end
 * @param testAccuracy accuracy of the epoch's network on the test set; empty when the loss is
 * @param seconds time of the epoch, including the evaluation
 * @param imagesPerSecond training images per second, evaluation not counted
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
record RunMetrics(
    String dataset,
    String note,
    int epoch,
    double trainLoss,
    double trainAccuracy,
    OptionalDouble validationLoss,
    OptionalDouble validationAccuracy,
    OptionalDouble testLoss,
    OptionalDouble testAccuracy,
    double seconds,
    double imagesPerSecond) {

  static final String FILE = "metrics.json";

  /** Checks that nothing is null. */
  RunMetrics {
    Objects.requireNonNull(dataset, "dataset");
    Objects.requireNonNull(note, "note");
  }

  /**
   * @param validation metrics on the validation split, if there is one
   * @param test metrics on the test set, if they are known
   */
  static RunMetrics of(
      Provenance data, EpochResult epoch, Optional<Metrics> validation, Optional<Metrics> test) {
    return new RunMetrics(
        data.id(),
        data.note(),
        epoch.epoch(),
        epoch.train().meanLoss(),
        epoch.train().accuracy(),
        loss(validation),
        accuracy(validation),
        loss(test),
        accuracy(test),
        epoch.seconds(),
        epoch.imagesPerSecond());
  }

  private static OptionalDouble loss(Optional<Metrics> metrics) {
    return metrics.map(Metrics::meanLoss).map(OptionalDouble::of).orElse(OptionalDouble.empty());
  }

  private static OptionalDouble accuracy(Optional<Metrics> metrics) {
    return metrics.map(Metrics::accuracy).map(OptionalDouble::of).orElse(OptionalDouble.empty());
  }
}
