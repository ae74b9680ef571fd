package io.github.lenet.training.internal.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgressBarTest {

  private static final List<String> AFTER =
      List.of("118/235", " loss 0.4712", " acc 0.823", " 21,034 examples/sec");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "199 | epoch 10/10 ████████████░░░░░░░░░░░░ 118/235  loss 0.4712  acc 0.823  21,034 examples/sec",
        "79 | epoch 10/10 ███████░░░░░░░ 118/235  loss 0.4712  acc 0.823  21,034 examples/sec",
        "70 | epoch 10/10 ████████████░░░░░░░░░░░░ 118/235  loss 0.4712  acc 0.823",
        "39 | epoch 10/10 ███░░░ 118/235  loss 0.4712",
        "30 | epoch 10/10 █████░░░░░ 118/235",
        "19 | epoch 10/10 ███░░░░",
        "17 | epoch 10/10"
      })
  void leavesOutTheLeastImportantWhereTheTerminalIsNarrow(int width, String line) {
    assertEquals(line, ProgressBar.line(width, "epoch 10/10", 0.5, AFTER));
  }

  @Test
  void isNeverWiderThanTheTerminal() {
    for (int width = 0; width < 200; width++) {
      for (double done : new double[] {0, 0.3, 1, 2}) {
        assertTrue(ProgressBar.line(width, "epoch 10/10", done, AFTER).length() <= width);
      }
    }
  }
}
