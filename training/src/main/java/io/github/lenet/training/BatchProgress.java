package io.github.lenet.training;

import java.util.Objects;

/**
 * The progress of an epoch.
 *
 * @param epoch the epoch, counted from 1
 * @param epochs the number of all epochs
 * @param batch the batch, counted from 1
 * @param batches the number of batches in this epoch
 * @param train loss and accuracy over the epoch's batches so far
 */
public record BatchProgress(int epoch, int epochs, int batch, int batches, Metrics train) {

  /** Checks that nothing is null. */
  public BatchProgress {
    Objects.requireNonNull(train, "train");
  }
}
