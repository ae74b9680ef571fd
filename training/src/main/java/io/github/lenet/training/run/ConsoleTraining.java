package io.github.lenet.training.run;

import io.github.lenet.data.DatasetSplits;
import io.github.lenet.data.DownloadListener;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.training.Standardization;
import io.github.lenet.training.TrainingConfig;
import io.github.lenet.training.TrainingListener;
import io.github.lenet.training.TrainingResult;
import io.github.lenet.training.device.Device;
import io.github.lenet.training.device.DeviceSelection;
import io.github.lenet.training.internal.console.ConsoleReport;
import io.github.lenet.training.internal.console.DatasetLoader;
import io.github.lenet.training.internal.io.RunFormatException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A training run as a user asks for it at the console: data set by name, device, settings, run
 * directory. Starts from the chapter's run: Fashion-MNIST if it can be had, default settings, the
 * best device.
 */
public final class ConsoleTraining {

  private static final DateTimeFormatter RUN_NAME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH-mm-ss");

  private String dataset = "auto";
  private Optional<Path> dataDirectory = Optional.empty();
  private boolean offline = false;
  private Device device = Device.AUTO;
  private TrainingConfig config = TrainingConfig.builder().build();
  private boolean standardize = false;
  private Optional<Path> output = Optional.empty();
  private boolean force = false;
  private int keepLast = TrainingRun.KEEP_LAST;
  private boolean tensorBoard = false;
  private Optional<Integer> gpuMemoryLimitInMebibytes = Optional.empty();

  /** Whether the run that is there already goes on. */
  private boolean resume;

  /**
   * Sets the data set: {@code auto}, {@code fashion-mnist}, {@code mnist}, {@code sample} or a
   * directory with IDX files; the default is {@code auto}.
   */
  public ConsoleTraining dataset(String dataset) {
    this.dataset = Objects.requireNonNull(dataset, "dataset");
    return this;
  }

  /**
   * Sets the directory where the data set's files already are; if empty, the default, they are in
   * the cache, or downloaded.
   */
  public ConsoleTraining dataDirectory(Optional<Path> dataDirectory) {
    this.dataDirectory = Objects.requireNonNull(dataDirectory, "dataDirectory");
    return this;
  }

  /** Sets whether nothing may be downloaded; the default is false. */
  public ConsoleTraining offline(boolean offline) {
    this.offline = offline;
    return this;
  }

  /** {@return see {@link #offline(boolean)}} */
  public boolean offline() {
    return offline;
  }

  /** Sets where to train; the default is {@link Device#AUTO}. */
  public ConsoleTraining device(Device device) {
    this.device = Objects.requireNonNull(device, "device");
    return this;
  }

  /**
   * Sets how to train; image size and class count are taken from the data. The default is the
   * chapter's settings.
   */
  public ConsoleTraining config(TrainingConfig config) {
    this.config = Objects.requireNonNull(config, "config");
    return this;
  }

  /** {@return see {@link #config(TrainingConfig)}} */
  public TrainingConfig config() {
    return config;
  }

  /**
   * Sets whether the pixels are standardised, see {@link Standardization}; the default is false.
   */
  public ConsoleTraining standardize(boolean standardize) {
    this.standardize = standardize;
    return this;
  }

  /** {@return see {@link #standardize(boolean)}} */
  public boolean standardize() {
    return standardize;
  }

  /** Sets the run directory; the default, empty, is {@code runs/<time>}. */
  public ConsoleTraining output(Optional<Path> output) {
    this.output = Objects.requireNonNull(output, "output");
    return this;
  }

  /** Sets whether an earlier run may be replaced; the default is false. */
  public ConsoleTraining force(boolean force) {
    this.force = force;
    return this;
  }

  /** Sets how many of the last checkpoints stay, beside the best one; the default is 2. */
  public ConsoleTraining keepLast(int keepLast) {
    if (keepLast < 1) {
      throw new IllegalArgumentException("keepLast (" + keepLast + ") must be positive");
    }
    this.keepLast = keepLast;
    return this;
  }

  /** Sets whether event files for TensorBoard are written as well; the default is false. */
  public ConsoleTraining tensorBoard(boolean tensorBoard) {
    this.tensorBoard = tensorBoard;
    return this;
  }

  /** {@return see {@link #tensorBoard(boolean)}} */
  public boolean tensorBoard() {
    return tensorBoard;
  }

  /**
   * Sets how much of a GPU's memory TensorFlow may take; the default, empty, is as much as it
   * needs.
   */
  public ConsoleTraining gpuMemoryLimitInMebibytes(Optional<Integer> gpuMemoryLimitInMebibytes) {
    this.gpuMemoryLimitInMebibytes =
        Objects.requireNonNull(gpuMemoryLimitInMebibytes, "gpuMemoryLimitInMebibytes");
    return this;
  }

  /**
   * The request that a run came from, to go on with it.
   *
   * @param run a run directory
   * @return what was asked for, with the settings that came of it
   * @throws IOException if it is none, its configuration is corrupt, or it can't be read
   */
  public static ConsoleTraining of(Path run) throws IOException {
    return of(run, ResumePoint.of(run).config());
  }

  private static ConsoleTraining of(Path run, RunConfig recorded) throws IOException {
    Map<String, String> options = recorded.options();
    String device = recorded.device().name();
    try {
      ConsoleTraining request =
          new ConsoleTraining()
              .dataset(options.getOrDefault("dataset", "auto"))
              .dataDirectory(Optional.ofNullable(options.get("data_dir")).map(Path::of))
              .offline(Boolean.parseBoolean(options.get("offline")))
              .device(
                  device.contains("GPU:")
                      ? Device.parse("gpu:" + device.substring(device.lastIndexOf(':') + 1))
                      : Device.CPU)
              .config(recorded.training())
              .standardize(recorded.training().standardization().isPresent())
              .output(Optional.of(run))
              .tensorBoard(Boolean.parseBoolean(options.get("tensorboard")));
      request.resume = true;
      return request;
    } catch (IllegalArgumentException e) {
      throw new RunFormatException(run + ": config.json cannot be used: " + e.getMessage(), e);
    }
  }

  /**
   * Finds what can be found wrong without the data; changes nothing.
   *
   * @throws IllegalArgumentException if an option does not fit, or differs from those of the run
   *     that is to go on
   * @throws FileAlreadyExistsException if the run directory is taken
   * @throws IOException if the run directory can't be read
   */
  public void check() throws IOException {
    loader(DownloadListener.NONE).check(dataset);
    if (resume) {
      requireSameSettings(output.orElseThrow());
    } else if (output.isPresent()) {
      RunDirectory.check(output.get(), force);
    }
  }

  private void requireSameSettings(Path run) throws IOException {
    // Checkpoints are read where the run is reopened: hashing them may take seconds.
    ConsoleTraining recorded = of(run, RunConfig.read(run));
    List<String> differences =
        RunConfig.differences(
            recorded.config(),
            standardize ? config : config.toBuilder().withoutStandardization().build());
    if (!device.equals(recorded.device)) {
      differences.add("device was " + recorded.device + ", now " + device);
    }
    if (standardize && recorded.config().standardization().isEmpty()) {
      differences.add("standardize was false, now true");
    }
    if (!differences.isEmpty()) {
      throw new IllegalArgumentException(cannotGoOn(run, differences));
    }
  }

  private static String cannotGoOn(Path run, List<String> differences) {
    return "%s: cannot go on with other settings or data: %s. Go on with the run's own, or train anew."
        .formatted(run, String.join("; ", differences));
  }

  /**
   * Loads the data, trains, and writes the run directory. All that can be checked without the data
   * is checked first.
   *
   * @param report prints
   * @param listener is told the same; the process does not end before its {@code onEnd} is done
   * @return what the run gave
   * @throws IllegalArgumentException if an option does not fit
   * @throws IOException if data can't be had, the device is not there, or files can't be written
   */
  public TrainingResult run(ConsoleReport report, TrainingListener listener) throws IOException {
    check();
    DeviceSelection selected = selectDevice(); // before minutes of download
    try (RunDirectory directory = openRunDirectory()) {
      report.onLoading(dataset);
      DatasetSplits loaded = loader(report).load(dataset);
      if (config.hasValidation()) {
        loaded = loaded.withValidation(config.validationSplit());
      }
      TrainingConfig fitted = fit(loaded);
      if (!fitted.augmentation().equals(config.augmentation())) {
        report.note("skipping flip: a flipped image of this data set may not be of its class");
      }
      DatasetSplits data =
          directory.resumePoint().isEmpty()
              ? loaded
              : requireSame(directory.resumePoint().get().config(), fitted, selected, loaded);
      report.onStart(data, fitted, selected, directory.path());
      directory
          .resumePoint()
          .ifPresent(
              point ->
                  report.onResume(
                      point.history().epochs().size(), fitted.epochs(), point.corrupt()));
      return new TrainingRun(directory)
          .options(options())
          .keepLast(keepLast)
          .tensorBoard(tensorBoard)
          .execute(data, fitted, selected, report.andThen(listener));
    }
  }

  private DatasetLoader loader(DownloadListener listener) {
    return new DatasetLoader(dataDirectory, offline, listener);
  }

  private DeviceSelection selectDevice() throws IOException {
    return gpuMemoryLimitInMebibytes.isPresent()
        ? DeviceSelection.select(device, gpuMemoryLimitInMebibytes.get())
        : DeviceSelection.select(device);
  }

  /** The settings with what only the data can tell. */
  private TrainingConfig fit(DatasetSplits data) {
    ImageDataset images = data.train();
    LeNetConfig architecture =
        config.architecture().toBuilder()
            .imageSize(images.height(), images.width())
            .classes(images.classCount())
            .build();
    TrainingConfig.Builder fitted = config.toBuilder().architecture(architecture);
    if (!data.allowsHorizontalFlip()) {
      fitted.augmentation(config.augmentation().withoutFlip());
    }
    if (standardize) {
      fitted.standardization(Standardization.of(data.train()));
    }
    return fitted.build();
  }

  /** The data as the run knows them, which may have been fetched to another place since. */
  private DatasetSplits requireSame(
      RunConfig recorded, TrainingConfig fitted, DeviceSelection selected, DatasetSplits loaded)
      throws IOException {
    List<String> differences = recorded.differences(fitted, selected, loaded.provenance());
    if (!differences.isEmpty()) {
      throw new IOException(cannotGoOn(output.orElseThrow(), differences));
    }
    return loaded.withProvenance(recorded.data());
  }

  private RunDirectory openRunDirectory() throws IOException {
    if (resume) {
      return RunDirectory.reopen(output.orElseThrow());
    }
    if (output.isPresent()) {
      return RunDirectory.open(output.get(), force);
    }
    return RunDirectory.create(Path.of("runs", LocalDateTime.now().format(RUN_NAME)));
  }

  /** What was asked for, as opposed to what came of it. */
  Map<String, String> options() {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("dataset", dataset);
    dataDirectory.ifPresent(path -> options.put("data_dir", path.toString()));
    options.put("offline", Boolean.toString(offline));
    options.put("device", device.toString());
    output.ifPresent(path -> options.put("output", path.toString()));
    options.put("force", Boolean.toString(force));
    options.put("tensorboard", Boolean.toString(tensorBoard));
    return options;
  }
}
