package io.github.lenet.training.run;

import io.github.lenet.training.EpochResult;
import io.github.lenet.training.Trainer;
import io.github.lenet.training.TrainingListener;
import java.io.IOException;

/**
 * Saves a checkpoint after each epoch, before the other files of the epoch are written.
 *
 * @param directory the run directory, which must still be in place
 * @param config the configuration of the run
 * @param trainer the trainer whose variables are saved
 * @param history the history of the run
 * @param keepLast number of checkpoints to keep, in addition to the best epoch's
 */
record CheckpointWriter(
    RunDirectory directory,
    RunConfig config,
    Trainer trainer,
    HistoryRecorder history,
    int keepLast)
    implements TrainingListener {

  @Override
  public void onEpoch(EpochResult result) throws IOException {
    directory.requireInPlace();
    directory.keep();
    directory.checkpoints().save(trainer, config, history.history(trainer.steps()), keepLast);
  }
}
