package io.github.lenet.training;

import io.github.lenet.data.DatasetCache;
import io.github.lenet.data.DatasetLoader;
import io.github.lenet.data.DatasetSplits;
import io.github.lenet.data.ImageDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
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
 * @param config how; picture size and class count are taken from the data
 * @param output the run directory; {@code runs/<time>} if empty
 * @param force whether a run that is there already may be replaced
 */
public record ConsoleTraining(
    String dataset,
    Optional<Path> dataDirectory,
    boolean offline,
    Device device,
    TrainingConfig config,
    Optional<Path> output,
    boolean force) {

  private static final DateTimeFormatter RUN_NAME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH-mm-ss");

  /** Checks that nothing is null. */
  public ConsoleTraining {
    Objects.requireNonNull(dataset, "dataset");
    Objects.requireNonNull(dataDirectory, "dataDirectory");
    Objects.requireNonNull(device, "device");
    Objects.requireNonNull(config, "config");
    Objects.requireNonNull(output, "output");
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
        Optional.empty(),
        false);
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
    DatasetLoader.check(dataset, dataDirectory);
    DeviceSelection selected = DeviceSelection.select(device); // before minutes go into a download
    try (RunDirectory run = openRunDirectory()) {
      report.onLoading(dataset);
      DatasetCache cache = new DatasetCache(DatasetCache.defaultDirectory(), offline, report);
      DatasetSplits data = new DatasetLoader(dataDirectory, cache).load(dataset);
      ImageDataset pictures = data.train();
      TrainingConfig fitted =
          config.withModel(
              config
                  .model()
                  .withImages(pictures.height(), pictures.width(), pictures.classCount()));
      report.onStart(data, fitted, selected, run);
      return TrainingRun.execute(data, fitted, selected, run, report.andThen(listener));
    }
  }

  private RunDirectory openRunDirectory() throws IOException {
    if (output.isPresent()) {
      return RunDirectory.open(output.get(), force, options());
    }
    Path base = Path.of("runs", LocalDateTime.now().format(RUN_NAME));
    Path directory = base;
    for (int n = 2; Files.exists(directory); n++) { // another run that began in this second
      directory = base.resolveSibling(base.getFileName() + "-" + n);
    }
    return RunDirectory.open(directory, force, options());
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
    return options;
  }
}
