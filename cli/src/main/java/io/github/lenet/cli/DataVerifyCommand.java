package io.github.lenet.cli;

import io.github.lenet.cli.options.DatasetArguments;
import io.github.lenet.cli.options.PathConverter;
import io.github.lenet.cli.output.CommandFailedException;
import io.github.lenet.cli.output.Console;
import io.github.lenet.cli.output.ExitCode;
import io.github.lenet.cli.output.FileTable;
import io.github.lenet.data.DatasetCache;
import io.github.lenet.data.DatasetSource;
import io.github.lenet.data.DownloadListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    customSynopsis = "lenet data verify [OPTIONS] [DATASET...]",
    description = {
      "Checks the files of data sets by their SHA-256.",
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
      "  lenet data verify mnist --data-dir ~/Downloads/mnist"
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
    for (DatasetSource source : datasets.sources()) {
      if (directory.isPresent()) {
        table.add(source, directory.get(), source.verify(directory.get()));
      } else {
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
                  directory.isPresent() ? "" : "; 'lenet data fetch' downloads them"));
    }
    return ExitCode.DONE;
  }
}
