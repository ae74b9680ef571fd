package io.github.lenet.training.internal.figure;

import java.awt.AWTError;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.util.Arrays;
import java.util.Objects;

/**
 * An RGB image that charts made of pixels are drawn on. Colours are 0xRRGGBB, places and sizes in
 * pixels from the upper left corner. Only text needs Java's fonts, which slim Javas for containers
 * lack.
 */
public final class Canvas {

  /** What text is written with. */
  public static final int INK = 0x222222;

  /** For text that is less important. */
  public static final int FAINT_INK = 0x666666;

  /** The background of what people look at. */
  public static final int PAPER = 0xFAFAF7;

  /** What {@link #frame} draws with. */
  public static final int FRAME = 0xD5D5D0;

  private static final int SMALLEST_TEXT = 7;

  private final BufferedImage image;

  /** Those of the image; through its methods, a large one took a tenth longer, PNG included. */
  private final int[] pixels;

  /**
   * An image of one colour.
   *
   * @param width at least 1
   * @param height at least 1
   * @param paper its colour
   */
  public Canvas(int width, int height, int paper) {
    image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    pixels = ((DataBufferInt) image.getRaster().getDataBuffer()).getData();
    area(0, 0, width, height, paper);
  }

  /** Gives each place of a grid a colour. */
  @FunctionalInterface
  public interface Colors {

    /**
     * The colour of a place.
     *
     * @param row from 0
     * @param column from 0
     * @return 0xRRGGBB
     */
    int rgb(int row, int column);
  }

  /**
   * How a line of text looks.
   *
   * @param rgb its colour
   * @param isBold whether it is bold
   * @param size in pixels; smaller where the room is too small
   * @param alignment in its room: 0 at the left, 0.5 in the middle, 1 at the right
   */
  public record TextStyle(int rgb, boolean isBold, int size, double alignment) {}

  /**
   * Fills an area with a colour.
   *
   * @param left where it begins
   * @param top where it begins
   * @param width of the area, within the image
   * @param height of the area, within the image
   * @param rgb the colour
   */
  public void area(int left, int top, int width, int height, int rgb) {
    for (int y = top; y < top + height; y++) {
      int start = start(left, y, width);
      Arrays.fill(pixels, start, start + width, rgb);
    }
  }

  /**
   * Draws a grid of colours, each a rectangle with sharp edges; by the nearest one where there are
   * more of them than pixels.
   *
   * @param left where it begins
   * @param top where it begins
   * @param width of the whole grid, within the image
   * @param height of the whole grid, within the image
   * @param rows of the grid
   * @param columns of the grid
   * @param colors its colours
   */
  public void grid(int left, int top, int width, int height, int rows, int columns, Colors colors) {
    int[] line = new int[width];
    int drawn = -1;
    for (int y = 0; y < height; y++) {
      int row = (int) ((long) y * rows / height);
      for (int x = 0; x < width && row != drawn; x++) {
        line[x] = colors.rgb(row, (int) ((long) x * columns / width));
      }
      drawn = row;
      System.arraycopy(line, 0, pixels, start(left, top + y, width), width);
    }
  }

  /** Where a line of the image is among its pixels. */
  private int start(int left, int y, int width) {
    return y * image.getWidth() + Objects.checkFromIndexSize(left, width, image.getWidth());
  }

  /**
   * Draws a line around an area, one pixel wide.
   *
   * @param left of the area
   * @param top of the area
   * @param width of the area
   * @param height of the area
   */
  public void frame(int left, int top, int width, int height) {
    area(left - 1, top - 1, width + 2, 1, FRAME);
    area(left - 1, top + height, width + 2, 1, FRAME);
    area(left - 1, top, 1, height, FRAME);
    area(left + width, top, 1, height, FRAME);
  }

  /**
   * Writes a line that is no wider than its room: smaller if it must be, and cut at the end.
   *
   * @param style its looks
   * @param text any text
   * @param left where the room begins
   * @param baseline of the text
   * @param room the most that it may be wide
   */
  public void text(TextStyle style, String text, int left, int baseline, int room) {
    Graphics2D g = graphics(style);
    try {
      int size = style.size();
      while (g.getFontMetrics().stringWidth(text) > room && size > SMALLEST_TEXT) {
        g.setFont(g.getFont().deriveFont((float) --size));
      }
      String line = cut(text, g.getFontMetrics(), room);
      int free = room - g.getFontMetrics().stringWidth(line);
      g.drawString(line, left + (int) (free * style.alignment()), baseline);
    } finally {
      g.dispose();
    }
  }

  /**
   * Writes a line that rises by 45° and ends at a place.
   *
   * @param style its looks
   * @param text any text
   * @param x where it ends
   * @param y where it ends
   */
  public void risingText(TextStyle style, String text, int x, int y) {
    Graphics2D g = graphics(style);
    try {
      g.translate(x, y);
      g.rotate(-Math.PI / 4);
      g.drawString(text, -g.getFontMetrics().stringWidth(text), 0);
    } finally {
      g.dispose();
    }
  }

  private Graphics2D graphics(TextStyle style) {
    Graphics2D g = image.createGraphics();
    g.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    g.setFont(new Font(Font.SANS_SERIF, style.isBold() ? Font.BOLD : Font.PLAIN, style.size()));
    g.setColor(new Color(style.rgb()));
    return g;
  }

  /** {@return whether this Java has fonts, which the first text that it draws tells} */
  public static boolean hasFonts() {
    return Fonts.AVAILABLE;
  }

  private static final class Fonts {
    static final boolean AVAILABLE = areAvailable();

    private static boolean areAvailable() {
      try {
        new Canvas(1, 1, 0).text(new TextStyle(0, false, 11, 0), "0", 0, 0, 1);
        return true;
      } catch (LinkageError | AWTError | InternalError | RuntimeException e) {
        System.getLogger(Canvas.class.getName())
            .log(
                System.Logger.Level.WARNING,
                "this Java has no fonts (" + e + "): no words in images");
        return false;
      }
    }
  }

  /** The text, or its beginning and an ellipsis. */
  private static String cut(String text, FontMetrics metrics, int room) {
    String cut = text;
    for (int end = text.length() - 1; metrics.stringWidth(cut) > room && end > 0; end--) {
      cut = text.substring(0, end).strip() + "…";
    }
    return cut;
  }

  /**
   * What was drawn, for what this class cannot do.
   *
   * @return the image itself; what is drawn later appears in it
   */
  public BufferedImage image() {
    return image;
  }
}
