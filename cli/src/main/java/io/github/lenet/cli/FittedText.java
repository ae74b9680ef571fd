package io.github.lenet.cli;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;

/** Text in a drawing. */
final class FittedText {

  private static final int SMALLEST_SIZE = 7;

  private FittedText() {}

  /**
   * Writes a line that is no wider than allowed: smaller if it must be, and cut at the end.
   *
   * @param style as for {@link Font}
   * @param centred in the room from {@code x} to {@code x + maxWidth}; else it begins at {@code x}
   */
  static void draw(
      Graphics2D g,
      String text,
      Color color,
      int style,
      int size,
      int x,
      int baseline,
      int maxWidth,
      boolean centred) {
    int fitting = size;
    g.setFont(new Font(Font.SANS_SERIF, style, fitting));
    while (g.getFontMetrics().stringWidth(text) > maxWidth && fitting > SMALLEST_SIZE) {
      g.setFont(new Font(Font.SANS_SERIF, style, --fitting));
    }
    FontMetrics metrics = g.getFontMetrics();
    String line = text;
    for (int end = text.length() - 1; metrics.stringWidth(line) > maxWidth && end > 0; end--) {
      line = text.substring(0, end).strip() + "…";
    }
    g.setColor(color);
    int room = centred ? maxWidth - metrics.stringWidth(line) : 0;
    g.drawString(line, x + room / 2, baseline);
  }
}
