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
   * @throws IOException if what the listener writes can't be written
   */
  default void onEnd(TrainingResult result) throws IOException {}

  /**
   * A listener that passes everything on to this one, then to another.
   *
   * @param next is told second
   * @return both in one
   */
  default TrainingListener andThen(TrainingListener next) {
    TrainingListener first = this;
    return new TrainingListener() {
      @Override
      public void onBatch(BatchProgress progress) throws IOException {
        first.onBatch(progress);
        next.onBatch(progress);
      }

      @Override
      public void onEpoch(EpochResult result) throws IOException {
        first.onEpoch(result);
        next.onEpoch(result);
      }

      @Override
      public void onEnd(TrainingResult result) throws IOException {
        first.onEnd(result);
        next.onEnd(result);
      }
    };
  }
}
