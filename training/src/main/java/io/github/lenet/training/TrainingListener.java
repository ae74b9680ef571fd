package io.github.lenet.training;

import java.io.IOException;

/**
 * Is told how training goes, on the training thread, in between steps. What it throws ends the
 * training.
 */
public interface TrainingListener {

  /**
   * Another batch was learned from.
   *
   * @param progress how far the epoch has come
   * @throws IOException if what the listener writes can't be written
   */
  default void onBatch(BatchProgress progress) throws IOException {}

  /**
   * Another epoch is over.
   *
   * @param result what it gave
   * @throws IOException if what the listener writes can't be written
   */
  default void onEpoch(EpochResult result) throws IOException {}

  /**
   * The run is over, or was stopped, and its directory is written. Only {@link TrainingRun} says
   * so.
   *
   * @param result what it gave
   */
  default void onEnd(TrainingResult result) {}
}
