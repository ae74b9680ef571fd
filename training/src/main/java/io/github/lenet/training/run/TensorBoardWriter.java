package io.github.lenet.training.run;

import io.github.lenet.data.ImageDataset;
import io.github.lenet.training.BatchProgress;
import io.github.lenet.training.EpochResult;
import io.github.lenet.training.Trainer;
import io.github.lenet.training.TrainingConfig;
import io.github.lenet.training.TrainingListener;
import java.io.IOException;

/**
 * Writes event files for TensorBoard: curves, and after each epoch the network's outputs for
 * images.
 *
 * @param log the log, closed with this writer
 * @param config the training settings
 * @param trainer the trainer whose network is shown
 * @param validation the images of each epoch's evaluation
 */
record TensorBoardWriter(
    TensorBoardLog log, TrainingConfig config, Trainer trainer, ImageDataset validation)
    implements TrainingListener, AutoCloseable {

  @Override
  public void onBatch(BatchProgress progress) throws IOException {
    if (HistoryRecorder.isPoint(progress)) {
      long step = (progress.epoch() - 1L) * progress.batches() + progress.batch();
      log.scalar("loss/train", step, progress.train().meanLoss());
      log.scalar("accuracy/train", step, progress.train().accuracy());
      log.scalar("learning_rate", step, config.learningRate(step - 1, progress.batches()));
    }
  }

  @Override
  public void onEpoch(EpochResult result) throws IOException {
    String name = config.hasValidation() ? "validation" : "test";
    long steps = trainer.steps();
    log.scalar("loss/" + name, steps, result.validation().meanLoss());
    log.scalar("accuracy/" + name, steps, result.validation().accuracy());
    log.scalar("images_per_second", steps, result.imagesPerSecond());
    if (Double.isFinite(result.validation().meanLoss())) { // else there is no network to show
      log.network(steps, trainer.model(validation.classNames()), validation);
    }
    log.flush();
  }

  @Override
  public void close() throws IOException {
    log.close();
  }
}
