package io.github.lenet.training.run;

import io.github.lenet.data.DatasetSplits;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.LeNetModel;
import io.github.lenet.model.Polarity;
import io.github.lenet.training.Standardization;
import io.github.lenet.training.TrainingConfig;
import io.github.lenet.training.TrainingListener;
import io.github.lenet.training.TrainingResult;
import io.github.lenet.training.device.Device;
import io.github.lenet.training.device.DeviceSelection;
import io.github.lenet.training.images.ImageDirectory;
import io.github.lenet.training.internal.console.ConsoleReport;
import io.github.lenet.training.internal.console.DatasetLoader;
import io.github.lenet.training.internal.io.RunFormatException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A training run as a user requests it on the console: data set by name, device, settings, run
 * directory. The defaults are the chapter's run: Fashion-MNIST if available, default settings, the
 * best device.
 */
public final class ConsoleTraining {

  private static final DateTimeFormatter RUN_NAME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH-mm-ss");

  private String dataset = "auto";
  private Optional<Path> dataDirectory = Optional.empty();
  private boolean offline = false;
  private boolean transpose = false;
  private double testSplit = ImageDirectory.Settings.DEFAULT.testSplit();
  private boolean skipUnreadable = false;
  private Device device = Device.AUTO;
  private TrainingConfig config = TrainingConfig.builder().build();
  private String from = "";
  private Optional<LeNetModel> start = Optional.empty();
  private boolean standardize = false;
  private Optional<Path> output = Optional.empty();
  private boolean force = false;
  private int keepLast = TrainingRun.KEEP_LAST;
  private boolean tensorBoard = false;
  private Optional<Integer> gpuMemoryLimitInMebibytes = Optional.empty();

  /** Whether to continue an existing run. */
  private boolean resume;

  /**
   * Sets the data set: {@code auto}, {@code fashion-mnist}, {@code mnist}, {@code sample} or a
   * directory with IDX files or folders of images; the default is {@code auto}.
   */
  public ConsoleTraining dataset(String dataset) {
    this.dataset = Objects.requireNonNull(dataset, "dataset");
    return this;
  }

  /**
   * Sets the directory of the data set's files. If it is empty, the default, they come from the
   * cache or a download.
   */
  public ConsoleTraining dataDirectory(Optional<Path> dataDirectory) {
    this.dataDirectory = Objects.requireNonNull(dataDirectory, "dataDirectory");
    return this;
  }

  /** Forbids downloads, if true; they are allowed by default. */
  public ConsoleTraining offline(boolean offline) {
    this.offline |= offline;
    return this;
  }

  /** Takes rows for columns, if true, as EMNIST's images are stored. */
  public ConsoleTraining transpose(boolean transpose) {
    this.transpose |= transpose;
    return this;
  }

  /** Sets the fraction of folders of images that is for testing; the default is 0.2. */
  public ConsoleTraining testSplit(double testSplit) {
    this.testSplit = testSplit;
    return this;
  }

  /** Sets whether unreadable image files are left out; the default is false. */
  public ConsoleTraining skipUnreadable(boolean skipUnreadable) {
    this.skipUnreadable = skipUnreadable;
    return this;
  }

  /** Sets the requested device; the default is {@link Device#AUTO}. */
  public ConsoleTraining device(Device device) {
    this.device = Objects.requireNonNull(device, "device");
    return this;
  }

  /**
   * Sets the training settings. Class count and image size are taken from the data; folders of
   * images are scaled to the image size. The default is the chapter's settings.
   */
  public ConsoleTraining config(TrainingConfig config) {
    this.config = Objects.requireNonNull(config, "config");
    return this;
  }

  /** {@return the training settings} */
  public TrainingConfig config() {
    return config;
  }

  /**
   * Sets the model to start from; the default is none. The settings must have its architecture.
   *
   * @param name the name of the model, for messages and files: its absolute path, or {@code
   *     pretrained}
   * @param model the model
   */
  public ConsoleTraining from(String name, LeNetModel model) {
    from = Objects.requireNonNull(name, "name");
    start = Optional.of(model);
    return this;
  }

  /** Standardizes the pixels, if true, see {@link Standardization}. */
  public ConsoleTraining standardize(boolean standardize) {
    this.standardize |= standardize;
    return this;
  }

  /** Sets the run directory; the default, empty, is {@code runs/<time>}. */
  public ConsoleTraining output(Optional<Path> output) {
    this.output = Objects.requireNonNull(output, "output");
    return this;
  }

  /** Sets whether an existing run may be replaced; the default is false. */
  public ConsoleTraining force(boolean force) {
    this.force = force;
    return this;
  }

  /**
   * Sets how many of the last checkpoints to keep, in addition to the best one; the default is 2.
   */
  public ConsoleTraining keepLast(int keepLast) {
    if (keepLast < 1) {
      throw new IllegalArgumentException("keepLast (" + keepLast + ") must be positive");
    }
    this.keepLast = keepLast;
    return this;
  }

  /** Writes event files for TensorBoard, if true. */
  public ConsoleTraining tensorBoard(boolean tensorBoard) {
    this.tensorBoard |= tensorBoard;
    return this;
  }

  /** Sets how much of a GPU's memory TensorFlow may use; the default, empty, is no limit. */
  public ConsoleTraining gpuMemoryLimitInMebibytes(Optional<Integer> gpuMemoryLimitInMebibytes) {
    this.gpuMemoryLimitInMebibytes =
        Objects.requireNonNull(gpuMemoryLimitInMebibytes, "gpuMemoryLimitInMebibytes");
    return this;
  }

  /**
   * Returns the request of an existing run, to continue it.
   *
   * @param run a run directory
   * @return the request, with the run's recorded settings
   * @throws IOException if it is no run directory, its configuration is corrupt, or it can't be
   *     read
   */
  public static ConsoleTraining of(Path run) throws IOException {
    Path checkpoints = run.toAbsolutePath().normalize().getParent();
    if (checkpoints != null
        && checkpoints.endsWith(RunDirectory.CHECKPOINTS)
        && RunConfig.isIn(checkpoints.getParent())) {
      throw new RunFormatException(
          "%s: is a checkpoint. Resume its run, %s".formatted(run, checkpoints.getParent()));
    }
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
              .transpose(Boolean.parseBoolean(options.get("transpose")))
              .testSplit(
                  Optional.ofNullable(options.get("test_split"))
                      .map(Double::parseDouble)
                      .orElse(ImageDirectory.Settings.DEFAULT.testSplit()))
              .skipUnreadable(Boolean.parseBoolean(options.get("skip_unreadable")))
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
   * Loads the data that a run was trained on.
   *
   * @param run a run directory, or any other path
   * @param offline true to never use the network
   * @param listener receives the progress
   * @return the data set; empty if the path is no run directory
   * @throws IOException if the data is unavailable, or not where it was
   */
  public static Optional<DatasetSplits> loadData(
      Path run, boolean offline, DatasetLoader.Listener listener) throws IOException {
    if (!RunConfig.isIn(run)) {
      return Optional.empty();
    }
    RunConfig recorded = RunConfig.read(run);
    ConsoleTraining request = of(run, recorded);
    request.offline(offline);
    if (request.dataset.equals("auto")) {
      request.dataset(recorded.data().id());
    }
    try {
      request.checkData();
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
    return Optional.of(request.load(listener));
  }

  /**
   * Checks everything that needs no data; changes nothing.
   *
   * @throws IllegalArgumentException if a setting is invalid, or differs from the resumed run's
   * @throws FileAlreadyExistsException if the run directory exists and may not be replaced
   * @throws IOException if the run directory can't be read
   */
  public void check() throws IOException {
    checkData();
    if (standardize) {
      config.toBuilder().standardization(new Standardization(0, 1)).build(); // checks it
    }
    start.ifPresent(model -> requireSameLayers(model.architecture()));
    if (resume) {
      requireSameSettings(output.orElseThrow());
    } else if (output.isPresent()) {
      RunDirectory.check(output.get(), force);
    }
  }

  private void checkData() {
    try {
      loader(DatasetLoader.Listener.NONE).check(dataset);
    } catch (IllegalArgumentException e) {
      String place = dataDirectory.map(Path::toString).orElse(dataset);
      throw resume && Path.of(place).isAbsolute() && Files.notExists(Path.of(place))
          ? new IllegalArgumentException(
              "%s: was trained on %s, which is not there any more. Give its new place."
                  .formatted(output.orElseThrow(), place),
              e)
          : e;
    }
  }

  /** Image size and class count follow the data. */
  private void requireSameLayers(LeNetConfig model) {
    LeNetConfig requested =
        config.architecture().toBuilder()
            .imageSize(model.imageHeight(), model.imageWidth())
            .classes(model.classes())
            .build();
    List<String> differences =
        RunConfig.differences(
            config.toBuilder().architecture(model).build(),
            config.toBuilder().architecture(requested).build());
    if (!differences.isEmpty()) {
      throw new IllegalArgumentException(
          "%s: cannot be fine-tuned with another architecture: %s. Use that of the model."
              .formatted(from, String.join("; ", differences)));
    }
  }

  private void requireSameSettings(Path run) throws IOException {
    // Reads no checkpoints: hashing them may take seconds. Reopening the run does that.
    ConsoleTraining recorded = of(run, RunConfig.read(run));
    List<String> differences =
        RunConfig.differences(
            recorded.config(),
            standardize ? config : config.toBuilder().withoutStandardization().build());
    if (!device.equals(recorded.device)) {
      differences.add("device was " + recorded.device + ", now " + device);
    }
    if (transpose && !recorded.transpose) {
      differences.add("transpose was false, now true");
    }
    if (standardize && recorded.config().standardization().isEmpty()) {
      differences.add("standardize was false, now true");
    }
    if (!differences.isEmpty()) {
      throw new IllegalArgumentException(cannotGoOn(run, differences));
    }
  }

  private static String cannotGoOn(Path run, List<String> differences) {
    return "%s: cannot be resumed with other settings or data: %s. Use those of the run, or train a new one."
        .formatted(run, String.join("; ", differences));
  }

  /**
   * Loads the data, trains, and writes the run directory. Everything that needs no data is checked
   * first.
   *
   * @param report prints the progress
   * @param listener receives the same calls; the process does not end before its {@code onEnd} is
   *     done
   * @return the result of the run
   * @throws IllegalArgumentException if a setting is invalid
   * @throws IOException if data or device are unavailable, or files can't be written
   */
  public TrainingResult run(ConsoleReport report, TrainingListener listener) throws IOException {
    check();
    DeviceSelection selected = selectDevice(); // before minutes of download
    try (RunDirectory directory = openRunDirectory()) {
      report.onLoading(dataset);
      DatasetSplits loaded = load(report);
      if (!transpose && loaded.provenance().id().startsWith("emnist")) {
        report.note("*** EMNIST's images are stored with rows for columns. Transpose them.");
      }
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
      TrainingRun run =
          new TrainingRun(directory).options(options()).keepLast(keepLast).tensorBoard(tensorBoard);
      if (start.isPresent()) {
        int classes = fitted.architecture().classes();
        report.note(
            start.get().architecture().classes() == classes
                ? "starting from the parameters of " + from
                : "starting from the parameters of %s, but the last layer is new, for %s classes"
                    .formatted(from, classes));
        run.startFrom(from, start.get());
      }
      return run.execute(data, fitted, selected, report.andThen(listener));
    }
  }

  private DatasetSplits load(DatasetLoader.Listener listener) throws IOException {
    DatasetSplits loaded = loader(listener).load(dataset);
    return transpose ? loaded.transposed() : loaded;
  }

  private DatasetLoader loader(DatasetLoader.Listener listener) {
    ImageDirectory.Settings images =
        new ImageDirectory.Settings(
            config.architecture().imageHeight(),
            config.architecture().imageWidth(),
            config.preprocessor(),
            testSplit,
            skipUnreadable);
    return new DatasetLoader(dataDirectory, offline, images, listener);
  }

  private DeviceSelection selectDevice() throws IOException {
    return gpuMemoryLimitInMebibytes.isPresent()
        ? DeviceSelection.select(device, gpuMemoryLimitInMebibytes.get())
        : DeviceSelection.select(device);
  }

  /** Completes the settings with those that depend on the data. */
  private TrainingConfig fit(DatasetSplits data) {
    ImageDataset images = data.train();
    LeNetConfig architecture =
        config.architecture().toBuilder()
            .imageSize(images.height(), images.width())
            .classes(images.classCount())
            .build();
    TrainingConfig.Builder fitted = config.toBuilder().architecture(architecture);
    if (data.provenance().id().equals(ImageDirectory.ID)
        && config.preprocessor().polarity() == Polarity.AUTO) {
      fitted.preprocessor(config.preprocessor().withPolarity(Polarity.LIGHT_ON_DARK));
    }
    if (!data.allowsHorizontalFlip()) {
      fitted.augmentation(config.augmentation().withoutFlip());
    }
    if (standardize) {
      fitted.standardization(Standardization.of(data.train()));
    }
    return fitted.build();
  }

  /** Returns the data with the recorded provenance. The files may be in another place since. */
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

  /** {@return the options as requested, not as resolved} */
  Map<String, String> options() {
    Map<String, String> options = new LinkedHashMap<>();
    boolean isPath = !DatasetLoader.names().contains(dataset);
    options.put("dataset", isPath ? Path.of(dataset).toAbsolutePath().toString() : dataset);
    dataDirectory.ifPresent(path -> options.put("data_dir", path.toAbsolutePath().toString()));
    options.put("offline", Boolean.toString(offline));
    options.put("transpose", Boolean.toString(transpose));
    options.put("test_split", Double.toString(testSplit));
    options.put("skip_unreadable", Boolean.toString(skipUnreadable));
    options.put("device", device.toString());
    output.ifPresent(path -> options.put("output", path.toString()));
    options.put("force", Boolean.toString(force));
    options.put("tensorboard", Boolean.toString(tensorBoard));
    return options;
  }
}
