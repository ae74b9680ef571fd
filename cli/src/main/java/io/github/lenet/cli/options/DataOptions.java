package io.github.lenet.cli.options;

import io.github.lenet.cli.output.CommandFailedException;
import io.github.lenet.cli.output.Console;
import io.github.lenet.cli.output.Suggestions;
import io.github.lenet.data.DatasetSplits;
import io.github.lenet.data.DownloadListener;
import io.github.lenet.training.internal.console.ConsoleReport;
import io.github.lenet.training.internal.console.DatasetLoader;
import io.github.lenet.training.run.ConsoleTraining;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Options of the data set and its location. */
public final class DataOptions {

  /** The heading of these options in help texts. */
  public static final String HEADING = "%nData:%n";

  @Option(
      names = "--dataset",
      paramLabel = "DATASET",
      completionCandidates = Names.class,
      description = {
        "auto (Fashion-MNIST, or sample if it is unavailable), fashion-mnist, mnist,"
            + " sample (garments drawn by this program), or a directory with four IDX files."
            + " Default: auto; if MODEL is a run, its own data."
      })
  private Optional<String> dataset = Optional.empty();

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      converter = PathConverter.class,
      description = "Directory with the files of Fashion-MNIST or MNIST; nothing is downloaded.")
  private Optional<Path> directory = Optional.empty();

  @Option(names = "--offline", description = "Download nothing; use only cached files.")
  private boolean offline;

  @Option(
      names = "--transpose",
      description = "Turn images upright that are stored with rows for columns, as EMNIST's are.")
  private boolean transpose;

  /** {@return whether images are stored with rows for columns} */
  public boolean transposes() {
    return transpose;
  }

  /** {@return the data set as the user named it} */
  public String dataset() {
    return dataset.orElse("auto");
  }

  /** {@return the directory with the data set's files, if the user named one} */
  public Optional<Path> directory() {
    return directory;
  }

  /** {@return whether downloads are forbidden} */
  public boolean isOffline() {
    return offline;
  }

  /**
   * Checks the options against each other and the disk, before anything is downloaded.
   *
   * @throws ParameterException if an option is invalid
   */
  public void check(CommandSpec spec) {
    try {
      loader(DownloadListener.NONE).check(dataset());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage() + suggestion(), e);
    }
  }

  /** {@return a suggestion for a mistyped name; empty for a path or a known name} */
  private String suggestion() {
    List<String> names = DatasetLoader.names();
    String name = dataset();
    return names.contains(name) || name.contains("/") || name.contains("\\")
        ? ""
        : Suggestions.suggestion(name.replaceAll("[_ ]", "-"), names);
  }

  /** Loads the data set. Prints a note on standard error if the sample set replaces it. */
  public DatasetSplits load(Console console) throws IOException {
    return load(console, Optional.empty());
  }

  /** Loads the data set; without one in the options that of the run, if the model is one. */
  public DatasetSplits load(Console console, Optional<Path> model) throws IOException {
    ConsoleReport report = new ConsoleReport(console.err(), console.err(), console.isTerminal());
    Optional<DatasetSplits> ofRun =
        model.isPresent() && dataset.isEmpty() && directory.isEmpty()
            ? ConsoleTraining.loadData(model.get(), offline, report)
            : Optional.empty();
    DatasetSplits loaded = ofRun.isPresent() ? ofRun.get() : loader(report).load(dataset());
    if (transpose && ofRun.isPresent()) {
      throw new CommandFailedException(
          "--transpose cannot be combined with a run's own data. Name the data with --dataset.");
    }
    if (transpose) {
      loaded = loaded.transposed();
    }
    if (loaded.provenance().isFallback()) {
      console.err().println("*** " + loaded.provenance().note());
    }
    return loaded;
  }

  private DatasetLoader loader(DownloadListener listener) {
    return new DatasetLoader(directory, offline, listener);
  }

  /** Names of data sets for shell completion. */
  public static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return DatasetLoader.names().iterator();
    }
  }
}
