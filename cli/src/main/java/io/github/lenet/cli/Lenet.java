package io.github.lenet.cli;

import io.github.lenet.cli.output.CommandFailedException;
import io.github.lenet.cli.output.Console;
import io.github.lenet.cli.output.ExitCode;
import io.github.lenet.cli.output.Failures;
import io.github.lenet.cli.output.Versions;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The {@code lenet} command. */
@Command(
    name = "lenet",
    versionProvider = Versions.Provider.class,
    customSynopsis = "lenet COMMAND [OPTIONS]",
    description = {
      "LeNet-5 for the JVM: train it on Fashion-MNIST, evaluate it, classify images,"
          + " serve it.",
      "",
      "The network and its training are those of Dive into Deep Learning, section LeNet:",
      "https://d2l.ai/chapter_convolutional-neural-networks/lenet.html"
    },
    synopsisHeading = "Usage: ",
    descriptionHeading = "%n",
    optionListHeading = "%nOptions:%n",
    commandListHeading = "%nCommands:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:failed", "2:wrong usage; nothing was changed"},
    footerHeading = "%nExamples:%n",
    footer = {
      "  lenet train                        ten epochs on Fashion-MNIST",
      "  lenet train --dataset sample       the same offline, on the sample set",
      "  lenet predict pretrained shoe.jpg  classify an image without training first",
      "  lenet summary                      the layers and their 61,706 parameters",
      "  lenet doctor                       check that TensorFlow works here",
      "",
      "'lenet COMMAND --help' explains a command."
    })
public final class Lenet implements Callable<Integer> {

  private static final int HELP_WIDTH = 90;

  /** A strong reference: an unreferenced logger may be collected together with its level. */
  private static final List<Logger> LIBRARIES =
      List.of(Logger.getLogger("io.github.lenet"), Logger.getLogger("org.eclipse.jetty"));

  private final Console console;

  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help.")
  private boolean help;

  // Declared for the parser and the help text only: isVerbose searches the arguments.
  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of an error.")
  private boolean verbose;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the versions of lenet, TensorFlow and Java.")
  private boolean version;

  private Lenet(Console console) {
    this.console = console;
  }

  /**
   * Runs the command line and ends the process with its exit code.
   *
   * @param arguments the arguments of the command line
   */
  public static void main(String[] arguments) {
    Locale.setDefault(Locale.ROOT); // numbers in files and lines have the digits 0 to 9
    quietenLibraries(isVerbose(arguments));
    System.exit(execute(System.out, System.err, arguments));
  }

  /** Hides developers' log messages below warnings unless verbose. Prints a message in one line. */
  private static void quietenLibraries(boolean verbose) {
    String format = "java.util.logging.SimpleFormatter.format";
    if (System.getProperty(format) == null) {
      System.setProperty(format, "%4$s: %5$s%n");
    }
    if (!verbose) {
      LIBRARIES.forEach(library -> library.setLevel(Level.WARNING));
    }
  }

  /** Searches the arguments directly, because the option also applies if parsing fails. */
  private static boolean isVerbose(String... arguments) {
    return List.of(arguments).contains("--verbose");
  }

  /**
   * Runs the command line without ending the process.
   *
   * @param out the stream for results; stays open
   * @param err the stream for everything else; stays open
   * @param arguments the arguments of the command line
   * @return the exit code: 0 done, 1 failed, 2 wrong usage
   */
  public static int execute(PrintStream out, PrintStream err, String... arguments) {
    Console console = new Console(out, err, Boolean.getBoolean("lenet.terminal"));
    Failures failures = new Failures(console, isVerbose(arguments));
    int status;
    try {
      status =
          commandLine(console)
              .setParameterExceptionHandler(failures)
              .setExecutionExceptionHandler(failures)
              .setExecutionStrategy(Lenet::run)
              .execute(arguments);
    } catch (Error e) { // picocli passes only exceptions to the handler
      status = failures.report(e);
    }
    // A PrintStream throws nothing. An error such as a full disk must be queried.
    if (out.checkError() && status == ExitCode.DONE && !(out == System.out && isClosedPipe())) {
      status = failures.report(new CommandFailedException("standard output: cannot be written"));
    }
    return status;
  }

  /** Tells whether the reader of standard output has gone, such as {@code head}: no error. */
  private static boolean isClosedPipe() {
    try {
      new FileOutputStream(FileDescriptor.out).write('\n'); // not closed: it is the caller's
      return false;
    } catch (IOException e) { // "Broken pipe", in the words of the system
      return String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains("pipe");
    }
  }

  /** Runs the parsed command. */
  private static int run(ParseResult parsed) {
    for (CommandLine command : parsed.asCommandLineList()) {
      requireNoRepetition(command);
    }
    return new RunLast().execute(parsed);
  }

  /**
   * Rejects repeated options. In an option group, a repeated option makes picocli start the group
   * again and forget the group's other options.
   */
  private static void requireNoRepetition(CommandLine command) {
    Set<OptionSpec> seen = new HashSet<>();
    for (OptionSpec option : command.getParseResult().matchedOptions()) {
      if (!seen.add(option)) {
        throw new ParameterException(
            command, "option '%s' should be specified only once".formatted(option.longestName()));
      }
    }
  }

  /** Creates all commands without touching a TensorFlow class. */
  static CommandLine commandLine(Console console) {
    CommandLine data =
        new CommandLine(new DataCommand(console))
            .addSubcommand(new DataFetchCommand(console))
            .addSubcommand(new DataVerifyCommand(console))
            .addSubcommand(new DataPreviewCommand(console));
    return new CommandLine(new Lenet(console))
        .addSubcommand(new TrainCommand(console))
        .addSubcommand(new EvaluateCommand(console))
        .addSubcommand(new PredictCommand(console))
        .addSubcommand(new ActivationsCommand(console))
        .addSubcommand(new CompareCommand(console))
        .addSubcommand(new ExportCommand(console))
        .addSubcommand(new ServeCommand(console))
        .addSubcommand(new SummaryCommand(console))
        .addSubcommand(data)
        .addSubcommand(new DoctorCommand(console))
        .addSubcommand(new BenchmarkCommand(console))
        .addSubcommand(new CompletionCommand(console))
        .setExpandAtFiles(false) // an image may be named @home.png
        .setOut(new PrintWriter(console.out(), true))
        .setErr(new PrintWriter(console.err(), true))
        .setUsageHelpWidth(HELP_WIDTH);
  }

  /** Prints the usage, because the command is missing. */
  @Override
  public Integer call() {
    spec.commandLine().usage(console.err());
    return ExitCode.WRONG_USAGE;
  }
}
