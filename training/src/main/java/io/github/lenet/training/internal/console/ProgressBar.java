package io.github.lenet.training.internal.console;

import java.io.PrintStream;
import java.time.Duration;
import java.util.List;

/** A progress bar: a line on a terminal that is redrawn. Without a terminal, it draws nothing. */
public final class ProgressBar {

  private static final int WIDEST = 24;
  private static final int NARROWEST = 6;
  private static final long REDRAW_NANOS = Duration.ofMillis(100).toNanos();

  private final PrintStream terminal;
  private final boolean enabled;
  private int drawn;
  private long lastDrawn = System.nanoTime() - REDRAW_NANOS;

  /**
   * Creates a progress bar. The caller still owns the stream.
   *
   * @param terminal where to draw
   * @param enabled whether that is a terminal, where a line can be redrawn
   */
  public ProgressBar(PrintStream terminal, boolean enabled) {
    this.terminal = terminal;
    this.enabled = enabled;
  }

  /**
   * Draws the bar, at most ten times a second. Where the terminal is narrow, the bar is shorter,
   * and the last texts are left out.
   *
   * @param before text before the bar
   * @param done the amount that is done
   * @param total the total amount
   * @param after texts after the bar, the most important ones first
   */
  public void show(String before, long done, long total, String... after) {
    long now = System.nanoTime();
    if (!enabled || now - lastDrawn < REDRAW_NANOS) {
      return;
    }
    lastDrawn = now;
    int width = TerminalWidth.columns() - 1; // a character in the last column breaks the line
    String line = line(width, before, total <= 0 ? 0 : (double) done / total, List.of(after));
    int rest = Math.min(drawn, width) - line.length();
    terminal.print("\r" + line + " ".repeat(Math.max(0, rest)));
    terminal.flush();
    drawn = Math.max(1, line.length());
  }

  /** Fits a line into a number of columns. */
  static String line(int width, String before, double done, List<String> after) {
    for (int texts = after.size(); texts >= 0; texts--) {
      String end = String.join("", after.subList(0, texts).stream().map(" "::concat).toList());
      int bar = Math.min(WIDEST, width - before.length() - 1 - end.length());
      if (bar >= NARROWEST) {
        int filled = (int) Math.min(bar, bar * done);
        return before + " " + "█".repeat(filled) + "░".repeat(bar - filled) + end;
      }
    }
    return before.substring(0, Math.max(0, Math.min(before.length(), width)));
  }

  /** Clears the line for other output. */
  public void clear() {
    if (drawn > 0) {
      int width = Math.min(drawn, TerminalWidth.columns() - 1);
      terminal.print("\r" + " ".repeat(width) + "\r");
      terminal.flush();
      drawn = 0;
    }
  }
}
