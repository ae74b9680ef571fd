package io.github.lenet.cli.options;

import io.github.lenet.cli.options.Numbers.ImageSize;
import io.github.lenet.cli.output.CommandFailedException;
import io.github.lenet.cli.output.Console;
import io.github.lenet.cli.output.Suggestions;
import io.github.lenet.data.DatasetSplits;
import io.github.lenet.model.ImagePreprocessor;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.LeNetModel;
import io.github.lenet.training.images.ImageDirectory;
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
            + " sample (garments drawn by this program), or a directory: with four IDX files, with"
            + " a folder of images for each class, or with such folders in train and test."
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

  @Option(
      names = "--image-size",
      paramLabel = "HxW",
      converter = ImageSize.Converter.class,
      description = "Size to which folders of images are scaled, in pixels. Default: 28x28.")
  private Optional<ImageSize> imageSize = Optional.empty();

  @Option(
      names = "--test-split",
      paramLabel = "P",
      converter = Numbers.Fraction.class,
      description =
          "Fraction of each class for testing, in folders of images without train and test."
              + " Default: 0.2.")
  private Optional<Double> testSplit = Optional.empty();

  @Option(
      names = "--skip-unreadable",
      description = "Leave out files in folders of images that cannot be read, and name them.")
  private boolean skipUnreadable;

  /** {@return the size of images, if the user named it} */
  public Optional<ImageSize> imageSize() {
    return imageSize;
  }

  /** {@return the fraction of images for testing} */
  public double testSplit() {
    return testSplit.orElse(ImageDirectory.Settings.DEFAULT.testSplit());
  }

  /** {@return whether unreadable files are left out} */
  public boolean skipsUnreadable() {
    return skipUnreadable;
  }

  /** {@return whether images are stored with rows for columns} */
  public boolean transposes() {
    return transpose;
  }

  /** {@return the data set as the user named it} */
  public String dataset() {
    return dataset.orElse("auto");
  }

  /** Sets the data set, as {@code --dataset} does. */
  public void dataset(String name) {
    dataset = Optional.of(name);
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
      loader(ImageDirectory.Settings.DEFAULT, DatasetLoader.Listener.NONE).check(dataset());
      boolean isForFolders = imageSize.isPresent() || testSplit.isPresent() || skipUnreadable;
      if (isForFolders && !DatasetLoader.isImageDirectory(dataset())) {
        throw new ParameterException(
            spec.commandLine(),
            "--image-size, --test-split and --skip-unreadable need a --dataset with folders of images");
      }
      if (testSplit.isPresent() && testSplit.get() == 0) {
        throw new ParameterException(spec.commandLine(), "--test-split: expected more than 0");
      }
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
  public DatasetSplits load(Console console, ImagePreprocessor preprocessor) throws IOException {
    ImageDirectory.Settings settings = ImageDirectory.Settings.DEFAULT;
    ImageSize size = new ImageSize(settings.height(), settings.width());
    return load(console, preprocessor, size, Optional.empty());
  }

  /**
   * Loads the data set for a model; without one in the options that of the run, if the model is
   * one.
   */
  public DatasetSplits load(Console console, LeNetModel trained, Optional<Path> model)
      throws IOException {
    LeNetConfig architecture = trained.architecture();
    ImageSize size = new ImageSize(architecture.imageHeight(), architecture.imageWidth());
    return load(console, trained.preprocessor(), size, model);
  }

  private DatasetSplits load(
      Console console, ImagePreprocessor preprocessor, ImageSize defaultSize, Optional<Path> model)
      throws IOException {
    ImageSize size = imageSize.orElse(defaultSize);
    ImageDirectory.Settings images =
        new ImageDirectory.Settings(
            size.height(), size.width(), preprocessor, testSplit(), skipUnreadable);
    ConsoleReport report = new ConsoleReport(console.err(), console.err(), console.isTerminal());
    Optional<DatasetSplits> ofRun =
        model.isPresent() && dataset.isEmpty() && directory.isEmpty()
            ? ConsoleTraining.loadData(model.get(), offline, report)
            : Optional.empty();
    DatasetSplits loaded = ofRun.isPresent() ? ofRun.get() : loader(images, report).load(dataset());
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

  private DatasetLoader loader(ImageDirectory.Settings images, DatasetLoader.Listener listener) {
    return new DatasetLoader(directory, offline, images, listener);
  }

  /** Names of data sets for shell completion. */
  public static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return DatasetLoader.names().iterator();
    }
  }
}
