package io.github.lenet.training;

import java.time.Duration;
import java.util.Objects;

/**
 * What an epoch gave.
 *
 * @param epoch counted from 1
 * @param train loss and accuracy over the epoch's batches, each measured just before the step that
 *     learned from it, as the chapter does
 * @param heldOut loss and accuracy after the epoch, over all images that were held out of training:
 *     the test set, or the validation images if there are some
 * @param trainingTime what the steps took
 * @param time what steps and evaluation took
 */
public record EpochResult(
    int epoch, Evaluation train, Evaluation heldOut, Duration trainingTime, Duration time) {

  /** Checks that nothing is null. */
  public EpochResult {
    Objects.requireNonNull(train, "train");
    Objects.requireNonNull(heldOut, "heldOut");
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

  static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }
}
