package io.github.lenet.cli;

import io.github.lenet.cli.output.Console;
import io.github.lenet.cli.output.ExitCode;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code lenet completion}: prints a script for shell completion. */
@Command(
    name = "completion",
    customSynopsis = "lenet completion [OPTIONS]",
    description = {"Prints a completion script for bash and zsh.", ""},
    synopsisHeading = "Usage: ",
    descriptionHeading = "%n",
    optionListHeading = "Options:%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  source <(lenet completion)                                 for this shell",
      "  lenet completion > ~/.local/share/bash-completion/completions/lenet   for new shells"
    })
final class CompletionCommand implements Callable<Integer> {

  private final Console console;

  @Spec private CommandSpec spec;

  CompletionCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    console.out().print(AutoComplete.bash("lenet", spec.root().commandLine()));
    return ExitCode.DONE;
  }
}
