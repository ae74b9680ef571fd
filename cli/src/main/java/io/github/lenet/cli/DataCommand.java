package io.github.lenet.cli;

import io.github.lenet.cli.output.Console;
import io.github.lenet.cli.output.ExitCode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code lenet data}: groups the commands for data sets. */
@Command(
    name = "data",
    customSynopsis = "lenet data COMMAND [OPTIONS]",
    description = "Fetches, verifies and shows the data sets.",
    synopsisHeading = "Usage: ",
    descriptionHeading = "%n",
    optionListHeading = "%nOptions:%n",
    commandListHeading = "%nCommands:%n",
    footerHeading = "%n",
    footer = {
      "Files are stored in the directory in the environment variable LENET_CACHE, else in",
      "the user's cache directory ('lenet doctor' prints its path)."
    })
final class DataCommand implements Callable<Integer> {

  private final Console console;

  @Spec private CommandSpec spec;

  DataCommand(Console console) {
    this.console = console;
  }

  /** Prints the usage, because the subcommand is missing. */
  @Override
  public Integer call() {
    spec.commandLine().usage(console.err());
    return ExitCode.WRONG_USAGE;
  }
}
