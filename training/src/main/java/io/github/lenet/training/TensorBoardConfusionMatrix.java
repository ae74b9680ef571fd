package io.github.lenet.training;

import io.github.lenet.training.internal.figure.Canvas;
import io.github.lenet.training.internal.figure.ColorScale;
import java.awt.AWTError;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Optional;

/**
 * A confusion matrix as a heat map: a row for each true class, a column for each predicted class. A
 * cell is coloured by its fraction of the row: blue on the diagonal; orange elsewhere, by the
 * square root of the fraction, so that a few per cent can be seen.
 *
 * <p>A Java without fonts, as slim images for containers have it, draws the cells without words.
 */
final class TensorBoardConfusionMatrix {

  private static final System.Logger LOG =
      System.getLogger(TensorBoardConfusionMatrix.class.getName());

  private static final int CELL = 46;
  private static final int SMALL_CELL = 14;

  /** With more classes than this there are no numbers in the cells. */
  private static final int MOST_NUMBERED = 30;

  private static final int MARGIN = 12;
  private static final int TEXT_SIZE = 14;
  private static final int SMALL_SIZE = 11;
  private static final int LEAST_SIZE = 7;

  /** A name that is longer is cut. */
  private static final int MOST_NAME_WIDTH = 160;

  private static final int PAPER = 0xFFFFFF;
  private static final int EMPTY = 0xF3F5F7;
  private static final ColorScale CORRECT = new ColorScale(List.of(EMPTY, 0x0067A5), 0, 1);
  private static final ColorScale MISCLASSIFIED = new ColorScale(List.of(EMPTY, 0xBF4B00), 0, 1);
  private static final Color INK = new Color(0x1F2328);
  private static final Color FAINT = new Color(0x57606A);

  private static final Optional<Font> FONT = font();

  private TensorBoardConfusionMatrix() {}

  /**
   * Draws, with words if this Java has fonts.
   *
   * @param matrix of any number of classes
   * @return RGB
   */
  static BufferedImage draw(ConfusionMatrix matrix) {
    return FONT.map(font -> drawWithWords(matrix, font)).orElseGet(() -> drawCells(matrix));
  }

  /** The first text that Java draws tells whether it can. */
  private static Optional<Font> font() {
    try {
      Font font = new Font(Font.SANS_SERIF, Font.PLAIN, TEXT_SIZE);
      Graphics2D g = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB).createGraphics();
      try {
        g.getFontMetrics(font).stringWidth("0");
      } finally {
        g.dispose();
      }
      return Optional.of(font);
    } catch (LinkageError | AWTError | InternalError | RuntimeException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "the confusion matrix in TensorBoard has no words: this Java has no fonts (" + e + ")");
      return Optional.empty();
    }
  }

  /** The cells alone, edge to edge. */
  static BufferedImage drawCells(ConfusionMatrix matrix) {
    int side = matrix.classNames().size() * cell(matrix);
    Canvas canvas = new Canvas(side, side, PAPER);
    cells(canvas, matrix, 0, 0);
    return canvas.image();
  }

  private static BufferedImage drawWithWords(ConfusionMatrix matrix, Font font) {
    int classes = matrix.classNames().size();
    int cell = cell(matrix);
    Font names = classes <= MOST_NUMBERED ? font : font.deriveFont((float) SMALL_SIZE);
    FontMetrics metrics =
        new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB).createGraphics().getFontMetrics(names);
    int longest =
        matrix.classNames().stream()
            .mapToInt(name -> metrics.stringWidth(Canvas.cut(name, metrics, MOST_NAME_WIDTH)))
            .max()
            .orElse(0);
    int line = metrics.getHeight();
    int left = MARGIN + Math.max(longest, metrics.stringWidth("true class")) + MARGIN;
    int top = MARGIN + line;
    int right = left + classes * cell;
    int bottom = top + classes * cell;
    // Names below the columns lean by 45°, and so need the same room in both directions.
    int leaning = (int) Math.ceil((longest + line) * Math.sqrt(0.5));
    int width = Math.max(right, left + metrics.stringWidth("predicted class")) + MARGIN;
    Canvas canvas = new Canvas(width, bottom + leaning + 2 * MARGIN, PAPER);
    cells(canvas, matrix, left, top);
    Graphics2D g = canvas.image().createGraphics();
    try {
      g.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      g.setFont(names);
      g.setColor(FAINT);
      int middle = (metrics.getAscent() - metrics.getDescent()) / 2;
      endingAt(g, "true class", left - MARGIN / 2, top - metrics.getDescent() - 2);
      g.drawString("predicted class", left, top - metrics.getDescent() - 2);
      g.setColor(INK);
      for (int label = 0; label < classes; label++) {
        String name = Canvas.cut(matrix.classNames().get(label), metrics, MOST_NAME_WIDTH);
        int centre = label * cell + cell / 2;
        endingAt(g, name, left - MARGIN / 2, top + centre + middle);
        var upright = g.getTransform();
        g.translate(left + centre + middle / 2, bottom + MARGIN);
        g.rotate(-Math.PI / 4);
        endingAt(g, name, 0, middle);
        g.setTransform(upright);
      }
      if (classes <= MOST_NUMBERED) {
        counts(g, font, matrix, left, top);
      }
    } finally {
      g.dispose();
    }
    return canvas.image();
  }

  private static void counts(Graphics2D g, Font font, ConfusionMatrix matrix, int left, int top) {
    for (int label = 0; label < matrix.classNames().size(); label++) {
      for (int predicted = 0; predicted < matrix.classNames().size(); predicted++) {
        int count = matrix.count(label, predicted);
        if (count == 0) {
          continue;
        }
        String number = Integer.toString(count);
        int size = TEXT_SIZE;
        g.setFont(font);
        while (g.getFontMetrics().stringWidth(number) > CELL - 6 && size > LEAST_SIZE) {
          g.setFont(font.deriveFont((float) --size));
        }
        FontMetrics metrics = g.getFontMetrics();
        g.setColor(strength(matrix, label, predicted) > 0.5 ? Color.WHITE : INK);
        g.drawString(
            number,
            left + predicted * CELL + (CELL - metrics.stringWidth(number)) / 2,
            top + label * CELL + (CELL + metrics.getAscent() - metrics.getDescent()) / 2);
      }
    }
  }

  private static void endingAt(Graphics2D g, String text, int x, int baseline) {
    g.drawString(text, x - g.getFontMetrics().stringWidth(text), baseline);
  }

  private static int cell(ConfusionMatrix matrix) {
    return matrix.classNames().size() <= MOST_NUMBERED ? CELL : SMALL_CELL;
  }

  private static void cells(Canvas canvas, ConfusionMatrix matrix, int left, int top) {
    int cell = cell(matrix);
    for (int label = 0; label < matrix.classNames().size(); label++) {
      for (int predicted = 0; predicted < matrix.classNames().size(); predicted++) {
        int rgb =
            matrix.count(label, predicted) == 0
                ? EMPTY
                : (label == predicted ? CORRECT : MISCLASSIFIED)
                    .rgb(0.08 + 0.92 * strength(matrix, label, predicted));
        int x = left + predicted * cell;
        int y = top + label * cell;
        canvas.area(x + 1, y + 1, cell - 2, cell - 2, rgb);
      }
    }
  }

  /** 0 to 1. */
  private static double strength(ConfusionMatrix matrix, int label, int predicted) {
    double fraction =
        matrix.support(label) == 0
            ? 0
            : (double) matrix.count(label, predicted) / matrix.support(label);
    return label == predicted ? fraction : Math.sqrt(fraction);
  }
}
