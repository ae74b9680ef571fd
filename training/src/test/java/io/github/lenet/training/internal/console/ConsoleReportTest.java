package io.github.lenet.training.internal.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.data.Provenance;
import io.github.lenet.training.BatchProgress;
import io.github.lenet.training.EpochResult;
import io.github.lenet.training.Metrics;
import io.github.lenet.training.TrainingResult;
import io.github.lenet.training.device.DeviceSelection;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConsoleReportTest {

  private static final Provenance DATA = new Provenance("x", "X", "none", "", List.of());
  private static final EpochResult EPOCH =
      new EpochResult(
          3,
          new Metrics(2.31224, 104, 1000),
          new Metrics(2.2, 187, 1000),
          Duration.ofMillis(2500),
          Duration.ofMillis(2940));

  private final ByteArrayOutputStream results = new ByteArrayOutputStream();
  private final ByteArrayOutputStream messages = new ByteArrayOutputStream();
  private final Locale locale = Locale.getDefault();

  @BeforeEach
  void commaAsDecimalPoint() {
    Locale.setDefault(Locale.GERMANY);
  }

  @AfterEach
  void restoreLocale() {
    Locale.setDefault(locale);
  }

  @Test
  void printsTheChaptersLines() {
    ConsoleReport report = report(false);
    report.onEpoch(EPOCH);
    report.onEnd(result(List.of(EPOCH), false, DATA));

    assertEquals(
        """
        epoch 3, loss 2.3122, train acc 0.104, test acc 0.187, time 2.9 sec
        loss 2.312, train acc 0.104, test acc 0.187
        400.0 examples/sec on /device:CPU:0
        """,
        text(results));
    assertEquals(
        """
        *** the accuracy is no better than guessing. Train for more epochs.
        run directory: there
        """,
        text(messages));
  }

  @Test
  void saysThatItWasStopped() {
    report(false).onEnd(result(List.of(EPOCH), true, DATA));
    assertTrue(
        text(messages)
            .startsWith(
                "stopped after epoch 1; what it gave is saved, and the run can be resumed\n"));
  }

  @Test
  void saysThatThereIsNoResultWhenItWasStoppedInTheFirstEpoch() {
    report(false).onEnd(result(List.of(), true, DATA));
    assertEquals("", text(results));
    assertEquals("stopped in the first epoch; nothing is saved\n", text(messages));
  }

  @Test
  void warnsOfTheFallbackAtTheEnd() {
    Provenance fallback = new Provenance("s", "S", "none", "NOT Fashion-MNIST", List.of(), true);
    report(false).onEnd(result(List.of(EPOCH), false, fallback));
    assertTrue(text(messages).contains("*** NOT Fashion-MNIST\n"), text(messages));
  }

  @Test
  void drawsABarOnATerminalOnly() {
    BatchProgress half = new BatchProgress(1, 2, 5, 10, new Metrics(2, 100, 1000));
    report(false).onBatch(half);
    assertEquals("", text(messages));

    ConsoleReport terminal = report(true);
    terminal.onBatch(half);
    assertTrue(
        text(messages).startsWith("\repoch 1/2 " + "█".repeat(12) + "░".repeat(12) + " 5/10 "),
        text(messages));
    terminal.onEpoch(EPOCH);
    assertTrue(text(messages).endsWith(" \r"), "the bar is wiped before a result is printed");
  }

  private ConsoleReport report(boolean terminal) {
    return new ConsoleReport(stream(results), stream(messages), terminal);
  }

  private static PrintStream stream(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  private static String text(ByteArrayOutputStream bytes) {
    return bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }

  private static TrainingResult result(List<EpochResult> epochs, boolean stopped, Provenance data) {
    Optional<EpochResult> last = epochs.stream().reduce((first, second) -> second);
    return new TrainingResult(
        epochs,
        last,
        last.map(EpochResult::validation),
        false,
        stopped,
        DeviceSelection.cpu("test"),
        data,
        Path.of("there"));
  }
}
