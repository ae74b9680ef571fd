package io.github.lenet.training;

import io.github.lenet.data.DatasetSplits;
import io.github.lenet.data.ImageDataset;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A training run from data to run directory, or from a run directory's last checkpoint on. When the
 * process is told to end (Ctrl-C, SIGTERM) it stops after the batch it is at and still writes what
 * the finished epochs gave.
 */
public final class TrainingRun {

  /** How long the end of the process waits for the files; an export takes well under a second. */
  private static final long PATIENCE_SECONDS = 60;

  /** The same for all runs, whatever their seed, so that they are evaluated on the same images. */
  private static final long SPLIT_SEED = 0;

  private TrainingRun() {}

  /**
   * Trains, evaluates, and writes the run directory. With validation images, the network that the
   * run gives is that of the epoch with the highest accuracy on them, and the test set is read
   * once, by that network; else it is that of the last epoch.
   *
   * @param data training and test images
   * @param config how; its model fits the images
   * @param device where
   * @param directory what is left behind; is closed
   * @param listener is told how it goes
   * @return the finished epochs and where they are
   * @throws DivergedException if the loss is no longer a finite number; finished epochs stay saved
   * @throws IOException if the directory can't be written
   */
  public static TrainingResult execute(
      DatasetSplits data,
      TrainingConfig config,
      DeviceSelection device,
      RunDirectory directory,
      TrainingListener listener)
      throws IOException {
    try (EndOfProcess end = new EndOfProcess();
        directory;
        Trainer trainer = new Trainer(config, device)) {
      end.stops(trainer);
      Images images = Images.of(data, config);
      directory.start(config, device, data.provenance());
      List<EpochResult> done = directory.restore(trainer);
      TrainingListener recorder =
          new TrainingListener() {
            @Override
            public void onBatch(BatchProgress progress) throws IOException {
              directory.add(progress, config);
            }

            @Override
            public void onEpoch(EpochResult result) throws IOException {
              directory.add(result, trainer, images.validation(), config, data.provenance());
            }
          };
      List<EpochResult> epochs =
          trainer.fit(images.train(), images.validation(), done, recorder.andThen(listener));
      boolean stopped = epochs.size() < config.epochs() && !config.isOutOfPatience(epochs);
      Optional<TrainingResult.Outcome> outcome = Optional.empty();
      if (!epochs.isEmpty()) {
        EpochResult chosen = config.selectedEpoch(epochs).orElseThrow();
        directory.restoreSelected(trainer, config);
        Metrics test = config.hasValidation() ? trainer.evaluate(data.test()) : chosen.validation();
        directory.finish(config, data, trainer.model(data.test().classNames()), test);
        outcome = Optional.of(new TrainingResult.Outcome(chosen, test));
      }
      TrainingResult result =
          new TrainingResult(
              epochs,
              outcome,
              config.hasValidation(),
              stopped,
              device,
              data.provenance(),
              directory.path());
      listener.onEnd(result);
      return result;
    }
  }

  /**
   * The parts of a data set that epochs work with.
   *
   * @param train the training images
   * @param validation what to measure each epoch with: validation images, else the test set
   */
  record Images(ImageDataset train, ImageDataset validation) {

    static Images of(DatasetSplits data, TrainingConfig config) {
      if (!config.hasValidation()) {
        return new Images(data.train(), data.test());
      }
      ImageDataset.Split split = data.train().split(config.validationSplit(), SPLIT_SEED);
      return new Images(split.train(), split.validation());
    }
  }

  /** Holds up the end of the process until the run has written its files. */
  private static final class EndOfProcess implements AutoCloseable {

    private final CountDownLatch written = new CountDownLatch(1);
    private final Thread hook = new Thread(this::holdUp, "lenet-end-of-process");
    private volatile Optional<Trainer> trainer = Optional.empty();

    EndOfProcess() {
      Runtime.getRuntime().addShutdownHook(hook);
    }

    void stops(Trainer trainer) {
      this.trainer = Optional.of(trainer);
    }

    private void holdUp() {
      trainer.ifPresent(Trainer::stop);
      try {
        if (trainer.isPresent() && !written.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
          System.getLogger(TrainingRun.class.getName())
              .log(System.Logger.Level.WARNING, "gave up waiting for the run's files");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void close() {
      written.countDown();
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The process is ending, and the hook is what brought us here.
      }
    }
  }
}
