package io.github.lenet.cli;

import io.github.lenet.data.DatasetLoader;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which pictures, and where they come from. */
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

  /** For completion. */
  static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return DatasetLoader.names().iterator();
    }
  }
}
