package io.github.lenet.cli.options;

import io.github.lenet.cli.output.Console;
import io.github.lenet.cli.output.Suggestions;
import io.github.lenet.data.DatasetSplits;
import io.github.lenet.data.DownloadListener;
import io.github.lenet.training.internal.console.ConsoleReport;
import io.github.lenet.training.internal.console.DatasetLoader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Which images, and where they come from. */
public final class DataOptions {

  /** An option group's heading, for help texts. */
  public static final String HEADING = "%nData:%n";

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
  private String dataset = "auto";

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      converter = PathConverter.class,
      description = "Take Fashion-MNIST or MNIST from here; nothing is downloaded.")
  private Optional<Path> directory = Optional.empty();

  @Option(names = "--offline", description = "Download nothing: use what the cache holds.")
  private boolean offline;

  /** {@return the data set, as the user named it} */
  public String dataset() {
    return dataset;
  }

  /** {@return where its files already are} */
  public Optional<Path> directory() {
    return directory;
  }

  /** {@return whether nothing may be downloaded} */
  public boolean isOffline() {
    return offline;
  }

  /**
   * Checks the options against each other and the disk, before anything is downloaded.
   *
   * @throws ParameterException if they mean nothing
   */
  public void check(CommandSpec spec) {
    try {
      loader(DownloadListener.NONE).check(dataset);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage() + suggestion(), e);
    }
  }

  /** For a mistyped name; empty for a path, and for a name that is right. */
  private String suggestion() {
    List<String> names = DatasetLoader.names();
    return names.contains(dataset) || dataset.contains("/") || dataset.contains("\\")
        ? ""
        : Suggestions.suggestion(dataset.replaceAll("[_ ]", "-"), names);
  }

  /** Loads the data set; says so on standard error if it is not the one that was asked for. */
  public DatasetSplits load(Console console) throws IOException {
    ConsoleReport report = new ConsoleReport(console.err(), console.err(), console.isTerminal());
    DatasetSplits loaded = loader(report).load(dataset);
    if (loaded.provenance().isFallback()) {
      console.err().println("*** " + loaded.provenance().note());
    }
    return loaded;
  }

  private DatasetLoader loader(DownloadListener listener) {
    return new DatasetLoader(directory, offline, listener);
  }

  /** For completion. */
  public static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return DatasetLoader.names().iterator();
    }
  }
}
