package io.github.lenet.training;

import io.github.lenet.data.DatasetCache;
import io.github.lenet.data.DatasetLoader;
import io.github.lenet.data.DatasetSplits;
import io.github.lenet.data.DownloadListener;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.LeNetConfig;
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
 * What a user asks of a training run at the console.
 *
 * @param dataset {@code auto}, {@code fashion-mnist}, {@code mnist}, {@code sample} or a directory
 *     with IDX files
 * @param dataDirectory where the data set's files already are
 * @param offline whether nothing may be downloaded
 * @param device where to train
 * @param config how; image size and class count are taken from the data
 * @param standardize whether the pixels are standardised, see {@link Standardization}
 * @param output the run directory; {@code runs/<time>} if empty
 * @param force whether a run that is there already may be replaced
 * @param resume whether the run that is there already goes on; nothing that decides its numbers may
 *     have changed
 * @param keepLast how many of the last checkpoints stay, beside the best one
 * @param tensorBoard whether event files for TensorBoard are written as well
 * @param gpuMemoryLimitInMebibytes how much of a GPU's memory TensorFlow may take; as much as it
 *     needs if empty
 */
public record ConsoleTraining(
    String dataset,
    Optional<Path> dataDirectory,
    boolean offline,
    Device device,
    TrainingConfig config,
    boolean standardize,
    Optional<Path> output,
    boolean force,
    boolean resume,
    int keepLast,
    boolean tensorBoard,
    Optional<Integer> gpuMemoryLimitInMebibytes) {

  private static final DateTimeFormatter RUN_NAME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH-mm-ss");

  /** Checks that nothing is null. */
  public ConsoleTraining {
    Objects.requireNonNull(dataset, "dataset");
    Objects.requireNonNull(dataDirectory, "dataDirectory");
    Objects.requireNonNull(device, "device");
    Objects.requireNonNull(config, "config");
    Objects.requireNonNull(output, "output");
    Objects.requireNonNull(gpuMemoryLimitInMebibytes, "gpuMemoryLimitInMebibytes");
    if (keepLast < 1) {
      throw new IllegalArgumentException("keepLast (" + keepLast + ") must be positive");
    }
    if (resume && (output.isEmpty() || force)) {
      throw new IllegalArgumentException("resume needs the run's directory, and does not force");
    }
  }

  /**
   * Starts from the chapter's run: Fashion-MNIST if it can be had, default settings, the best
   * device.
   *
   * @return a builder with the command line's defaults
   */
  public static Builder builder() {
    return new Builder();
  }

  /** {@return a builder that starts from this request} */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** Builds requests; each method sets one value, and {@link #build()} checks them together. */
  public static final class Builder {
    private String dataset = "auto";
    private Optional<Path> dataDirectory = Optional.empty();
    private boolean offline = false;
    private Device device = Device.AUTO;
    private TrainingConfig config = TrainingConfig.builder().build();
    private boolean standardize = false;
    private Optional<Path> output = Optional.empty();
    private boolean force = false;
    private boolean resume = false;
    private int keepLast = TrainingRun.KEEP_LAST;
    private boolean tensorBoard = false;
    private Optional<Integer> gpuMemoryLimitInMebibytes = Optional.empty();

    private Builder() {}

    private Builder(ConsoleTraining training) {
      dataset = training.dataset;
      dataDirectory = training.dataDirectory;
      offline = training.offline;
      device = training.device;
      config = training.config;
      standardize = training.standardize;
      output = training.output;
      force = training.force;
      resume = training.resume;
      keepLast = training.keepLast;
      tensorBoard = training.tensorBoard;
      gpuMemoryLimitInMebibytes = training.gpuMemoryLimitInMebibytes;
    }

    /** Sets the data set; the default is {@code auto}. */
    public Builder dataset(String dataset) {
      this.dataset = dataset;
      return this;
    }

    /** Sets the directory of the data set's files; by default they are downloaded. */
    public Builder dataDirectory(Path dataDirectory) {
      this.dataDirectory = Optional.of(dataDirectory);
      return this;
    }

    /** Sets whether nothing may be downloaded; the default is false. */
    public Builder offline(boolean offline) {
      this.offline = offline;
      return this;
    }

    /** Sets the device; the default is {@link Device#AUTO}. */
    public Builder device(Device device) {
      this.device = device;
      return this;
    }

    /** Sets how to train; the default is the chapter's settings. */
    public Builder config(TrainingConfig config) {
      this.config = config;
      return this;
    }

    /** Sets whether the pixels are standardised; the default is false. */
    public Builder standardize(boolean standardize) {
      this.standardize = standardize;
      return this;
    }

    /** Sets the run directory; the default is {@code runs/<time>}. */
    public Builder output(Path output) {
      this.output = Optional.of(output);
      return this;
    }

    /** Sets whether an earlier run may be replaced; the default is false. */
    public Builder force(boolean force) {
      this.force = force;
      return this;
    }

    /** Sets whether an earlier run goes on; the default is false. */
    public Builder resume(boolean resume) {
      this.resume = resume;
      return this;
    }

    /** Sets how many of the last checkpoints stay; the default is 2. */
    public Builder keepLast(int keepLast) {
      this.keepLast = keepLast;
      return this;
    }

    /** Sets whether event files for TensorBoard are written; the default is false. */
    public Builder tensorBoard(boolean tensorBoard) {
      this.tensorBoard = tensorBoard;
      return this;
    }

    /** Sets how much of a GPU's memory TensorFlow may take; the default is as much as it needs. */
    public Builder gpuMemoryLimitInMebibytes(int gpuMemoryLimitInMebibytes) {
      this.gpuMemoryLimitInMebibytes = Optional.of(gpuMemoryLimitInMebibytes);
      return this;
    }

    /** Forgets the directory of the data set's files: they are in the cache, or downloaded. */
    public Builder dataInCache() {
      dataDirectory = Optional.empty();
      return this;
    }

    /**
     * Checks every value.
     *
     * @return the request
     * @throws IllegalArgumentException naming the value that does not fit
     */
    public ConsoleTraining build() {
      return new ConsoleTraining(
          dataset,
          dataDirectory,
          offline,
          device,
          config,
          standardize,
          output,
          force,
          resume,
          keepLast,
          tensorBoard,
          gpuMemoryLimitInMebibytes);
    }
  }

  /**
   * The request that a run came from, to go on with it.
   *
   * @param run a run directory
   * @return what was asked for, with the settings that came of it
   * @throws RunFormatException if it is none, or its configuration is corrupt
   * @throws IOException if it can't be read
   */
  public static ConsoleTraining of(Path run) throws IOException {
    return of(run, ResumePoint.of(run).config());
  }

  private static ConsoleTraining of(Path run, RunConfig recorded) throws IOException {
    Map<String, String> options = recorded.options();
    String device = recorded.device().name();
    try {
      Builder request =
          builder()
              .dataset(options.getOrDefault("dataset", "auto"))
              .offline(Boolean.parseBoolean(options.get("offline")))
              .device(
                  device.contains("GPU:")
                      ? Device.parse("gpu:" + device.substring(device.lastIndexOf(':') + 1))
                      : Device.CPU)
              .config(recorded.training())
              .standardize(recorded.training().standardization().isPresent())
              .output(run)
              .resume(true)
              .tensorBoard(Boolean.parseBoolean(options.get("tensorboard")));
      if (options.containsKey("data_dir")) {
        request.dataDirectory(Path.of(options.get("data_dir")));
      }
      return request.build();
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
    if (!device.equals(recorded.device())) {
      differences.add("device was " + recorded.device() + ", now " + device);
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
      report.onStart(data, fitted, selected, directory);
      return new TrainingRun(directory)
          .options(options())
          .keepLast(keepLast)
          .tensorBoard(tensorBoard)
          .execute(data, fitted, selected, report.andThen(listener));
    }
  }

  private DatasetLoader loader(DownloadListener listener) {
    return dataDirectory
        .map(DatasetLoader::new)
        .orElseGet(
            () ->
                new DatasetLoader(
                    new DatasetCache(DatasetCache.defaultDirectory(), offline, listener)));
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
  private Map<String, String> options() {
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
