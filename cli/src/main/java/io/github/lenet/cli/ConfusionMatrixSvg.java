package io.github.lenet.cli;

import io.github.lenet.training.ConfusionMatrix;
import java.util.Locale;

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
  private static final double CHARACTER = 6.6;

  private static final String STYLE =
      """
      .lenet-confusion{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-size:12px}
      .lenet-confusion .page{fill:#ffffff;stroke:#d0d7de}
      .lenet-confusion text{fill:#57606a}
      .lenet-confusion .title{fill:#1f2328;font-size:16px;font-weight:600}
      .lenet-confusion .name,.lenet-confusion .count{fill:#1f2328}
      .lenet-confusion .strong{fill:#ffffff}
      .lenet-confusion .empty{fill:#f3f5f7}
      .lenet-confusion .correct{fill:#0067a5}
      .lenet-confusion .misclassified{fill:#bf4b00}
      @media (prefers-color-scheme:dark){
      .lenet-confusion .page{fill:#0d1117;stroke:#30363d}
      .lenet-confusion text{fill:#9da7b1}
      .lenet-confusion .title,.lenet-confusion .name,.lenet-confusion .count{fill:#e6edf3}
      .lenet-confusion .strong{fill:#0d1117}
      .lenet-confusion .empty{fill:#161b22}
      .lenet-confusion .correct{fill:#5ab8f0}
      .lenet-confusion .misclassified{fill:#ff9d57}
      }
      """;

  private static final String TRUE_CLASS = "true class";
  private static final String PREDICTED_CLASS = "predicted class";

  private final ConfusionMatrix matrix;
  private final int classes;
  private final int cell;
  private final double left;
  private final StringBuilder body = new StringBuilder();

  private ConfusionMatrixSvg(ConfusionMatrix matrix) {
    this.matrix = matrix;
    classes = matrix.classNames().size();
    cell = classes <= MOST_NUMBERED ? CELL : SMALL_CELL;
    left = MARGIN + Math.max(longestName(), TRUE_CLASS.length()) * CHARACTER + 12;
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
    return new ConfusionMatrixSvg(matrix).draw(title, subtitle);
  }

  private String draw(String title, String subtitle) {
    double bottom = TOP + classes * cell;
    double right = left + classes * cell;
    text("title", MARGIN, 32, "start", title);
    text("subtitle", MARGIN, 51, "start", subtitle);
    text("label", left - 10, TOP - 8, "end", TRUE_CLASS);
    text("label", right + 10, TOP - 8, "start", "recall");
    text("label", right + 10, bottom + 36, "start", PREDICTED_CLASS);
    text("label", left - 10, bottom + 18, "end", "precision");
    for (int label = 0; label < classes; label++) {
      double y = TOP + label * cell + cell / 2.0 + 4;
      text("name", left - 10, y, "end", matrix.classNames().get(label));
      text("metric", right + 10, y, "start", metric(matrix.recall(label)));
      for (int predicted = 0; predicted < classes; predicted++) {
        cell(label, predicted);
      }
    }
    for (int predicted = 0; predicted < classes; predicted++) {
      double x = left + predicted * cell + cell / 2.0;
      if (classes <= MOST_NUMBERED) {
        text("metric", x, bottom + 18, "middle", metric(matrix.precision(predicted)));
      }
      body.append(
          format(
              "<text class=\"name\" transform=\"translate(%.1f %.1f) rotate(-45)\""
                  + " text-anchor=\"end\">%s</text>%n",
              x + 4, bottom + 36, escape(matrix.classNames().get(predicted))));
    }
    int width =
        (int)
            Math.ceil(
                Math.max(
                    right + 10 + PREDICTED_CLASS.length() * CHARACTER + 12,
                    44 + subtitle.length() * CHARACTER));
    int height = (int) Math.ceil(bottom + 44 + longestName() * CHARACTER * 0.75 + MARGIN);
    return head(width, height, title, subtitle) + body + "</svg>\n";
  }

  private String head(int width, int height, String title, String subtitle) {
    return format(
        """
        <svg xmlns="http://www.w3.org/2000/svg" class="lenet-confusion" role="img" width="%1$d" height="%2$d" \
        viewBox="0 0 %1$d %2$d">
        <title>%3$s</title>
        <desc>%4$s; rows: true classes, columns: predicted classes</desc>
        <style>
        %5$s</style>
        <rect class="page" x="0.5" y="0.5" width="%6$d" height="%7$d" rx="6"/>
        """,
        width, height, escape(title), escape(subtitle), STYLE, width - 1, height - 1);
  }

  private void cell(int label, int predicted) {
    int count = matrix.count(label, predicted);
    double fraction = matrix.support(label) == 0 ? 0 : (double) count / matrix.support(label);
    double strength = label == predicted ? fraction : Math.sqrt(fraction);
    double x = left + predicted * cell;
    double y = TOP + label * cell;
    String square =
        format(
            "x=\"%.1f\" y=\"%.1f\" width=\"%d\" height=\"%d\" rx=\"3\"", x, y, cell - 2, cell - 2);
    body.append(format("<rect class=\"empty\" %s/>%n", square));
    if (count == 0) {
      return;
    }
    String kind = label == predicted ? "correct" : "misclassified";
    body.append(
        format(
            "<rect class=\"%s\" fill-opacity=\"%.3f\" %s>", kind, 0.08 + 0.92 * strength, square));
    body.append(
        format(
            "<title>true %s, predicted %s: %,d (%.1f %%)</title></rect>%n",
            escape(matrix.classNames().get(label)),
            escape(matrix.classNames().get(predicted)),
            count,
            100 * fraction));
    if (classes <= MOST_NUMBERED) {
      text(
          strength > 0.5 ? "count strong" : "count",
          x + cell / 2.0 - 1,
          y + cell / 2.0 + 3,
          "middle",
          Integer.toString(count));
    }
  }

  private void text(String style, double x, double y, String anchor, String text) {
    body.append(
        format(
            "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n",
            style, x, y, anchor, escape(text)));
  }

  private static String metric(double value) {
    return Double.isNaN(value) ? "-" : format("%.2f", value);
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replaceAll("[\\p{Cntrl}]", " ");
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format.replace("%n", "\n"), values);
  }
}
