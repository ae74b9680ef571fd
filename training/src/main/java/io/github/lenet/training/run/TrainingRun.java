package io.github.lenet.training.run;

import io.github.lenet.data.DatasetSplits;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.LeNetModel;
import io.github.lenet.model.internal.AtomicFile;
import io.github.lenet.training.DivergedException;
import io.github.lenet.training.EpochResult;
import io.github.lenet.training.Metrics;
import io.github.lenet.training.Trainer;
import io.github.lenet.training.TrainingConfig;
import io.github.lenet.training.TrainingListener;
import io.github.lenet.training.TrainingResult;
import io.github.lenet.training.device.DeviceSelection;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A training run with its run directory:
 *
 * <pre>
 * config.json    all options, versions, data with hashes, device
 * metrics.csv    one line per epoch
 * metrics.json   the metrics of the selected epoch, under the same names
 * curves.svg     losses and accuracies by epoch
 * checkpoints/   all that is needed to continue, of the last epochs and the best one
 * saved_model/1/ for serving
 * tensorboard/   event files, if requested
 * </pre>
 *
 * <p>After each epoch, every file is written under a temporary name and then renamed. So a killed
 * run leaves complete files of its finished epochs, and can continue from there. When the process
 * is told to end (Ctrl-C, SIGTERM), the run stops after the current batch and still writes the
 * results of the finished epochs. One process at a time writes to a directory. A run without a
 * finished epoch leaves nothing.
 */
public final class TrainingRun {

  /** Timeout for the files when the process ends; an export takes well under a second. */
  private static final long PATIENCE_SECONDS = 60;

  /** With a second checkpoint, a corrupt last one costs one epoch. */
  static final int KEEP_LAST = 2;

  private final RunDirectory directory;
  private final Map<String, String> options = new LinkedHashMap<>();
  private Optional<LeNetModel> start = Optional.empty();
  private int keepLast = KEEP_LAST;
  private boolean tensorBoard;

  /** Creates a run in a directory; {@link #execute} closes the directory. */
  TrainingRun(RunDirectory directory) {
    this.directory = Objects.requireNonNull(directory, "directory");
  }

  /**
   * Creates a run with the default settings. It locks its directory until it is executed.
   *
   * @param directory the run directory, which must be missing or empty
   * @return the run
   * @throws FileAlreadyExistsException if the directory is a file, or not empty
   * @throws IOException if it can't be written, or another process is writing it
   */
  public static TrainingRun in(Path directory) throws IOException {
    return new TrainingRun(RunDirectory.open(directory, false));
  }

  /**
   * Sets the options as the user gave them, for {@code config.json}; the default is none.
   *
   * @param options the options, in the order in which they are written
   * @return this run
   */
  public TrainingRun options(Map<String, String> options) {
    this.options.putAll(options);
    return this;
  }

  /**
   * Sets the model to start from, see {@link Trainer#startFrom}. Without one, the default, the
   * parameters are drawn by the initializer. A resumed run starts from its checkpoint.
   *
   * @param name the name of the model, for {@code config.json} and the model card
   * @param model the model
   * @return this run
   */
  public TrainingRun startFrom(String name, LeNetModel model) {
    options.put(RunConfig.FROM, name);
    start = Optional.of(model);
    return this;
  }

  /**
   * Sets how many of the last checkpoints to keep, in addition to the best epoch's; the default is
   * {@value #KEEP_LAST}.
   *
   * @param keepLast at least 1
   * @return this run
   */
  public TrainingRun keepLast(int keepLast) {
    if (keepLast < 1) {
      throw new IllegalArgumentException("keepLast (" + keepLast + ") must be positive");
    }
    this.keepLast = keepLast;
    return this;
  }

  /**
   * Sets whether to write event files for TensorBoard into {@code tensorboard}; the default is
   * false.
   *
   * @param tensorBoard whether to write them
   * @return this run
   */
  public TrainingRun tensorBoard(boolean tensorBoard) {
    this.tensorBoard = tensorBoard;
    return this;
  }

  /**
   * Trains, evaluates, and writes the run directory. With a validation split, the run gives the
   * network of the epoch with the highest validation accuracy, and evaluates it once on the test
   * set. Otherwise it gives the network of the last epoch.
   *
   * @param data training and test images; also validation images if the settings have a validation
   *     split, and only then
   * @param config the training settings; the architecture must fit the images
   * @param device the device to train on
   * @param listener called after the files of a step or epoch are written
   * @return the finished epochs and the run directory
   * @throws IllegalArgumentException if the model to start from has another architecture
   * @throws DivergedException if the loss is no longer a finite number; finished epochs stay saved
   * @throws IOException if the directory can't be written
   */
  public TrainingResult execute(
      DatasetSplits data, TrainingConfig config, DeviceSelection device, TrainingListener listener)
      throws IOException {
    try (EndOfProcess end = new EndOfProcess();
        directory;
        Trainer trainer = new Trainer(config, device)) {
      if (data.validation().isPresent() != config.hasValidation()) {
        throw new IllegalArgumentException(
            "validation images and a validation split go together: the split is %s, images are %s"
                .formatted(
                    config.validationSplit(),
                    data.validation().isPresent() ? "there" : "not there"));
      }
      start.ifPresent(trainer::startFrom);
      end.stops(trainer);
      directory.begin();
      RunHistory done = directory.resumePoint().map(ResumePoint::history).orElse(RunHistory.NONE);
      RunConfig recorded =
          directory
              .resumePoint()
              .map(point -> point.config().withEpochs(config.epochs()))
              .orElseGet(() -> RunConfig.of(options, config, device, data.provenance()));
      HistoryRecorder history = new HistoryRecorder(done);
      MetricsWriter metrics = new MetricsWriter(directory, config, data.provenance(), history);
      CurvesWriter curves = new CurvesWriter(directory, config, data.provenance(), history);
      AtomicFile.write(directory.file(RunConfig.FILE), recorded.toJson());
      if (!done.epochs().isEmpty()) {
        restore(trainer, done.epochs().size(), done.steps());
        metrics.write();
        curves.write();
      }
      TrainingListener listeners =
          history
              .andThen(new CheckpointWriter(directory, recorded, trainer, history, keepLast))
              .andThen(metrics)
              .andThen(curves);
      List<EpochResult> epochs = fit(trainer, data, config, done, listeners, listener);
      boolean stopped = epochs.size() < config.epochs() && !config.isOutOfPatience(epochs);
      Optional<EpochResult> selected = config.selectedEpoch(epochs);
      Optional<Metrics> test =
          selected.isEmpty()
              ? Optional.empty()
              : Optional.of(
                  writeModel(trainer, data, recorded, epochs.size(), selected.get(), metrics));
      TrainingResult result =
          new TrainingResult(
              epochs,
              selected,
              test,
              config.hasValidation(),
              stopped,
              device,
              data.provenance(),
              directory.path());
      listener.onEnd(result);
      return result;
    }
  }

  /** Writes the final metrics and the SavedModel of the selected epoch. */
  private Metrics writeModel(
      Trainer trainer,
      DatasetSplits data,
      RunConfig recorded,
      int epochs,
      EpochResult chosen,
      MetricsWriter metrics)
      throws IOException {
    TrainingConfig config = recorded.training();
    if (chosen.epoch() < epochs) {
      Checkpoint.check(directory.checkpoints().of(chosen.epoch()));
      restore(trainer, chosen.epoch(), trainer.steps());
    }
    Metrics test = config.hasValidation() ? trainer.evaluate(data.test()) : chosen.validation();
    directory.requireInPlace();
    metrics.writeFinal(test);
    ModelCard card =
        new ModelCard(
            config,
            data.provenance(),
            data.classNames(),
            chosen,
            test,
            Optional.ofNullable(recorded.options().get(RunConfig.FROM)));
    trainer.model(data.classNames()).withCard(card.toMarkdown()).save(directory.emptySavedModel());
    directory.requireInPlace();
    return test;
  }

  private void restore(Trainer trainer, int epoch, long steps) throws IOException {
    trainer.restoreCheckpoint(directory.checkpoints().of(epoch), steps);
  }

  private List<EpochResult> fit(
      Trainer trainer,
      DatasetSplits data,
      TrainingConfig config,
      RunHistory done,
      TrainingListener writers,
      TrainingListener listener)
      throws IOException {
    ImageDataset validation = data.validation().orElse(data.test());
    if (!tensorBoard) {
      return trainer.fit(data.train(), validation, done.results(), writers.andThen(listener));
    }
    TensorBoardLog log = TensorBoardLog.open(directory.tensorBoard(), done.steps() + 1);
    try (TensorBoardWriter board = new TensorBoardWriter(log, config, trainer, validation)) {
      return trainer.fit(
          data.train(), validation, done.results(), writers.andThen(board).andThen(listener));
    }
  }

  /** Delays the end of the process until the run has written its files. */
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
        // The process is ending: its hook stopped the run.
      }
    }
  }
}
