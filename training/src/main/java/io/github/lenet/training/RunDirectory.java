package io.github.lenet.training;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lenet.data.DatasetSplits;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.data.Provenance;
import io.github.lenet.model.LeNetModel;
import io.github.lenet.model.internal.AtomicFile;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a training run leaves behind:
 *
 * <pre>
 * config.json    all options, versions, data with hashes, device
 * metrics.csv    one line per epoch
 * metrics.json   the last line's numbers under the same names
 * SHA256SUMS     of these three
 * curves.svg     losses and accuracies against epochs
 * checkpoints/   all that is needed to go on after the last epochs, and the best one
 * saved_model/1/ for serving
 * tensorboard/   event files, if they are asked for
 * </pre>
 *
 * <p>Every file is written beside its place and renamed, after each epoch, so that a run that is
 * killed leaves whole files of what it had finished, and {@link #reopen} goes on from there. One
 * process at a time writes to a directory; a run that has not finished an epoch leaves nothing.
 */
public final class RunDirectory implements AutoCloseable {

  private static final JsonMapper JSON = new JsonMapper();
  private static final String CSV_HEADER =
      "epoch,train_loss,train_accuracy,test_loss,test_accuracy,seconds,images_per_second";

  /** The chapter's chart has a point every 50 batches; a short epoch has as many points. */
  private static final int BATCHES_PER_POINT = 50;

  private static final int POINTS_PER_EPOCH = 4;

  private static final String TENSOR_BOARD = "tensorboard";

  /** The configuration goes last: until then a half-removed run can be told for one. */
  private static final List<String> NAMES =
      List.of(
          "saved_model",
          "checkpoints",
          TENSOR_BOARD,
          RecordedRun.METRICS_CSV,
          RecordedRun.METRICS_JSON,
          "curves.svg",
          RunChecksums.FILE,
          RunConfig.FILE);

  /** With one before the last, a checkpoint that was corrupted on the disk costs one epoch. */
  static final int KEEP_LAST = 2;

  private final Path directory;
  private final Map<String, String> options;
  private final RunLock lock;
  private final boolean created;
  private final Checkpoints checkpoints;
  private final List<CurvesSvg.Point> trainLoss = new ArrayList<>();
  private final List<CurvesSvg.Point> trainAccuracy = new ArrayList<>();
  private final List<EpochResult> epochs = new ArrayList<>();
  private final Optional<RunConfig> resumed;
  private final List<String> corrupt;
  private RunChecksums configSum;
  private long steps;
  private int keepLast = KEEP_LAST;
  private boolean writesTensorBoard;
  private Optional<TensorBoardLog> tensorBoard = Optional.empty();
  private boolean started;

  private RunDirectory(Path directory, Map<String, String> options, RunLock lock, boolean created) {
    this.directory = directory;
    this.options = new LinkedHashMap<>(options);
    this.lock = lock;
    this.created = created;
    this.checkpoints = new Checkpoints(directory.resolve("checkpoints"));
    this.configSum = RunChecksums.NONE; // until it starts
    this.resumed = Optional.empty();
    this.corrupt = List.of();
  }

  private RunDirectory(Path directory, RunConfig config, RunLock lock) throws IOException {
    this.directory = directory;
    this.options = config.options();
    this.lock = lock;
    this.created = false;
    this.checkpoints = new Checkpoints(directory.resolve("checkpoints"));
    this.configSum = RunChecksums.ofConfig(RunConfig.text(directory, RunChecksums.read(directory)));
    this.resumed = Optional.of(config);
    Checkpoints.Newest newest = checkpoints.newest(config.training().hasValidation());
    this.corrupt = newest.corrupt();
    this.steps = newest.history().steps();
    epochs.addAll(newest.history().epochs());
    trainLoss.addAll(newest.history().trainLoss());
    trainAccuracy.addAll(newest.history().trainAccuracy());
  }

  /**
   * Checks that a run may be written to a directory; changes nothing.
   *
   * @param directory of the run
   * @param force whether a run that is there already may be replaced
   * @throws FileAlreadyExistsException if it is not empty, and not a run that may be replaced
   * @throws IOException if it can't be read
   */
  public static void check(Path directory, boolean force) throws IOException {
    if (Files.notExists(directory)) {
      return;
    }
    if (!Files.isDirectory(directory)) {
      throw new FileAlreadyExistsException(directory + ": is a file; choose another --output");
    }
    try (Stream<Path> entries = Files.list(directory)) {
      if (entries.allMatch(RunDirectory::isLeftover)) {
        return;
      }
    }
    if (!force) {
      throw new FileAlreadyExistsException(
          directory + ": is there already. Choose another --output, or replace it with --force");
    }
    if (!RunConfig.isIn(directory)) {
      throw new FileAlreadyExistsException(
          directory + ": is not a run directory, so --force does not replace it");
    }
  }

  /** What a killed process may have left behind, and nobody else has made. */
  private static boolean isLeftover(Path path) {
    String name = path.getFileName().toString();
    return name.equals(RunLock.FILE)
        || NAMES.contains(name.replaceFirst("\\.tmp$", "")) && name.endsWith(".tmp");
  }

  /**
   * Opens a directory for a run, creates it if it is not there, and keeps other processes out. An
   * earlier run is replaced only when this one begins to write.
   *
   * @param directory of the run
   * @param force whether a run that is there already may be replaced
   * @param options what the user asked for, word by word, for {@code config.json}; may be empty
   * @return the directory; the caller closes it
   * @throws IOException as {@link #check}, and if it can't be written or another process is writing
   *     it
   */
  public static RunDirectory open(Path directory, boolean force, Map<String, String> options)
      throws IOException {
    check(directory, force);
    boolean created = Files.notExists(directory);
    Files.createDirectories(directory);
    return open(directory, force, options, created);
  }

  /**
   * Creates a directory for a run, and keeps other processes out.
   *
   * @param directory of the run; if there is one already, {@code -2} is put behind the name, or
   *     {@code -3} and so on, also for a process that asks for the same at the same time
   * @param options as in {@link #open}
   * @return the directory; the caller closes it
   * @throws IOException if it can't be written
   */
  static RunDirectory create(Path directory, Map<String, String> options) throws IOException {
    Files.createDirectories(directory.toAbsolutePath().getParent());
    Path free = directory;
    for (int n = 2; ; n++) {
      try {
        Files.createDirectory(free);
        return open(free, false, options, true);
      } catch (FileAlreadyExistsException e) {
        free = directory.resolveSibling(directory.getFileName() + "-" + n);
      }
    }
  }

  private static RunDirectory open(
      Path directory, boolean force, Map<String, String> options, boolean created)
      throws IOException {
    RunLock lock = RunLock.take(directory);
    try {
      check(directory, force); // once more: a run may have come and gone before the lock was ours
      return new RunDirectory(directory, options, lock, created);
    } catch (IOException e) {
      lock.close();
      throw e;
    }
  }

  /**
   * Opens the directory of a run that did not come to its end, and keeps other processes out.
   *
   * @param directory of the run
   * @return the directory, at the newest checkpoint that is whole; the caller closes it
   * @throws RunFormatException if it is no run directory, its configuration is corrupt, or all of
   *     its checkpoints are
   * @throws IOException if it can't be read or another process is writing it
   */
  public static RunDirectory reopen(Path directory) throws IOException {
    RunConfig.read(directory); // so that no lock is left where there is no run
    RunLock lock = RunLock.take(directory);
    try {
      return new RunDirectory(directory, RunConfig.read(directory), lock);
    } catch (IOException e) {
      lock.close();
      throw e;
    }
  }

  /**
   * Sets how many of the last checkpoints stay, beside that of the best epoch.
   *
   * @param keepLast at least 1; {@value #KEEP_LAST} if nobody says
   * @return this directory
   */
  public RunDirectory keepLast(int keepLast) {
    if (keepLast < 1) {
      throw new IllegalArgumentException("keepLast (" + keepLast + ") must be positive");
    }
    this.keepLast = keepLast;
    return this;
  }

  /**
   * Sets whether event files for TensorBoard are written as well, into {@code tensorboard}.
   *
   * @param writes false if nobody says
   * @return this directory
   */
  public RunDirectory tensorBoard(boolean writes) {
    writesTensorBoard = writes;
    return this;
  }

  /** How the run was configured that goes on here; empty for a new one. */
  Optional<RunConfig> resumed() {
    return resumed;
  }

  /** How many epochs an earlier process has finished. */
  int epochsDone() {
    return epochs.size();
  }

  /** Why newer checkpoints than the one gone on from can't be used. */
  List<String> corrupt() {
    return corrupt;
  }

  /** Removes what an earlier run has left; never half of it stays under its final name. */
  private void empty() throws IOException {
    for (String name : NAMES) {
      remove(name);
    }
  }

  private void remove(String name) throws IOException {
    Path temporary = directory.resolve(name + ".tmp");
    AtomicFile.delete(temporary);
    Path path = directory.resolve(name);
    if (Files.exists(path)) {
      Files.move(path, temporary, StandardCopyOption.ATOMIC_MOVE);
      AtomicFile.delete(temporary);
    }
  }

  /**
   * Lets other processes in. Removes a run that has not finished an epoch, and the directory if it
   * was made for it.
   */
  @Override
  public void close() throws IOException {
    if (!lock.isOpen()) {
      return;
    }
    boolean isOurs;
    try (lock) {
      isOurs = lock.isInPlace();
      if (tensorBoard.isPresent()) {
        tensorBoard.get().close();
      }
      if (started && epochs.isEmpty() && isOurs) {
        empty();
      }
    }
    if (!created || !isOurs) {
      return;
    }
    try (Stream<Path> entries = Files.list(directory)) {
      if (entries.findAny().isPresent()) {
        return;
      }
    }
    Files.deleteIfExists(directory);
  }

  /**
   * Where the run is.
   *
   * @return the directory's path
   */
  public Path path() {
    return directory;
  }

  /**
   * Begins to write. A new run replaces an earlier one; one that goes on only makes its metrics
   * those of the checkpoint it goes on from.
   */
  void start(TrainingConfig config, DeviceSelection device, Provenance data) throws IOException {
    requireInPlace();
    started = true;
    if (resumed.isEmpty()) {
      empty();
      configSum = RunConfig.of(options, config, device, data).write(directory);
    } else {
      for (String name : NAMES) {
        AtomicFile.delete(directory.resolve(name + ".tmp"));
      }
      if (!epochs.isEmpty()) {
        writeMetrics(config, data, Optional.empty());
      }
    }
    if (writesTensorBoard) {
      tensorBoard = Optional.of(TensorBoardLog.open(directory.resolve(TENSOR_BOARD), steps + 1));
    }
  }

  /** Fails if the run directory was moved or replaced. */
  private void requireInPlace() throws IOException {
    if (!lock.isInPlace()) {
      throw new IOException(
          directory
              + ": is not this run's any more: somebody has removed it, or put another in its place."
              + " Train again, with another --output");
    }
  }

  /** Has a trainer take over what an earlier process has reached; the epochs that are done. */
  List<EpochResult> restore(Trainer trainer) throws IOException {
    if (!epochs.isEmpty()) {
      trainer.graph().restore(checkpoints.of(epochs.size()), steps);
    }
    return List.copyOf(epochs);
  }

  /** Notes a point of the curves, every so many batches. */
  void add(BatchProgress progress, TrainingConfig config) throws IOException {
    int interval = Math.max(1, Math.min(BATCHES_PER_POINT, progress.batches() / POINTS_PER_EPOCH));
    if (progress.batch() % interval == 0 || progress.batch() == progress.batches()) {
      double epoch = progress.epoch() - 1 + (double) progress.batch() / progress.batches();
      double loss = progress.train().meanLoss();
      double accuracy = progress.train().accuracy();
      trainLoss.add(new CurvesSvg.Point(epoch, loss));
      trainAccuracy.add(new CurvesSvg.Point(epoch, accuracy));
      if (tensorBoard.isPresent()) {
        long step = (progress.epoch() - 1L) * progress.batches() + progress.batch();
        double rate = config.learningRate(step - 1, progress.batches());
        tensorBoard.get().scalar("loss/train", step, loss);
        tensorBoard.get().scalar("accuracy/train", step, accuracy);
        tensorBoard.get().scalar("learning_rate", step, rate);
      }
    }
  }

  /** Writes what an epoch gave: checkpoint, metrics, curves. */
  void add(
      EpochResult result,
      Trainer trainer,
      ImageDataset validation,
      TrainingConfig config,
      Provenance data)
      throws IOException {
    requireInPlace();
    epochs.add(result);
    steps = trainer.graph().steps();
    checkpoints.save(trainer, new RunHistory(steps, epochs, trainLoss, trainAccuracy), keepLast);
    writeMetrics(config, data, Optional.empty());
    if (tensorBoard.isPresent()) {
      log(tensorBoard.get(), result, trainer, validation, config);
    }
  }

  private void log(
      TensorBoardLog log,
      EpochResult result,
      Trainer trainer,
      ImageDataset validation,
      TrainingConfig config)
      throws IOException {
    log.scalar("loss/" + validation(config), steps, result.validation().meanLoss());
    log.scalar("accuracy/" + validation(config), steps, result.validation().accuracy());
    log.scalar("images_per_second", steps, result.imagesPerSecond());
    if (Double.isFinite(result.validation().meanLoss())) { // else there is no network to show
      log.network(steps, trainer.model(validation.classNames()), validation);
    }
    log.flush();
  }

  private void writeMetrics(TrainingConfig config, Provenance data, Optional<Metrics> test)
      throws IOException {
    String csv = csv(config, data);
    String json = metricsJson(config, data, test).toPrettyString() + "\n";
    configSum.write(directory);
    AtomicFile.write(directory.resolve(RecordedRun.METRICS_CSV), csv);
    AtomicFile.write(directory.resolve(RecordedRun.METRICS_JSON), json);
    configSum
        .with(RecordedRun.METRICS_CSV, csv)
        .with(RecordedRun.METRICS_JSON, json)
        .write(directory);
    AtomicFile.write(directory.resolve("curves.svg"), curves(config, data));
  }

  private String csv(TrainingConfig config, Provenance data) {
    StringBuilder csv = new StringBuilder();
    if (data.isFallback()) {
      csv.append("# ").append(data.note()).append('\n');
    }
    csv.append(CSV_HEADER.replace("test_", validation(config) + "_")).append('\n');
    for (EpochResult result : epochs) {
      csv.append(
          String.format(
              Locale.ROOT,
              "%d,%.6f,%.6f,%.6f,%.6f,%.3f,%.1f\n",
              result.epoch(),
              result.train().meanLoss(),
              result.train().accuracy(),
              result.validation().meanLoss(),
              result.validation().accuracy(),
              EpochResult.seconds(result.time()),
              result.imagesPerSecond()));
    }
    return csv.toString();
  }

  /** The name of the images that each epoch is evaluated on. */
  private static String validation(TrainingConfig config) {
    return config.hasValidation() ? "validation" : "test";
  }

  /** The numbers of the epoch whose network the run gives. */
  private ObjectNode metricsJson(TrainingConfig config, Provenance data, Optional<Metrics> test) {
    EpochResult result = config.selectedEpoch(epochs).orElseThrow();
    ObjectNode json = JSON.createObjectNode();
    json.put("dataset", data.id()).put("note", data.note());
    json.put("epoch", result.epoch());
    json.put("train_loss", result.train().meanLoss());
    json.put("train_accuracy", result.train().accuracy());
    json.put(validation(config) + "_loss", result.validation().meanLoss());
    json.put(validation(config) + "_accuracy", result.validation().accuracy());
    test.ifPresent(
        measured ->
            json.put("test_loss", measured.meanLoss()).put("test_accuracy", measured.accuracy()));
    json.put("seconds", EpochResult.seconds(result.time()));
    json.put("images_per_second", result.imagesPerSecond());
    return json;
  }

  private String curves(TrainingConfig config, Provenance data) {
    List<CurvesSvg.Point> validation =
        epochs.stream()
            .map(result -> new CurvesSvg.Point(result.epoch(), result.validation().accuracy()))
            .toList();
    String subtitle =
        String.format(
            Locale.ROOT,
            "%s, batch %d, learning rate %s, seed %d",
            data.title(),
            config.batchSize(),
            config.optimizer().learningRate(),
            config.seed());
    List<CurvesSvg.Curve> curves = new ArrayList<>();
    curves.add(new CurvesSvg.Curve("train loss", CurvesSvg.Axis.LOSS, trainLoss));
    if (config.hasValidation()) {
      curves.add(
          new CurvesSvg.Curve(
              "val loss",
              CurvesSvg.Axis.LOSS,
              epochs.stream()
                  .map(
                      result -> new CurvesSvg.Point(result.epoch(), result.validation().meanLoss()))
                  .toList()));
    }
    curves.add(new CurvesSvg.Curve("train acc", CurvesSvg.Axis.ACCURACY, trainAccuracy));
    curves.add(
        new CurvesSvg.Curve(
            config.hasValidation() ? "val acc" : "test acc", CurvesSvg.Axis.ACCURACY, validation));
    if (config.changesLearningRate()) {
      curves.add(
          new CurvesSvg.Curve(
              "learning rate", new CurvesSvg.Axis("learning rate", 0, 0), learningRates(config)));
    }
    return CurvesSvg.draw(
        "LeNet-5 on " + data.title(),
        data.isFallback() ? data.note() : subtitle,
        config.epochs(),
        curves);
  }

  /** Where the curves of training have points; a course that has steps in it keeps them. */
  private List<CurvesSvg.Point> learningRates(TrainingConfig config) {
    return trainLoss.stream()
        .map(point -> new CurvesSvg.Point(point.epoch(), config.learningRateAt(point.epoch())))
        .toList();
  }

  /**
   * Writes {@code saved_model/1}, the network of the chosen epoch, and the final numbers.
   *
   * @param model of the selected epoch
   * @param test its loss and accuracy on the test set
   */
  void finish(TrainingConfig config, DatasetSplits data, LeNetModel model, Metrics test)
      throws IOException {
    requireInPlace();
    EpochResult chosen = config.selectedEpoch(epochs).orElseThrow();
    writeMetrics(config, data.provenance(), Optional.of(test));
    ModelCard card = new ModelCard(config, data.provenance(), model.classNames(), chosen, test);
    remove("saved_model"); // that of a run that had come to its end before
    model.withCard(card.toMarkdown()).save(directory.resolve("saved_model").resolve("1"));
    requireInPlace();
  }

  /** Has a trainer take over the chosen epoch's network. */
  void restoreSelected(Trainer trainer, TrainingConfig config) throws IOException {
    int chosen = config.selectedEpoch(epochs).orElseThrow().epoch();
    if (chosen < epochs.size()) {
      Checkpoint.check(checkpoints.of(chosen));
      trainer.graph().restore(checkpoints.of(chosen), steps);
    }
  }
}
