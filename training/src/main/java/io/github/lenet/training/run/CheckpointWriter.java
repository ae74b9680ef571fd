package io.github.lenet.training.run;

import io.github.lenet.training.EpochResult;
import io.github.lenet.training.Trainer;
import io.github.lenet.training.TrainingListener;
import java.io.IOException;

/**
 * Saves a checkpoint after each epoch, before anything else is written of it.
 *
 * @param directory the run's, which must still be in its place
 * @param config of the run, for the checkpoint
 * @param trainer whose variables are saved
 * @param history of the run
 * @param keepLast how many checkpoints stay, beside that of the best epoch
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
