package io.github.lenet.training;

import java.io.IOException;

/**
 * Receives the progress of training, on the training thread, between steps. An exception ends the
 * training.
 */
public interface TrainingListener {

  /**
   * Called after each gradient step.
   *
   * @param progress how far the epoch has come
   * @throws IOException if what the listener writes can't be written
   */
  default void onBatch(BatchProgress progress) throws IOException {}

  /**
   * Called after each epoch.
   *
   * @param result the result
   * @throws IOException if what the listener writes can't be written
   */
  default void onEpoch(EpochResult result) throws IOException {}

  /**
   * Called by {@link io.github.lenet.training.run.TrainingRun} after the run has ended or was
   * stopped, and its directory is written.
   *
   * @param result the result
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
