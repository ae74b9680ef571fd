package io.github.lenet.cli;

import io.github.lenet.training.ConfusionMatrix;
import io.github.lenet.training.internal.figure.Svg;

/**
 * A confusion matrix as an SVG chart: a row for each true class, a column for each predicted class.
 * A cell is coloured by its fraction of the row: blue on the diagonal; orange elsewhere, by the
 * square root of the fraction, so that a few per cent can be seen. Beside the rows stands the
 * recall, below the columns the precision.
 *
 * <p>It follows the reader's light or dark mode, and is the same text on every machine.
 */
final class ConfusionMatrixSvg {

  private static final int CELL = 46;
  private static final int SMALL_CELL = 14;

  /** With more classes than this there are no numbers in the cells. */
  private static final int MOST_NUMBERED = 30;

  private static final int MARGIN = 20;
  private static final int TOP = 84;
  private static final String STYLE =
      """
      .strong{fill:#ffffff}
      .empty{fill:#f3f5f7}
      .correct{fill:#0067a5}
      .misclassified{fill:#bf4b00}
      """;

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
  private final int classes;
  private final int cell;
  private final double left;
  private final Svg svg;

  private ConfusionMatrixSvg(String title, ConfusionMatrix matrix) {
    svg = new Svg("lenet-confusion", title).style(STYLE, DARK_STYLE);
    this.matrix = matrix;
    classes = matrix.classNames().size();
    cell = classes <= MOST_NUMBERED ? CELL : SMALL_CELL;
    left = MARGIN + Math.max(longestName(), TRUE_CLASS.length()) * Svg.CHARACTER + 12;
  }

  private int longestName() {
    return matrix.classNames().stream().mapToInt(String::length).max().orElse(0);
  }

  /**
   * Draws the chart.
   *
   * @param title the heading, any text
   * @param subtitle the line below it, any text
   * @return an SVG document
   */
  static String draw(String title, String subtitle, ConfusionMatrix matrix) {
    return new ConfusionMatrixSvg(title, matrix).draw(title, subtitle);
  }

  private String draw(String title, String subtitle) {
    double bottom = TOP + classes * cell;
    double right = left + classes * cell;
    svg.text("title", MARGIN, 32, "start", title);
    svg.text("subtitle", MARGIN, 51, "start", subtitle);
    svg.text("label", left - 10, TOP - 8, "end", TRUE_CLASS);
    svg.text("label", right + 10, TOP - 8, "start", "recall");
    svg.text("label", right + 10, bottom + 36, "start", PREDICTED_CLASS);
    svg.text("label", left - 10, bottom + 18, "end", "precision");
    for (int label = 0; label < classes; label++) {
      double y = TOP + label * cell + cell / 2.0 + 4;
      svg.text("name", left - 10, y, "end", matrix.classNames().get(label));
      svg.text("metric", right + 10, y, "start", metric(matrix.recall(label)));
      for (int predicted = 0; predicted < classes; predicted++) {
        cell(label, predicted);
      }
    }
    for (int predicted = 0; predicted < classes; predicted++) {
      double x = left + predicted * cell + cell / 2.0;
      if (classes <= MOST_NUMBERED) {
        svg.text("metric", x, bottom + 18, "middle", metric(matrix.precision(predicted)));
      }
      svg.turnedText("name", x + 4, bottom + 36, -45, "end", matrix.classNames().get(predicted));
    }
    int width =
        (int)
            Math.ceil(
                Math.max(
                    right + 10 + PREDICTED_CLASS.length() * Svg.CHARACTER + 12,
                    44 + subtitle.length() * Svg.CHARACTER));
    int height = (int) Math.ceil(bottom + 44 + longestName() * Svg.CHARACTER * 0.75 + MARGIN);
    return svg.document(
        width, height, subtitle + "; rows: true classes, columns: predicted classes");
  }

  private void cell(int label, int predicted) {
    int count = matrix.count(label, predicted);
    double fraction = matrix.support(label) == 0 ? 0 : (double) count / matrix.support(label);
    double strength = label == predicted ? fraction : Math.sqrt(fraction);
    double x = left + predicted * cell;
    double y = TOP + label * cell;
    String square =
        Svg.format(
            "x=\"%.1f\" y=\"%.1f\" width=\"%d\" height=\"%d\" rx=\"3\"", x, y, cell - 2, cell - 2);
    svg.add("<rect class=\"empty\" %s/>", square);
    if (count == 0) {
      return;
    }
    String kind = label == predicted ? "correct" : "misclassified";
    svg.add("<rect class=\"%s\" fill-opacity=\"%.3f\" %s>", kind, 0.08 + 0.92 * strength, square);
    svg.add(
        "<title>true %s, predicted %s: %,d (%.1f %%)</title></rect>",
        Svg.escape(matrix.classNames().get(label)),
        Svg.escape(matrix.classNames().get(predicted)),
        count,
        100 * fraction);
    if (classes <= MOST_NUMBERED) {
      svg.text(
          strength > 0.5 ? "count strong" : "count",
          x + cell / 2.0 - 1,
          y + cell / 2.0 + 3,
          "middle",
          Integer.toString(count));
    }
  }

  private static String metric(double value) {
    return Double.isNaN(value) ? "-" : Svg.format("%.2f", value);
  }
}
