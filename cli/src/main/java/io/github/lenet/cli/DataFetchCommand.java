package io.github.lenet.cli;

import io.github.lenet.cli.options.DatasetArguments;
import io.github.lenet.cli.output.Console;
import io.github.lenet.cli.output.ExitCode;
import io.github.lenet.cli.output.FileTable;
import io.github.lenet.data.DatasetCache;
import io.github.lenet.data.DatasetSource;
import io.github.lenet.training.internal.console.ConsoleReport;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lenet data fetch}: downloads data sets from the mirrors into the cache. */
@Command(
    name = "fetch",
    customSynopsis = "lenet data fetch [OPTIONS] [DATASET...]",
    description = {
      "Downloads data sets into the cache.",
      "",
      "Intact files are not downloaded again. Every file is checked by its SHA-256.",
      ""
    },
    synopsisHeading = "Usage: ",
    descriptionHeading = "%n",
    parameterListHeading = "Data sets:%n",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:all files are present", "1:a file is unavailable", "2:wrong usage"},
    footerHeading = "%nExamples:%n",
    footer = {
      "  lenet data fetch",
      "  lenet data fetch fashion-mnist mnist",
      "  LENET_CACHE=/srv/lenet lenet data fetch"
    },
    sortOptions = false)
final class DataFetchCommand implements Callable<Integer> {

  private final Console console;

  @Mixin private DatasetArguments datasets;

  @Option(names = "--json", description = "Print one JSON object instead of the table.")
  private boolean json;

  DataFetchCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    ConsoleReport report = new ConsoleReport(console.err(), console.err(), console.isTerminal());
    DatasetCache cache = new DatasetCache(DatasetCache.defaultDirectory(), false, report);
    FileTable table = new FileTable();
    for (DatasetSource source : datasets.sources()) {
      cache.fetch(source);
      table.add(source, cache.directory().resolve(source.id()), cache.verify(source));
    }
    table.print(console, json);
    return ExitCode.DONE;
  }
}
