package io.github.lenet.training.run;

import io.github.lenet.training.EpochResult;
import io.github.lenet.training.Metrics;
import io.github.lenet.training.Trainer;
import java.time.Duration;
import java.util.List;

/**
 * The history of a run so far: {@code history.json} of a {@link Checkpoint}. Together with the
 * trained variables it is all that the run needs to continue.
 *
 * @param steps gradient steps so far, used by dropout and Adam
 * @param epochs the finished epochs, in order
 * @param points the points of the training curves, several per epoch
 */
record RunHistory(long steps, List<Epoch> epochs, List<Point> points) {

  static final String FILE = "history.json";
  static final RunHistory NONE = new RunHistory(0, List.of(), List.of());

  /** Copies the lists and checks that no epoch is missing. */
  RunHistory {
    epochs = List.copyOf(epochs);
    points = List.copyOf(points);
    for (int i = 0; i < epochs.size(); i++) {
      if (epochs.get(i).epoch() != i + 1) {
        throw new IllegalArgumentException(
            "expected epoch %s, found %s".formatted(i + 1, epochs.get(i).epoch()));
      }
    }
  }

  /**
   * A point of the training curves.
   *
   * @param epoch the time in epochs since the start, may be a fraction
   * @param loss mean over the epoch's images so far, in nats
   * @param accuracy accuracy on the same images, 0 to 1
   */
  record Point(double epoch, double loss, double accuracy) {

    /** Checks that the epoch is not negative. */
    Point {
      if (!(epoch >= 0)) {
        throw new IllegalArgumentException("epoch (" + epoch + ") must not be negative");
      }
    }
  }

  /** An {@link EpochResult} in plain values, with times in nanoseconds. */
  record Epoch(int epoch, Metrics train, Metrics validation, long trainingNanos, long nanos) {

    static Epoch of(EpochResult result) {
      return new Epoch(
          result.epoch(),
          result.train(),
          result.validation(),
          result.trainingTime().toNanos(),
          result.time().toNanos());
    }

    EpochResult toResult() {
      return new EpochResult(
          epoch, train, validation, Duration.ofNanos(trainingNanos), Duration.ofNanos(nanos));
    }
  }

  /** {@return the finished epochs, as {@link Trainer#fit} returned them} */
  List<EpochResult> results() {
    return epochs.stream().map(Epoch::toResult).toList();
  }
}
