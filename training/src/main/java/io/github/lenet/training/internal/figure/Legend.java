package io.github.lenet.training.internal.figure;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The legend of a {@link LineChart}: a list of names, or a table with more about each curve.
 *
 * @param svg the document to draw in
 * @param traces the chart's traces; those that look alike share an entry
 */
record Legend(Svg svg, List<Trace> traces) {

  private static final int ROW = 20;

  /** A data set's title may be a path. */
  private static final int MOST_CELL_CHARACTERS = 16;

  private static final int LEAST_NAME_CHARACTERS = 8;

  /** Draws one entry per curve, in as many rows as needed; returns the middle of the last row. */
  double list(double y) {
    double x = 20;
    for (Trace trace : entries()) {
      double width = 42 + Svg.CHARACTER * trace.legend().length() + 16;
      if (x > 20 && x + width > LineChart.WIDTH - 20) {
        x = 20;
        y += ROW;
      }
      entry(trace, x, y, trace.legend());
      x += width;
    }
    return y;
  }

  /** {@return the first curve of each name} */
  private List<Trace> entries() {
    return IntStream.range(0, traces.size())
        .filter(i -> traces.subList(0, i).stream().noneMatch(traces.get(i)::looksLike))
        .mapToObj(traces::get)
        .toList();
  }

  private void entry(Trace trace, double x, double y, String name) {
    svg.add("<g class=\"legend %s\">", trace.color());
    trace.line(svg, Svg.format("M%.1f,%.1fh34", x, y));
    svg.add("<path class=\"marker\" d=\"M%.1f,%.1f%s\"/>", x + 17, y, trace.marker());
    svg.text("name", x + 42, y + 4, "start", name);
    svg.add("</g>");
  }

  /** Draws a row per name, with its cells at the right; returns the middle of the last line. */
  double table(LineChart.Table table, double y) {
    int columns = table.columns().size();
    double[] ends = new double[columns];
    double left = LineChart.WIDTH - 20;
    for (int column = columns - 1; column >= 0; column--) {
      ends[column] = left;
      int at = column;
      int longest = table.rows().stream().mapToInt(row -> cell(row, at).length()).max().orElse(0);
      left -= Svg.CHARACTER * Math.max(longest, table.columns().get(column).length()) + 14;
      svg.text("head", ends[column], y + 4, "end", table.columns().get(column));
    }
    int mostCharacters = Math.max(LEAST_NAME_CHARACTERS, (int) ((left - 62) / Svg.CHARACTER));
    List<Trace> entries = entries();
    for (int i = 0; i < entries.size(); i++) {
      LineChart.Row row = table.rows().get(i);
      y += ROW;
      entry(entries.get(i), 20, y, Svg.shorten(row.name(), mostCharacters));
      for (int column = 0; column < columns; column++) {
        svg.text("cell", ends[column], y + 4, "end", cell(row, column));
      }
      if (!row.remark().isEmpty()) {
        y += LineChart.LINE_HEIGHT;
        svg.text("remark", 62, y + 4, "start", Svg.shorten(row.remark(), 96));
      }
    }
    return y;
  }

  private static String cell(LineChart.Row row, int column) {
    return Svg.shorten(row.cells().get(column), MOST_CELL_CHARACTERS);
  }
}
