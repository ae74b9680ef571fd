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
 * An RGB image to draw charts on. Colors are 0xRRGGBB; places and sizes are in pixels from the
 * upper left corner. Only text needs Java's fonts, which slim Java images for containers lack.
 */
public final class Canvas {

  /** The color of text. */
  public static final int INK = 0x222222;

  /** The color of less important text. */
  public static final int FAINT_INK = 0x666666;

  /** The background of images for people. */
  public static final int PAPER = 0xFAFAF7;

  /** The color of {@link #frame}. */
  public static final int FRAME = 0xD5D5D0;

  private static final int SMALLEST_TEXT = 7;

  private final BufferedImage image;

  /** The image's pixels. Through its methods, a large image took a tenth longer, PNG included. */
  private final int[] pixels;

  /**
   * Creates an image of one color.
   *
   * @param width at least 1
   * @param height at least 1
   * @param paper its color
   */
  public Canvas(int width, int height, int paper) {
    image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    pixels = ((DataBufferInt) image.getRaster().getDataBuffer()).getData();
    area(0, 0, width, height, paper);
  }

  /** The colors of a grid. */
  @FunctionalInterface
  public interface Colors {

    /**
     * {@return the color of a cell, 0xRRGGBB}
     *
     * @param row from 0
     * @param column from 0
     */
    int rgb(int row, int column);
  }

  /**
   * The style of a line of text.
   *
   * @param rgb its color
   * @param isBold whether it is bold
   * @param size in pixels; reduced if the text is too wide
   * @param alignment 0 at the left, 0.5 in the middle, 1 at the right
   */
  public record TextStyle(int rgb, boolean isBold, int size, double alignment) {}

  /**
   * Fills an area with a color.
   *
   * @param left left edge of the area
   * @param top top edge of the area
   * @param width width of the area, within the image
   * @param height height of the area, within the image
   * @param rgb the color
   */
  public void area(int left, int top, int width, int height, int rgb) {
    for (int y = top; y < top + height; y++) {
      int start = start(left, y, width);
      Arrays.fill(pixels, start, start + width, rgb);
    }
  }

  /**
   * Draws a grid of colors, each a rectangle with sharp edges. If there are more cells than pixels,
   * a pixel gets the color of the nearest cell.
   *
   * @param left left edge of the grid
   * @param top top edge of the grid
   * @param width width of the whole grid, within the image
   * @param height height of the whole grid, within the image
   * @param rows number of rows
   * @param columns number of columns
   * @param colors the colors of the grid
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

  /** {@return the index of the first pixel of a line} */
  private int start(int left, int y, int width) {
    return y * image.getWidth() + Objects.checkFromIndexSize(left, width, image.getWidth());
  }

  /**
   * Draws a line around an area, one pixel wide.
   *
   * @param left left edge of the area
   * @param top top edge of the area
   * @param width width of the area
   * @param height height of the area
   */
  public void frame(int left, int top, int width, int height) {
    area(left - 1, top - 1, width + 2, 1, FRAME);
    area(left - 1, top + height, width + 2, 1, FRAME);
    area(left - 1, top, 1, height, FRAME);
    area(left + width, top, 1, height, FRAME);
  }

  /**
   * Writes a line of text. If it is too wide, it is made smaller, and then cut at the end.
   *
   * @param style its style
   * @param text any text
   * @param left left edge of the line
   * @param baseline baseline of the text
   * @param room maximum width of the text
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
   * Writes a line that rises by 45° and ends at a point.
   *
   * @param style its style
   * @param text any text
   * @param x end of the line
   * @param y end of the line
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

  /** {@return whether this Java has fonts, found out by drawing a text once} */
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

  /** {@return the text, or its beginning and an ellipsis} */
  private static String cut(String text, FontMetrics metrics, int room) {
    String cut = text;
    for (int end = text.length() - 1; metrics.stringWidth(cut) > room && end > 0; end--) {
      cut = text.substring(0, end).strip() + "…";
    }
    return cut;
  }

  /** {@return the image itself; later drawing appears in it} */
  public BufferedImage image() {
    return image;
  }
}
