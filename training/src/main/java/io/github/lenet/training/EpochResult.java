package io.github.lenet.training;

import java.time.Duration;
import java.util.Objects;

/**
 * The result of an epoch.
 *
 * @param epoch the epoch, counted from 1
 * @param train loss and accuracy over the epoch's batches, each computed just before its gradient
 *     step, as in the chapter
 * @param validation loss and accuracy after the epoch: on the validation split if there is one,
 *     else on the test set
 * @param trainingTime time of the gradient steps
 * @param time time of the gradient steps and the evaluation
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

  /** {@return the training speed in images per second, evaluation not counted} */
  public double imagesPerSecond() {
    return train.total() / seconds(trainingTime);
  }

  /** {@return the time of the gradient steps and the evaluation, in seconds} */
  public double seconds() {
    return seconds(time);
  }

  static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }
}
