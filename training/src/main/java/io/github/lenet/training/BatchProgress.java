package io.github.lenet.training;

import java.util.Objects;

/**
 * How far an epoch has come.
 *
 * @param epoch counted from 1
 * @param epochs in all
 * @param batch counted from 1
 * @param batches in this epoch
 * @param train loss and accuracy over the epoch's batches so far
 */
public record BatchProgress(int epoch, int epochs, int batch, int batches, Metrics train) {

  /** Checks that nothing is null. */
  public BatchProgress {
    Objects.requireNonNull(train, "train");
  }
}
