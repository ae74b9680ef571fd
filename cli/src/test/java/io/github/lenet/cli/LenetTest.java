package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.cli.output.Console;
import io.github.lenet.cli.output.ExitCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

final class LenetTest {

  private static final Console NOWHERE =
      new Console(
          new PrintStream(PrintStream.nullOutputStream()),
          new PrintStream(PrintStream.nullOutputStream()),
          false);

  static Stream<CommandLine> commands() {
    List<CommandLine> all = new ArrayList<>();
    collect(Lenet.commandLine(NOWHERE), all);
    return all.stream();
  }

  private static void collect(CommandLine command, List<CommandLine> all) {
    all.add(command);
    Map<String, CommandLine> inner = command.getSubcommands();
    inner.values().forEach(sub -> collect(sub, all));
  }

  private static String[] words(CommandLine command, String last) {
    String name = command.getCommandSpec().qualifiedName() + " " + last;
    return name.substring("lenet ".length()).split(" ");
  }

  @ParameterizedTest
  @MethodSource("commands")
  void explainsEveryOptionWithinTheWidth(CommandLine command) {
    Cli help = Cli.run(words(command, "--help"));

    assertEquals(ExitCode.DONE, help.status());
    assertEquals("", help.err());
    String name = command.getCommandSpec().qualifiedName();
    assertTrue(help.out().startsWith("Usage: " + name), help.out());
    for (OptionSpec option : command.getCommandSpec().options()) {
      assertTrue(help.out().contains(option.longestName()), option.longestName());
    }
    for (String line : help.outLines()) {
      assertTrue(line.length() <= 90, line);
    }
  }

  @Test
  void explainsItselfOnStandardErrorWithoutACommand() {
    for (String[] incomplete : new String[][] {{}, {"data"}}) {
      Cli cli = Cli.run(incomplete);

      assertEquals(ExitCode.WRONG_USAGE, cli.status());
      assertEquals("", cli.out());
      assertTrue(cli.err().contains("Commands:"), cli.err());
    }
  }

  @Test
  void saysItsVersions() {
    Cli cli = Cli.run("--version");

    assertEquals(ExitCode.DONE, cli.status());
    assertEquals(3, cli.outLines().size());
    assertTrue(cli.outLines().get(0).matches("lenet \\d+\\.\\d+\\.\\d+.*"), cli.out());
    assertTrue(
        cli.outLines()
            .get(1)
            .matches("TensorFlow Java \\d+\\.\\d+\\.\\d+ \\(TensorFlow \\d+\\.\\d+\\.\\d+\\)"),
        cli.out());
    assertTrue(cli.outLines().get(2).contains(System.getProperty("java.version")), cli.out());
  }

  /** Executes each of its arguments, a command line. */
  static final class SeveralCommands {
    public static void main(String[] lines) {
      for (String line : lines) {
        Lenet.execute(System.out, System.err, line.split(" "));
      }
    }
  }

  @Test
  void answersWithoutLoadingTensorFlow(@TempDir Path directory) throws Exception {
    Path log = directory.resolve("classes.log");
    try (ChildJvm child = new ChildJvm(directory).withOption("-Xlog:class+load=info:file=" + log)) {
      child.start(
          SeveralCommands.class,
          "--version",
          "--help",
          "train --help",
          "predict --help",
          "summary",
          "train --epochs 0");
      assertTrue(child.await().out().contains("61,706"));
    }

    List<String> classes = Files.readAllLines(log);
    assertTrue(classes.stream().anyMatch(name -> name.contains("io.github.lenet.cli.Lenet ")));
    // JavaCPP's loader is how the native library comes in, and JNA how its environment is set.
    assertFalse(classes.stream().anyMatch(name -> name.contains(" org.bytedeco.javacpp.Loader ")));
    assertFalse(classes.stream().anyMatch(name -> name.contains(" org.tensorflow.TensorFlow ")));
    assertFalse(classes.stream().anyMatch(name -> name.contains(" com.sun.jna.Native ")));
  }

  @Test
  void takesAnArgumentThatBeginsWithAnAtSignAsItIs(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("options"), "--json");

    assertOneLine(
        "error: unexpected argument '@%s'. Try 'lenet summary --help'.".formatted(file),
        "summary",
        "@" + file);
  }

  @Test
  void suggestsWhatWasMeant() {
    assertAll(
        () -> assertOneLine("error: unknown command 'trian'; did you mean train?", "trian"),
        () -> assertOneLine("error: unknown command 'feth'; did you mean fetch?", "data", "feth"),
        () ->
            assertOneLine(
                "error: unknown option '--epocs'; did you mean --epochs?", "train", "--epocs", "3"),
        () ->
            assertOneLine(
                "error: unknown option '--laerning-rate=1'; did you mean --learning-rate?",
                "train",
                "--laerning-rate=1"),
        () ->
            assertOneLine(
                "error: unknown option '--xyzzy'. Try 'lenet summary --help'.",
                "summary",
                "--xyzzy"),
        () ->
            assertOneLine(
                "error: unexpected argument 'extra'. Try 'lenet doctor --help'.",
                "doctor",
                "extra"));
  }

  private static void assertOneLine(String expected, String... arguments) {
    Cli cli = Cli.run(arguments);
    assertEquals(List.of(expected), cli.errLines());
    assertEquals("", cli.out());
    assertEquals(ExitCode.WRONG_USAGE, cli.status());
  }

  @Test
  void addsTheStackTraceOnlyWhenAskedTo() {
    assertEquals(1, Cli.run("train", "--epochs", "0").errLines().size());
    Cli verbose = Cli.run("train", "--epochs", "0", "--verbose");
    assertTrue(verbose.err().startsWith("error: --epochs: "), verbose.err());
    assertTrue(verbose.err().contains("\tat "), verbose.err());
  }

  @Test
  void failsWhenItsResultCannotBeWritten() {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("No space left on device");
          }
        };
    int status = Lenet.execute(new PrintStream(full), new PrintStream(err), "summary");

    assertEquals(ExitCode.FAILED, status);
    assertEquals(
        List.of("error: standard output: cannot be written"), err.toString().lines().toList());
  }

  @Test
  void printsACompletionScriptForItsOwnName() {
    Cli cli = Cli.run("completion");

    assertEquals(ExitCode.DONE, cli.status());
    assertTrue(cli.out().startsWith("#!/usr/bin/env bash"), "no shell script");
    assertTrue(cli.out().contains("complete -F _complete_lenet -o default lenet"));
    assertTrue(cli.out().contains("(\"sigmoid\" \"tanh\" \"relu\")"));
    assertTrue(cli.out().contains("(\"saved-model\" \"onnx\")"));
    assertTrue(cli.out().contains("--learning-rate"));
    assertTrue(cli.out().contains("MODEL_option_args=(\"pretrained\") # --from values"), cli.out());
  }
}
