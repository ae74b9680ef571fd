package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.lenet.cli.output.Console;
import io.github.lenet.cli.output.ExitCode;
import io.github.lenet.cli.output.Failures;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;

/**
 * Any words are a command line that is understood, or end with status 2 and one line that says what
 * is wrong. Only commands without consequences are run.
 */
final class CommandLineFuzzTest {

  private static final ByteArrayOutputStream OUT = new ByteArrayOutputStream();
  private static final ByteArrayOutputStream ERR = new ByteArrayOutputStream();
  private static final CommandLine LENET = lenet();

  private static CommandLine lenet() {
    Console console =
        new Console(
            new PrintStream(OUT, true, StandardCharsets.UTF_8),
            new PrintStream(ERR, true, StandardCharsets.UTF_8),
            false);
    Failures failures = new Failures(console, false);
    return Lenet.commandLine(console)
        .setParameterExceptionHandler(failures)
        .setExecutionExceptionHandler(failures)
        .setExecutionStrategy(CommandLineFuzzTest::run);
  }

  /** As far as neither files nor TensorFlow are needed. */
  private static int run(ParseResult parsed) {
    ParseResult last = parsed;
    while (last.hasSubcommand()) {
      last = last.subcommand();
    }
    CommandLine command = last.commandSpec().commandLine();
    if (command.getCommand() instanceof SummaryCommand) {
      return new RunLast().execute(parsed);
    }
    if (command.getCommand() instanceof TrainCommand train && !last.isUsageHelpRequested()) {
      try {
        train.fresh();
      } catch (IllegalArgumentException e) {
        throw new ParameterException(command, e.getMessage(), e);
      }
    }
    return ExitCode.DONE;
  }

  static Stream<byte[]> seeds() {
    return Stream.of(
            "summary --kernel-size 3 --channels 8,16 --format nchw --json",
            "summary --image-size 32x32 --classes 3 --dense-units none --activation relu --pooling max",
            "train --preset modern --epochs 3 --batch-size 64 --learning-rate 1e-3 --optimizer adam",
            "train --momentum .5 --schedule cosine --warmup-epochs 1 --weight-decay 5e-4 --dropout 0.2",
            "train --init he-normal --augment shift,flip --validation-split 0.1 --patience 2",
            "train --seed -1 --threads 2 --device gpu:1 --output x --force --keep-last 3 --verbose",
            "train --resume run --tensorboard --standardize --data-dir d --offline --dataset mnist",
            "train --from pretrained --freeze conv1,conv2",
            "predict pretrained a.png test:3 noise - --polarity dark-on-light --seed 3",
            "evaluate run --dataset sample --json",
            "activations pretrained noise --output x.png",
            "serve pretrained --port 8501 --host 127.0.0.1 --name m --batch-timeout 2",
            "export run --output models --help",
            "export run --format onnx --output lenet.onnx --force --help",
            "data fetch mnist fashion-mnist",
            "data preview --split test",
            "benchmark --epochs=2",
            "doctor --json",
            "compare a b --output c.svg",
            "train --epochs 0 -- x",
            "--version",
            "trian")
        .map(line -> line.replace(' ', '\n').getBytes(StandardCharsets.UTF_8));
  }

  /**
   * @param bytes words with line ends in between
   */
  @MethodSource("seeds")
  @Timeout(10)
  @DictionaryEntries({
    "train",
    "summary",
    "data",
    "--help",
    "--json",
    "--epochs",
    "=",
    "@",
    "''",
    "${env:A}",
    "2147483648",
    "99999999999999999999",
    "1e999",
    "NaN",
    "none",
    "--channels",
    "--image-size"
  })
  @FuzzTest
  void anyWordsAreUnderstoodOrRefusedInOneLine(byte[] bytes) {
    OUT.reset();
    ERR.reset();
    int status = LENET.execute(new String(bytes, StandardCharsets.UTF_8).split("\n", -1));

    String out = OUT.toString(StandardCharsets.UTF_8);
    String err = ERR.toString(StandardCharsets.UTF_8);
    if (status == ExitCode.DONE) {
      assertEquals("", err);
    } else {
      assertEquals(ExitCode.WRONG_USAGE, status, err);
      assertEquals("", out);
      assertTrue(err.startsWith("error: "), err);
      assertEquals(err.length() - 1, err.indexOf('\n'), err);
      assertTrue(!err.startsWith("error: internal error"), err);
    }
  }
}
