package io.github.lenet.cli;

import io.github.lenet.cli.options.DatasetArguments;
import io.github.lenet.cli.options.PathConverter;
import io.github.lenet.cli.output.CommandFailedException;
import io.github.lenet.cli.output.Console;
import io.github.lenet.cli.output.ExitCode;
import io.github.lenet.cli.output.FileTable;
import io.github.lenet.data.DatasetCache;
import io.github.lenet.data.DatasetSource;
import io.github.lenet.data.DatasetSplits;
import io.github.lenet.data.DownloadListener;
import io.github.lenet.training.images.ImageDirectory;
import io.github.lenet.training.internal.console.ConsoleReport;
import io.github.lenet.training.internal.console.DatasetLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lenet data verify}: checks that the publisher's files are present and unchanged. */
@Command(
    name = "verify",
    customSynopsis = "lenet data verify [OPTIONS] [DATASET|DIR...]",
    description = {
      "Checks the files of data sets by their SHA-256. Of a directory, it reads IDX files or folders"
          + " of images as training does, and names the files that cannot be read.",
      "",
      "Downloads and changes nothing.",
      ""
    },
    synopsisHeading = "Usage: ",
    descriptionHeading = "%n",
    parameterListHeading = "Data sets:%n",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:all files are intact", "1:a file is missing or corrupt", "2:wrong usage"},
    footerHeading = "%nExamples:%n",
    footer = {
      "  lenet data verify",
      "  lenet data verify fashion-mnist mnist",
      "  lenet data verify mnist --data-dir ~/Downloads/mnist",
      "  lenet data verify photos/"
    },
    sortOptions = false)
final class DataVerifyCommand implements Callable<Integer> {

  private final Console console;

  @Spec private CommandSpec spec;

  @Mixin private DatasetArguments datasets;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      converter = PathConverter.class,
      description =
          "Directory of the files, or of a folder with the data set's name. Default: the"
              + " cache.")
  private Optional<Path> directory = Optional.empty();

  @Option(names = "--json", description = "Print one JSON object instead of the table.")
  private boolean json;

  DataVerifyCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    if (directory.isPresent() && !Files.isDirectory(directory.get())) {
      throw new ParameterException(
          spec.commandLine(), "--data-dir: no such directory: " + directory.get());
    }
    FileTable table = new FileTable();
    boolean isCached = false;
    for (String name : datasets.names()) {
      if (DatasetLoader.isDirectory(name)) {
        load(table, Path.of(name));
        continue;
      }
      DatasetSource source = datasets.source(name);
      if (directory.isPresent()) {
        table.add(source, directory.get(), source.verify(directory.get()));
      } else {
        isCached = true;
        DatasetCache cache =
            new DatasetCache(DatasetCache.defaultDirectory(), true, DownloadListener.NONE);
        table.add(source, cache.directory().resolve(source.id()), cache.verify(source));
      }
    }
    table.print(console, json);
    if (table.faultyCount() > 0) {
      throw new CommandFailedException(
          "%d of %d files are missing or corrupt%s"
              .formatted(
                  table.faultyCount(),
                  table.count(),
                  isCached ? "; 'lenet data fetch' downloads them" : ""));
    }
    return ExitCode.DONE;
  }

  private void load(FileTable table, Path directory) throws IOException {
    Map<Path, String> unreadable = new LinkedHashMap<>();
    ImageDirectory.Settings base = ImageDirectory.Settings.DEFAULT;
    ImageDirectory.Settings skipping =
        new ImageDirectory.Settings(
            base.height(), base.width(), base.preprocessor(), base.testSplit(), true);
    ConsoleReport report = new ConsoleReport(console.err(), console.err(), console.isTerminal());
    DatasetLoader.Listener listener =
        new DatasetLoader.Listener() {
          @Override
          public void onImage(int done, int total) {
            report.onImage(done, total);
          }

          @Override
          public void onSkipped(Path file, String why) {
            unreadable.put(file, why);
          }
        };
    DatasetSplits loaded =
        new DatasetLoader(Optional.empty(), true, skipping, listener).load(directory.toString());
    table.add(loaded.provenance(), directory, unreadable);
  }
}
