package io.github.lenet.training;

import io.github.lenet.data.DatasetCache;
import io.github.lenet.data.DatasetLoader;
import io.github.lenet.data.DatasetSplits;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.data.ProvenanceFile;
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
 * @param logPlacement whether the device of each operation is printed first
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
    Optional<Integer> gpuMemoryLimitInMebibytes,
    boolean logPlacement) {

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
   * The chapter's run: Fashion-MNIST if it can be had, default settings, the best device.
   *
   * @return a request that differs from the command line's defaults in nothing
   */
  public static ConsoleTraining defaults() {
    return new ConsoleTraining(
        "auto",
        Optional.empty(),
        false,
        Device.AUTO,
        TrainingConfig.defaults(),
        false,
        Optional.empty(),
        false,
        false,
        RunDirectory.KEEP_LAST,
        false,
        Optional.empty(),
        false);
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
    RunConfig recorded = RunConfig.read(run);
    Map<String, String> options = recorded.options();
    String device = recorded.device();
    try {
      return new ConsoleTraining(
          options.getOrDefault("dataset", "auto"),
          Optional.ofNullable(options.get("data_dir")).map(Path::of),
          Boolean.parseBoolean(options.get("offline")),
          device.contains("GPU:")
              ? Device.parse("gpu:" + device.substring(device.lastIndexOf(':') + 1))
              : Device.CPU,
          recorded.training(),
          recorded.training().standardization().isPresent(),
          Optional.of(run),
          false,
          true,
          RunDirectory.KEEP_LAST,
          Boolean.parseBoolean(options.get("tensorboard")),
          Optional.empty(),
          false);
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
    DatasetLoader.check(dataset, dataDirectory);
    if (resume) {
      requireSameSettings(output.orElseThrow());
    } else if (output.isPresent()) {
      RunDirectory.check(output.get(), force);
    }
  }

  private void requireSameSettings(Path run) throws IOException {
    ConsoleTraining recorded = of(run);
    List<String> differences =
        RunConfig.differences(
            recorded.config(), standardize ? config : config.withoutStandardization());
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
    DeviceSelection selected =
        DeviceSelection.select(device, gpuMemoryLimitInMebibytes); // before minutes of download
    try (RunDirectory run = openRunDirectory().keepLast(keepLast).tensorBoard(tensorBoard)) {
      report.onLoading(dataset);
      DatasetCache cache = new DatasetCache(DatasetCache.defaultDirectory(), offline, report);
      DatasetSplits loaded = new DatasetLoader(dataDirectory, cache).load(dataset);
      TrainingConfig fitted = fit(loaded);
      if (!fitted.augmentation().equals(config.augmentation())) {
        report.note("flip: left out, since a mirrored image of this data set may be another thing");
      }
      DatasetSplits data =
          run.resumed().isEmpty()
              ? loaded
              : requireSame(run.resumed().get(), fitted, selected, loaded);
      report.onStart(data, fitted, selected, run);
      if (logPlacement) {
        report.onPlacement(placement(data, fitted, selected));
      }
      return TrainingRun.execute(data, fitted, selected, run, report.andThen(listener));
    }
  }

  /** Of the first step, in a session that is not the run's: what the run gives stays the same. */
  private static Placement placement(
      DatasetSplits data, TrainingConfig fitted, DeviceSelection selected) {
    try (Trainer trainer = new Trainer(fitted, selected)) {
      return trainer.placement(TrainingRun.Images.of(data, fitted).train());
    }
  }

  /** The settings with what only the data can tell. */
  private TrainingConfig fit(DatasetSplits data) {
    ImageDataset images = data.train();
    LeNetConfig model =
        config.model().withImages(images.height(), images.width(), images.classCount());
    TrainingConfig fitted =
        config
            .withModel(model)
            .withAugmentation(
                data.allowsHorizontalFlip()
                    ? config.augmentation()
                    : config.augmentation().withoutFlip());
    return standardize
        ? fitted.withStandardization(
            Standardization.of(TrainingRun.Images.of(data, fitted).train()))
        : fitted;
  }

  /** The data as the run knows them, which may have been fetched to another place since. */
  private DatasetSplits requireSame(
      RunConfig recorded, TrainingConfig fitted, DeviceSelection selected, DatasetSplits loaded)
      throws IOException {
    List<String> differences = RunConfig.differences(recorded.training(), fitted);
    if (!recorded.device().equals(selected.name())) {
      differences.add("device was " + recorded.device() + ", now " + selected.name());
    }
    List<ProvenanceFile> before = recorded.data().files();
    List<ProvenanceFile> now = loaded.provenance().files();
    if (!before.stream()
        .map(ProvenanceFile::rawSha256)
        .toList()
        .equals(now.stream().map(ProvenanceFile::rawSha256).toList())) {
      differences.add(
          "data was %s, now %s, with files of other content"
              .formatted(recorded.data().title(), loaded.provenance().title()));
    }
    if (!differences.isEmpty()) {
      throw new IOException(cannotGoOn(output.orElseThrow(), differences));
    }
    return new DatasetSplits(
        loaded.train(), loaded.test(), recorded.data(), loaded.allowsHorizontalFlip());
  }

  private RunDirectory openRunDirectory() throws IOException {
    if (resume) {
      return RunDirectory.reopen(output.orElseThrow());
    }
    if (output.isPresent()) {
      return RunDirectory.open(output.get(), force, options());
    }
    return RunDirectory.create(Path.of("runs", LocalDateTime.now().format(RUN_NAME)), options());
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
