package io.github.lenet.training.internal.figure;

import io.github.lenet.training.evaluation.ConfusionMatrix;
import java.awt.image.BufferedImage;
import java.util.List;

/**
 * A confusion matrix as a chart: a row for each true class, a column for each predicted class. A
 * cell is colored by its fraction of the row: blue on the diagonal, orange elsewhere. Orange
 * follows the square root of the fraction, so that a few percent are visible. The recall stands
 * beside the rows, the precision below the columns.
 */
public final class ConfusionMatrixFigure {

  private static final int CELL = 46;
  private static final int SMALL_CELL = 14;

  /** With more classes, there are no numbers in the cells. */
  private static final int MOST_NUMBERED = 30;

  /** A longer name is cut. */
  private static final int MOST_NAME_LENGTH = 24;

  private static final int MARGIN = 20;
  private static final int HEADING_HEIGHT = 64;
  private static final int TEXT_SIZE = 11;

  private static final int EMPTY = 0xF3F5F7;
  private static final int CORRECT = 0x0067A5;
  private static final int MISCLASSIFIED = 0xBF4B00;
  private static final String STYLE =
      """
      .strong{fill:#ffffff}
      .empty{fill:#%06x}
      .correct{fill:#%06x}
      .misclassified{fill:#%06x}
      """
          .formatted(EMPTY, CORRECT, MISCLASSIFIED);

  private static final String DARK_STYLE =
      """
      .strong{fill:#0d1117}
      .empty{fill:#161b22}
      .correct{fill:#5ab8f0}
      .misclassified{fill:#ff9d57}
      """;

  private static final String TRUE_CLASS = "true class";
  private static final String PREDICTED_CLASS = "predicted class";

  private final ConfusionMatrix matrix;
  private final List<String> names;
  private final boolean numbered;
  private final int cell;
  private final int left;
  private final int right;
  private final int top;
  private final int bottom;

  private ConfusionMatrixFigure(ConfusionMatrix matrix, int headingHeight) {
    this.matrix = matrix;
    names = matrix.classNames().stream().map(name -> Svg.shorten(name, MOST_NAME_LENGTH)).toList();
    numbered = names.size() <= MOST_NUMBERED;
    cell = numbered ? CELL : SMALL_CELL;
    left = MARGIN + (int) Math.ceil(Math.max(nameWidth(), width(TRUE_CLASS))) + 12;
    right = left + names.size() * cell;
    top = headingHeight + MARGIN;
    bottom = top + names.size() * cell;
  }

  private double nameWidth() {
    return names.stream().mapToDouble(ConfusionMatrixFigure::width).max().orElse(0);
  }

  private static double width(String text) {
    return text.length() * Svg.CHARACTER;
  }

  private int width() {
    return (int) Math.ceil(right + 10 + width(PREDICTED_CLASS) + 12);
  }

  /** {@return the height; the names of the columns are turned by 45°} */
  private int height() {
    return (int) Math.ceil(bottom + 44 + nameWidth() * 0.75 + MARGIN);
  }

  /** Draws the elements of a chart: places in pixels, styles by the names of the SVG's classes. */
  private interface Pen {
    void cell(String kind, double opacity, int x, int y, String tooltip);

    void text(String style, int x, int y, String anchor, String text);

    /** Writes text that rises by 45° and ends at a point. */
    void turnedText(String style, int x, int y, String text);
  }

  private void draw(Pen pen) {
    pen.text("label", left - 10, top - 8, "end", TRUE_CLASS);
    pen.text("label", right + 10, top - 8, "start", "recall");
    pen.text("label", right + 10, bottom + 36, "start", PREDICTED_CLASS);
    pen.text("label", left - 10, bottom + 18, "end", "precision");
    for (int row = 0; row < names.size(); row++) {
      int y = top + row * cell + cell / 2 + 4;
      pen.text("name", left - 10, y, "end", names.get(row));
      pen.text("metric", right + 10, y, "start", metric(matrix.recall(row)));
      for (int column = 0; column < names.size(); column++) {
        drawCell(pen, row, column);
      }
    }
    for (int column = 0; column < names.size(); column++) {
      int x = left + column * cell + cell / 2;
      if (numbered) {
        pen.text("metric", x, bottom + 18, "middle", metric(matrix.precision(column)));
      }
      pen.turnedText("name", x + 4, bottom + 36, names.get(column));
    }
  }

  private void drawCell(Pen pen, int row, int column) {
    int x = left + column * cell;
    int y = top + row * cell;
    int count = matrix.count(row, column);
    if (count == 0) {
      pen.cell("empty", 1, x, y, "");
      return;
    }
    double fraction = (double) count / matrix.support(row);
    double strength = row == column ? fraction : Math.sqrt(fraction);
    String tooltip =
        Svg.format(
            "true %s, predicted %s: %,d (%.1f %%)",
            matrix.classNames().get(row), matrix.classNames().get(column), count, 100 * fraction);
    pen.cell(row == column ? "correct" : "misclassified", 0.08 + 0.92 * strength, x, y, tooltip);
    if (numbered) {
      String style = strength > 0.5 ? "count strong" : "count";
      pen.text(style, x + cell / 2 - 1, y + cell / 2 + 3, "middle", Integer.toString(count));
    }
  }

  private static String metric(double value) {
    return Double.isNaN(value) ? "-" : Svg.format("%.2f", value);
  }

  /**
   * Draws the chart for a web page. It follows the reader's light or dark mode, has the whole names
   * as tooltips, and is the same text on every machine.
   *
   * @param title the heading, any text
   * @param subtitle the line below it, any text
   * @param matrix a matrix of any number of classes
   * @return an SVG document
   */
  public static String svg(String title, String subtitle, ConfusionMatrix matrix) {
    ConfusionMatrixFigure figure = new ConfusionMatrixFigure(matrix, HEADING_HEIGHT);
    Svg svg = new Svg("lenet-confusion", title).style(STYLE, DARK_STYLE);
    svg.text("title", MARGIN, 32, "start", title);
    svg.text("subtitle", MARGIN, 51, "start", subtitle);
    figure.draw(
        new Pen() {
          @Override
          public void cell(String kind, double opacity, int x, int y, String tooltip) {
            String square =
                Svg.format(
                    "x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"3\"",
                    x, y, figure.cell - 2, figure.cell - 2);
            svg.add("<rect class=\"empty\" %s/>", square);
            if (!kind.equals("empty")) {
              svg.add(
                  "<rect class=\"%s\" fill-opacity=\"%.3f\" %s><title>%s</title></rect>",
                  kind, opacity, square, Svg.escape(tooltip));
            }
          }

          @Override
          public void text(String style, int x, int y, String anchor, String text) {
            svg.text(style, x, y, anchor, text);
          }

          @Override
          public void turnedText(String style, int x, int y, String text) {
            svg.turnedText(style, x, y, -45, "end", text);
          }
        });
    int width = Math.max(figure.width(), (int) Math.ceil(44 + width(subtitle)));
    return svg.document(
        width, figure.height(), subtitle + "; rows: true classes, columns: predicted classes");
  }

  /**
   * Draws the chart for TensorBoard. Without fonts, as in slim Java images for containers, the
   * cells have no text.
   *
   * @param matrix a matrix of any number of classes
   * @return an RGB image
   */
  public static BufferedImage image(ConfusionMatrix matrix) {
    ConfusionMatrixFigure figure = new ConfusionMatrixFigure(matrix, 0);
    Canvas canvas = new Canvas(figure.width(), figure.height(), 0xFFFFFF);
    figure.draw(
        new Pen() {
          @Override
          public void cell(String kind, double opacity, int x, int y, String tooltip) {
            int side = figure.cell - 2;
            canvas.area(x, y, side, side, color(kind, opacity));
          }

          @Override
          public void text(String style, int x, int y, String anchor, String text) {
            if (Canvas.hasFonts()) {
              int room = (int) Math.ceil(width(text)) + 4;
              double alignment = List.of("start", "middle", "end").indexOf(anchor) / 2.0;
              int start = x - (int) Math.round(room * alignment);
              canvas.text(textStyle(style, alignment), text, start, y, room);
            }
          }

          @Override
          public void turnedText(String style, int x, int y, String text) {
            if (Canvas.hasFonts()) {
              canvas.risingText(textStyle(style, 1), text, x, y);
            }
          }
        });
    return canvas.image();
  }

  private static int color(String kind, double opacity) {
    int rgb = kind.equals("correct") ? CORRECT : kind.equals("empty") ? EMPTY : MISCLASSIFIED;
    return new ColorScale(List.of(EMPTY, rgb), 0, 1).rgb(opacity);
  }

  private static Canvas.TextStyle textStyle(String style, double alignment) {
    int rgb =
        switch (style) {
          case "count strong" -> 0xFFFFFF;
          case "label" -> Canvas.FAINT_INK;
          default -> Canvas.INK;
        };
    return new Canvas.TextStyle(rgb, false, TEXT_SIZE, alignment);
  }
}
