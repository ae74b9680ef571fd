package io.github.lenet.cli;

import io.github.lenet.data.DatasetCache;
import io.github.lenet.data.DatasetLoader;
import io.github.lenet.data.DatasetSplits;
import io.github.lenet.data.DownloadListener;
import io.github.lenet.training.ConsoleReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Which images, and where they come from. */
final class DataOptions {

  /** An option group's heading, for help texts. */
  static final String HEADING = "%nData:%n";

  @Option(
      names = "--dataset",
      paramLabel = "DATASET",
      defaultValue = "auto",
      completionCandidates = Names.class,
      description = {
        "auto: Fashion-MNIST, or the sample set where that can't be had; fashion-mnist; mnist;"
            + " sample: garments drawn by this program; or a directory with four IDX files."
            + " Default: ${DEFAULT-VALUE}."
      })
  String dataset = "auto";

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      converter = PathConverter.class,
      description = "Take Fashion-MNIST or MNIST from here; nothing is downloaded.")
  Optional<Path> directory = Optional.empty();

  @Option(names = "--offline", description = "Download nothing: use what the cache holds.")
  boolean offline;

  /**
   * Checks the options against each other and the disk, before anything is downloaded.
   *
   * @throws ParameterException if they mean nothing
   */
  void check(CommandSpec spec) {
    try {
      loader(DownloadListener.NONE).check(dataset);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  /** Loads the data set; says so on standard error if it is not the one that was asked for. */
  DatasetSplits load(Console console) throws IOException {
    ConsoleReport report = new ConsoleReport(console.err(), console.err(), console.isTerminal());
    DatasetSplits loaded = loader(report).load(dataset);
    if (loaded.provenance().isFallback()) {
      console.err().println("*** " + loaded.provenance().note());
    }
    return loaded;
  }

  private DatasetLoader loader(DownloadListener listener) {
    return directory
        .map(DatasetLoader::new)
        .orElseGet(
            () ->
                new DatasetLoader(
                    new DatasetCache(DatasetCache.defaultDirectory(), offline, listener)));
  }

  /** For completion. */
  static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return DatasetLoader.names().iterator();
    }
  }
}
