package io.github.lenet.cli;

import io.github.lenet.cli.output.Console;
import io.github.lenet.cli.output.ExitCode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code lenet data}: the commands around the data sets. */
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
      "Files are kept in the directory that the environment variable LENET_CACHE names, else in",
      "the user's cache directory ('lenet doctor' says where that is)."
    })
final class DataCommand implements Callable<Integer> {

  private final Console console;

  @Spec private CommandSpec spec;

  DataCommand(Console console) {
    this.console = console;
  }

  /** Without a command there is nothing to do but to say which there are. */
  @Override
  public Integer call() {
    spec.commandLine().usage(console.err());
    return ExitCode.WRONG_USAGE;
  }
}
