package io.github.lenet.training.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.lenet.data.Provenance;
import io.github.lenet.training.EpochResult;
import io.github.lenet.training.Metrics;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The numbers of the epoch whose network the run gives: {@code metrics.json} of a {@link
 * RunDirectory}. Losses are in nats, accuracies from 0 to 1.
 *
 * @param dataset the training data's short name
 * @param note empty, or what must be said along with the numbers
 * @param epoch counted from 1
 * @param trainLoss over the epoch's batches
 * @param trainAccuracy likewise
 * @param validationLoss after the epoch; empty without a validation split
 * @param validationAccuracy likewise
 * @param testLoss of the network that the run gives; with a validation split, empty until the run's
 *     end
 * @param testAccuracy likewise
 * @param seconds that the epoch took, evaluation included
 * @param imagesPerSecond training images, the evaluation not counted
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
   * @param validation of the epoch, if there is a validation split
   * @param test of the network, if it is known
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
