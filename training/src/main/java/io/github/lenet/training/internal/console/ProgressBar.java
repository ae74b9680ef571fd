package io.github.lenet.training.internal.console;

import java.io.PrintStream;
import java.time.Duration;

/** A progress bar: a line on a terminal that is redrawn. Without a terminal, it draws nothing. */
public final class ProgressBar {

  private static final int WIDTH = 24;
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
   * Draws the bar, at most ten times a second.
   *
   * @param before text before the bar
   * @param done the amount that is done
   * @param total the total amount
   * @param after text after the bar
   */
  public void show(String before, long done, long total, String after) {
    long now = System.nanoTime();
    if (!enabled || now - lastDrawn < REDRAW_NANOS) {
      return;
    }
    lastDrawn = now;
    int filled = total <= 0 ? 0 : (int) Math.min(WIDTH, WIDTH * done / total);
    String line = before + " " + "█".repeat(filled) + "░".repeat(WIDTH - filled) + " " + after;
    terminal.print("\r" + line + " ".repeat(Math.max(0, drawn - line.length())));
    terminal.flush();
    drawn = line.length();
  }

  /** Clears the line for other output. */
  public void clear() {
    if (drawn > 0) {
      terminal.print("\r" + " ".repeat(drawn) + "\r");
      terminal.flush();
      drawn = 0;
    }
  }
}
