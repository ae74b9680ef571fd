package io.github.lenet.training;

import java.io.IOException;

/**
 * Receives the progress of a training. It is called on the training thread, between gradient steps.
 * An exception ends the training.
 */
public interface TrainingListener {

  /**
   * Called after each gradient step.
   *
   * @param progress the progress of the epoch
   * @throws IOException if the listener can't write its output
   */
  default void onBatch(BatchProgress progress) throws IOException {}

  /**
   * Called after each epoch.
   *
   * @param result the result of the epoch
   * @throws IOException if the listener can't write its output
   */
  default void onEpoch(EpochResult result) throws IOException {}

  /**
   * Called by {@link io.github.lenet.training.run.TrainingRun} after the run has ended or was
   * stopped, and its directory is written.
   *
   * @param result the result of the run
   * @throws IOException if the listener can't write its output
   */
  default void onEnd(TrainingResult result) throws IOException {}

  /**
   * Returns a listener that passes every call on, first to this listener, then to another.
   *
   * @param next the second listener
   * @return both listeners in one
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
