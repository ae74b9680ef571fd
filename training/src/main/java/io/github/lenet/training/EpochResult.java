package io.github.lenet.training;

import java.time.Duration;
import java.util.Objects;

/**
 * The result of an epoch.
 *
 * @param epoch counted from 1
 * @param train loss and accuracy over the epoch's batches, each measured just before the gradient
 *     step, as the chapter does
 * @param validation loss and accuracy after the epoch: on the validation images if there is a
 *     validation split, else on the test set
 * @param trainingTime what the steps took
 * @param time what steps and evaluation took
 */
public record EpochResult(
    int epoch, Metrics train, Metrics validation, Duration trainingTime, Duration time) {

  /** Checks that nothing is null. */
  public EpochResult {
    Objects.requireNonNull(train, "train");
    Objects.requireNonNull(validation, "validation");
    Objects.requireNonNull(trainingTime, "trainingTime");
    Objects.requireNonNull(time, "time");
  }

  /**
   * Training speed, evaluation not counted.
   *
   * @return training images per second
   */
  public double imagesPerSecond() {
    return train.total() / seconds(trainingTime);
  }

  /** {@return what steps and evaluation took, in seconds} */
  public double seconds() {
    return seconds(time);
  }

  static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }
}
