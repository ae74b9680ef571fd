package io.github.lenet.training.internal.console;

import java.io.PrintStream;
import java.time.Duration;

/** One line on a terminal that is drawn over and over; nothing at all elsewhere. */
public final class ProgressBar {

  private static final int WIDTH = 24;
  private static final long REDRAW_NANOS = Duration.ofMillis(100).toNanos();

  private final PrintStream terminal;
  private final boolean enabled;
  private int drawn;
  private long lastDrawn = System.nanoTime() - REDRAW_NANOS;

  /**
   * Draws to the given stream, which stays the caller's.
   *
   * @param terminal where to draw
   * @param enabled whether that is a terminal, where a line can be drawn over
   */
  public ProgressBar(PrintStream terminal, boolean enabled) {
    this.terminal = terminal;
    this.enabled = enabled;
  }

  /**
   * Draws, unless it did so a moment ago.
   *
   * @param before what goes on
   * @param done how much of it is done
   * @param total how much there is to do
   * @param after stands behind the bar
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

  /** Makes room for other output. */
  public void clear() {
    if (drawn > 0) {
      terminal.print("\r" + " ".repeat(drawn) + "\r");
      terminal.flush();
      drawn = 0;
    }
  }
}
