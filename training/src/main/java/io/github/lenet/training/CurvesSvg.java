package io.github.lenet.training;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The curves of a run as an SVG chart: train loss, train accuracy and test accuracy against epochs,
 * as in the chart of the <a
 * href="https://d2l.ai/chapter_convolutional-neural-networks/lenet.html">LeNet chapter</a>.
 *
 * <p>Every {@link Axis} gets a panel of its own; the panels lie one above the other and share the
 * epochs. A curve's place in the list chooses its colour, dashes and marker; curves of the same
 * name in several panels look alike and share an entry of the legend, which may be a {@link Table}.
 * The chart follows the reader's light or dark mode, carries its numbers as {@code <desc>} for
 * screen readers, and is the same text for the same curves on every machine.
 */
final class CurvesSvg {
  private static final int WIDTH = 720;
  private static final int LEFT = 72;
  private static final int RIGHT = WIDTH - 128;
  private static final int PANEL_HEIGHT = 170;
  private static final int PANEL_GAP = 22;
  private static final int LINE_HEIGHT = 14;
  private static final int LEGEND_ROW = 20;

  /** About as wide as a character of 12 pixels. */
  private static final double CHARACTER = 6.6;

  /** More points than this in a curve, and only the last one gets a marker. */
  private static final int MOST_MARKERS = 30;

  /** What fits beside the panels; a longer name is in the legend only. */
  private static final int MOST_LABEL_CHARACTERS = 16;

  /** A data set's title may be a path. */
  private static final int MOST_CELL_CHARACTERS = 16;

  private static final int LEAST_NAME_CHARACTERS = 8;

  /** Okabe and Ito's colour-blind-safe colours, darkened to be read as text on white. */
  private static final String[] LIGHT = {
    "#0067a5", "#bf4b00", "#00775a", "#a33c78", "#7a6000", "#4d4d4d"
  };

  private static final String[] DARK = {
    "#5ab8f0", "#ff9d57", "#3fcf9f", "#f09cc9", "#e6cf4a", "#c0c0c0"
  };

  private static final String[] DASHES = {"", "7 4", "9 3 2 3", "2 3", "14 4", "9 3 2 3 2 3"};

  /** Circle, square, diamond, triangle: relative paths that start at the point. */
  private static final String[] MARKERS = {
    "m-3,0a3,3 0 1,0 6,0a3,3 0 1,0 -6,0z",
    "m-2.8,-2.8h5.6v5.6h-5.6z",
    "m0,-4l4,4l-4,4l-4,-4z",
    "m0,-4l4,7h-8z"
  };

  private static final String STYLE =
      """
      .lenet-curves{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-size:12px}
      .lenet-curves .page{fill:#ffffff;stroke:#d0d7de}
      .lenet-curves text{fill:#57606a}
      .lenet-curves .title{fill:#1f2328;font-size:16px;font-weight:600}
      .lenet-curves .name,.lenet-curves .cell{fill:#1f2328}
      .lenet-curves .grid line{stroke:#e4e8ec}
      .lenet-curves .frame{fill:none;stroke:#8c959f}
      .lenet-curves .line{fill:none;stroke:currentColor;stroke-width:2;stroke-linejoin:round}
      .lenet-curves .marker{fill:currentColor;stroke:#ffffff;stroke-width:.8}
      .lenet-curves .value{fill:currentColor;font-weight:600;stroke:#ffffff;stroke-width:3;paint-order:stroke}
      """;

  private static final String DARK_STYLE =
      """
      .lenet-curves .page{fill:#0d1117;stroke:#30363d}
      .lenet-curves text{fill:#9da7b1}
      .lenet-curves .title,.lenet-curves .name,.lenet-curves .cell{fill:#e6edf3}
      .lenet-curves .grid line{stroke:#242b33}
      .lenet-curves .frame{stroke:#6e7681}
      .lenet-curves .marker,.lenet-curves .value{fill:currentColor;stroke:#0d1117}
      """;

  /**
   * A value at a time.
   *
   * @param epoch the time in epochs since the start, a fraction: 1.5 is the middle of the second
   *     epoch
   * @param value what was measured then; a point that is not finite is left out of the chart and
   *     counted in the legend
   */
  record Point(double epoch, double value) {
    /** Checks that the epoch is not negative. */
    Point {
      if (epoch < 0) {
        throw new IllegalArgumentException("epoch (" + epoch + ") must not be negative");
      }
    }

    private boolean drawable() {
      // Beyond a float's range, the difference of two values could be beyond a double's.
      return Float.isFinite((float) epoch) && Float.isFinite((float) value);
    }
  }

  /**
   * The vertical axis of a panel; it reaches further than asked where its curves do.
   *
   * @param label the metric, such as {@code accuracy}
   * @param least the value that the axis reaches down to at least
   * @param most the value that the axis reaches up to at least
   */
  record Axis(String label, double least, double most) {
    /** Losses: from 0 to the highest one. */
    static final Axis LOSS = new Axis("loss", 0, 0);

    /** Fractions of the images: from 0 to 1. */
    static final Axis ACCURACY = new Axis("accuracy", 0, 1);

    /** Checks the limits. */
    Axis {
      Objects.requireNonNull(label, "label");
      if (!Float.isFinite((float) least) || !Float.isFinite((float) most) || least > most) {
        throw new IllegalArgumentException(
            "least (" + least + ") and most (" + most + ") must be finite and in this order");
      }
    }
  }

  /**
   * A line of the chart.
   *
   * @param name what the legend calls it, such as {@code train loss}
   * @param axis the panel that it is drawn in
   * @param points its values in any order; empty before the first one was measured
   */
  record Curve(String name, Axis axis, List<Point> points) {
    /** Copies the points. */
    Curve {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(axis, "axis");
      points = List.copyOf(points);
    }

    private List<Point> drawable() {
      return points.stream()
          .filter(Point::drawable)
          .sorted(Comparator.comparingDouble(Point::epoch))
          .toList();
    }
  }

  /**
   * A legend that says more about each curve than its name.
   *
   * @param columns the heads of the cells, without that of the names
   * @param rows an entry for each name among the curves, in their order
   */
  record Table(List<String> columns, List<Row> rows) {
    /** Copies the lists. */
    Table {
      columns = List.copyOf(columns);
      rows = List.copyOf(rows);
    }
  }

  /**
   * An entry of a {@link Table}.
   *
   * @param name of the curves that it is about
   * @param cells one for each column
   * @param remark a line below them; empty for none
   */
  record Row(String name, List<String> cells, String remark) {
    /** Copies the cells. */
    Row {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(remark, "remark");
      cells = List.copyOf(cells);
    }
  }

  /**
   * A curve with the place of its name in the list, which chooses its looks, and the points that
   * can be drawn.
   */
  private record Trace(int index, Curve curve, List<Point> points) {
    Point last() {
      return points.get(points.size() - 1);
    }

    String legend() {
      int leftOut = curve.points().size() - points.size();
      return shorten(curve.name(), 40) + (leftOut > 0 ? " (" + leftOut + " not finite)" : "");
    }

    boolean looksLike(Trace other) {
      return index == other.index;
    }

    /** Why there is nothing to see. */
    String absence() {
      return curve.points().isEmpty() ? "no epoch finished" : "no finite value";
    }

    String describe(Point point) {
      return format("%s at epoch %.2f", value(point.value()), point.epoch());
    }

    String color() {
      return "c" + index % LIGHT.length;
    }

    /** Shifted by one each time the colours repeat, so that no two of 36 curves look alike. */
    String dashes() {
      return DASHES[(index + index / LIGHT.length) % DASHES.length];
    }

    String marker() {
      return MARKERS[index % MARKERS.length];
    }
  }

  /** Values on a line of pixels; the first and last tick of a vertical scale are its ends. */
  private record Scale(double least, double most, double step, double start, double end) {
    static Scale epochs(double most) {
      double step = most < 3 ? niceStep(most / 5) : Math.max(1, niceStep(most / 10));
      return new Scale(0, most, step, LEFT, RIGHT);
    }

    static Scale values(Axis axis, List<Trace> traces, double top) {
      double least = axis.least();
      double most = axis.most();
      for (Trace trace : traces) {
        for (Point point : trace.points()) {
          least = Math.min(least, point.value());
          most = Math.max(most, point.value());
        }
      }
      if (most == least) {
        most = least + Math.max(1, Math.abs(least));
      }
      double step = niceStep((most - least) / 5);
      double first = Math.floor(least / step + 1e-9) * step;
      double last = Math.ceil(most / step - 1e-9) * step;
      return new Scale(first, last, step, top + PANEL_HEIGHT, top);
    }

    /**
     * The smallest of 1, 2, 5, 10, 20, 50, ... and their fractions that is not below the given one.
     */
    private static double niceStep(double step) {
      double power = Math.pow(10, Math.floor(Math.log10(step)));
      double digit = step / power - 1e-9;
      return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
    }

    double pixel(double value) {
      return start + (value - least) / (most - least) * (end - start);
    }

    List<Double> ticks() {
      List<Double> ticks = new ArrayList<>();
      long first = (long) Math.ceil(least / step - 1e-9);
      long last = (long) Math.floor(most / step + 1e-9);
      for (long i = first; i <= last; i++) {
        ticks.add(i * step);
      }
      return ticks;
    }

    String label(double tick) {
      int decimals = (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
      if (tick == 0) {
        return "0";
      }
      if (decimals <= 4 && Math.max(Math.abs(least), Math.abs(most)) < 1e5) {
        return format("%." + decimals + "f", tick);
      }
      return format("%.1e", tick).replace("e+0", "e").replace("e-0", "e-");
    }
  }

  private final StringBuilder body = new StringBuilder();
  private final String title;
  private final String subtitle;
  private final List<Trace> traces = new ArrayList<>();
  private final Scale epochs;
  private final Optional<Table> table;

  private CurvesSvg(
      String title, String subtitle, int epochs, List<Curve> curves, Optional<Table> table) {
    this.table = table;
    this.title = Objects.requireNonNull(title, "title");
    this.subtitle = Objects.requireNonNull(subtitle, "subtitle");
    if (epochs < 1) {
      throw new IllegalArgumentException("epochs (" + epochs + ") must be positive");
    }
    double most = epochs;
    List<String> names = curves.stream().map(Curve::name).distinct().toList();
    for (Curve curve : curves) {
      Trace trace = new Trace(names.indexOf(curve.name()), curve, curve.drawable());
      traces.add(trace);
      most = trace.points().isEmpty() ? most : Math.max(most, trace.last().epoch());
    }
    this.epochs = Scale.epochs(most);
  }

  /**
   * Draws the chart.
   *
   * @param title the heading, any text
   * @param subtitle the line below it, any text; empty for none
   * @param epochs how many epochs the run is to have; the horizontal axis ends there, or at the
   *     last point beyond
   * @param curves the lines in the order of the legend; panels are ordered by their first curve
   * @return an SVG document, 720 pixels wide
   */
  static String draw(String title, String subtitle, int epochs, List<Curve> curves) {
    return new CurvesSvg(title, subtitle, epochs, curves, Optional.empty()).draw();
  }

  /**
   * Draws the chart with a table in place of the legend.
   *
   * @param title as above
   * @param subtitle as above
   * @param epochs as above
   * @param curves as above
   * @param table a row for each name among the curves
   * @return an SVG document, 720 pixels wide
   */
  static String draw(String title, String subtitle, int epochs, List<Curve> curves, Table table) {
    return new CurvesSvg(title, subtitle, epochs, curves, Optional.of(table)).draw();
  }

  private String draw() {
    text("title", 20, 32, "start", shorten(title, 78));
    text("subtitle", 20, 51, "start", shorten(subtitle, 110));
    double y = subtitle.isEmpty() ? 56 : 76;
    double top = (table.isPresent() ? table(table.get(), y) : legend(y)) + 22;
    List<Axis> axes = traces.stream().map(trace -> trace.curve().axis()).distinct().toList();
    for (Axis axis : axes.isEmpty() ? List.of(new Axis("", 0, 1)) : axes) {
      panel(axis, traces.stream().filter(trace -> trace.curve().axis().equals(axis)).toList(), top);
      top += PANEL_HEIGHT + PANEL_GAP;
    }
    double bottom = top - PANEL_GAP;
    for (double tick : epochs.ticks()) {
      text("tick", epochs.pixel(tick), bottom + 18, "middle", epochs.label(tick));
    }
    text("label", (LEFT + RIGHT) / 2.0, bottom + 38, "middle", "epoch");
    return head((int) Math.ceil(bottom + 52)) + body + "</svg>\n";
  }

  private String head(int height) {
    StringBuilder style = new StringBuilder(STYLE);
    StringBuilder darkStyle = new StringBuilder(DARK_STYLE);
    for (int i = 0; i < LIGHT.length; i++) {
      style.append(format(".lenet-curves .c%d{color:%s}%n", i, LIGHT[i]));
      darkStyle.append(format(".lenet-curves .c%d{color:%s}%n", i, DARK[i]));
    }
    return format(
        """
        <svg xmlns="http://www.w3.org/2000/svg" class="lenet-curves" role="img" width="%1$d" height="%2$d" \
        viewBox="0 0 %1$d %2$d">
        <title>%3$s</title>
        <desc>%4$s</desc>
        <style>
        %5$s@media (prefers-color-scheme:dark){
        %6$s}
        </style>
        <rect class="page" x="0.5" y="0.5" width="%7$d" height="%8$d" rx="6"/>
        """,
        WIDTH,
        height,
        escape(title),
        escape(description()),
        style,
        darkStyle,
        WIDTH - 1,
        height - 1);
  }

  /** What the chart shows, in words: each curve's first and last value. */
  private String description() {
    StringBuilder words = new StringBuilder(subtitle);
    for (Trace trace : traces) {
      words.append(words.isEmpty() ? "" : "; ").append(trace.curve().name());
      words.append(table.isPresent() ? " " + trace.curve().axis().label() : "").append(": ");
      if (trace.points().isEmpty()) {
        words.append(trace.absence());
      } else {
        words.append(trace.describe(trace.points().get(0)));
        if (trace.points().size() > 1) {
          words.append(", then ").append(trace.describe(trace.last()));
        }
      }
    }
    return words.toString();
  }

  /**
   * Draws one entry per curve, in as many rows as they need; returns the middle of the last row.
   */
  private double legend(double y) {
    double x = 20;
    for (Trace trace : entries()) {
      double width = 42 + CHARACTER * trace.legend().length() + 16;
      if (x > 20 && x + width > WIDTH - 20) {
        x = 20;
        y += LEGEND_ROW;
      }
      entry(trace, x, y, trace.legend());
      x += width;
    }
    return y;
  }

  /** The first curve of each name. */
  private List<Trace> entries() {
    return IntStream.range(0, traces.size())
        .filter(i -> traces.subList(0, i).stream().noneMatch(traces.get(i)::looksLike))
        .mapToObj(traces::get)
        .toList();
  }

  private void entry(Trace trace, double x, double y, String name) {
    body.append(format("<g class=\"legend %s\">%n", trace.color()));
    line(format("M%.1f,%.1fh34", x, y), trace.dashes());
    body.append(format("<path class=\"marker\" d=\"M%.1f,%.1f%s\"/>%n", x + 17, y, trace.marker()));
    text("name", x + 42, y + 4, "start", name);
    body.append("</g>\n");
  }

  /** Draws a row per name, its cells at the right; returns the middle of the last line. */
  private double table(Table table, double y) {
    int columns = table.columns().size();
    double[] ends = new double[columns];
    double left = WIDTH - 20;
    for (int column = columns - 1; column >= 0; column--) {
      ends[column] = left;
      int at = column;
      int longest = table.rows().stream().mapToInt(row -> cell(row, at).length()).max().orElse(0);
      left -= CHARACTER * Math.max(longest, table.columns().get(column).length()) + 14;
      text("head", ends[column], y + 4, "end", table.columns().get(column));
    }
    int mostCharacters = Math.max(LEAST_NAME_CHARACTERS, (int) ((left - 62) / CHARACTER));
    List<Trace> entries = entries();
    for (int i = 0; i < entries.size(); i++) {
      Row row = table.rows().get(i);
      y += LEGEND_ROW;
      entry(entries.get(i), 20, y, shorten(row.name(), mostCharacters));
      for (int column = 0; column < columns; column++) {
        text("cell", ends[column], y + 4, "end", cell(row, column));
      }
      if (!row.remark().isEmpty()) {
        y += LINE_HEIGHT;
        text("remark", 62, y + 4, "start", shorten(row.remark(), 96));
      }
    }
    return y;
  }

  private static String cell(Row row, int column) {
    return shorten(row.cells().get(column), MOST_CELL_CHARACTERS);
  }

  private void panel(Axis axis, List<Trace> panelTraces, double top) {
    Scale values = Scale.values(axis, panelTraces, top);
    double bottom = top + PANEL_HEIGHT;
    body.append("<g class=\"grid\">\n");
    for (double tick : epochs.ticks()) {
      gridLine(epochs.pixel(tick), top, epochs.pixel(tick), bottom);
    }
    for (double tick : values.ticks()) {
      gridLine(LEFT, values.pixel(tick), RIGHT, values.pixel(tick));
      text("tick", LEFT - 8, values.pixel(tick) + 4, "end", values.label(tick));
    }
    body.append("</g>\n");
    body.append(
        format("<path class=\"frame\" d=\"M%d,%.1fV%.1fH%d\"/>%n", LEFT, top, bottom, RIGHT));
    double middle = (top + bottom) / 2;
    body.append(
        format(
            "<text class=\"label\" transform=\"translate(17 %.1f) rotate(-90)\""
                + " text-anchor=\"middle\">%s</text>%n",
            middle, escape(axis.label())));
    List<Trace> drawn = panelTraces.stream().filter(trace -> !trace.points().isEmpty()).toList();
    if (drawn.isEmpty()) {
      String absence = panelTraces.isEmpty() ? "no curve" : panelTraces.get(0).absence();
      text("absence", (LEFT + RIGHT) / 2.0, middle + 4, "middle", absence);
    }
    drawn.forEach(trace -> curve(trace, values));
    lastValues(drawn, values);
  }

  private void curve(Trace trace, Scale values) {
    List<Point> points = thin(trace.points());
    body.append(format("<g class=\"curve %s\">%n", trace.color()));
    body.append(format("<title>%s</title>%n", escape(trace.curve().name())));
    String path =
        points.stream()
            .map(point -> coordinates(point, values))
            .collect(Collectors.joining(" ", "M", ""));
    line(path, trace.dashes());
    List<Point> marked = points.size() <= MOST_MARKERS ? points : List.of(trace.last());
    String markers =
        marked.stream()
            .map(point -> "M" + coordinates(point, values) + trace.marker())
            .collect(Collectors.joining());
    body.append(format("<path class=\"marker\" d=\"%s\"/>%n</g>%n", markers));
  }

  /** Keeps the first and last point, and each pixel column's lowest and highest. */
  private List<Point> thin(List<Point> points) {
    if (points.size() <= 2 * (RIGHT - LEFT)) {
      return points;
    }
    TreeSet<Integer> kept = new TreeSet<>(List.of(0, points.size() - 1));
    int from = 0;
    while (from < points.size()) {
      int column = column(points.get(from));
      int lowest = from;
      int highest = from;
      int i = from;
      for (; i < points.size() && column(points.get(i)) == column; i++) {
        lowest = points.get(i).value() < points.get(lowest).value() ? i : lowest;
        highest = points.get(i).value() > points.get(highest).value() ? i : highest;
      }
      kept.add(lowest);
      kept.add(highest);
      from = i;
    }
    return kept.stream().map(points::get).toList();
  }

  private int column(Point point) {
    return (int) epochs.pixel(point.epoch());
  }

  /** Labels the curves' ends, moved apart where they would overlap. */
  private void lastValues(List<Trace> drawn, Scale values) {
    List<Trace> fromTop =
        drawn.stream()
            .sorted(Comparator.comparingDouble(trace -> values.pixel(trace.last().value())))
            .toList();
    double gap = Math.min(LINE_HEIGHT, (double) PANEL_HEIGHT / Math.max(1, fromTop.size()));
    double[] y = new double[fromTop.size()];
    double lowest = Math.max(values.start(), values.end());
    // Down from the first, then up again from the last that fell off the panel.
    for (int i = 0; i < y.length; i++) {
      double end = values.pixel(fromTop.get(i).last().value());
      y[i] = i == 0 ? end : Math.max(end, y[i - 1] + gap);
    }
    for (int i = y.length - 1; i >= 0; i--) {
      y[i] = Math.min(y[i], i == y.length - 1 ? lowest : y[i + 1] - gap);
    }
    for (int i = 0; i < y.length; i++) {
      Trace trace = fromTop.get(i);
      Point last = trace.last();
      double x = epochs.pixel(last.epoch());
      String value = value(last.value());
      String named = value + " " + trace.curve().name();
      String label = named.length() <= MOST_LABEL_CHARACTERS ? named : value;
      body.append(format("<g class=\"end %s\">%n", trace.color()));
      text("value", x + 9, y[i] + 4, "start", label);
      body.append("</g>\n");
    }
  }

  private String coordinates(Point point, Scale values) {
    return format("%.1f,%.1f", epochs.pixel(point.epoch()), values.pixel(point.value()));
  }

  private void line(String path, String dashes) {
    String dashArray = dashes.isEmpty() ? "" : " stroke-dasharray=\"" + dashes + "\"";
    body.append(format("<path class=\"line\" d=\"%s\"%s/>%n", path, dashArray));
  }

  private void gridLine(double x1, double y1, double x2, double y2) {
    body.append(
        format("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>%n", x1, y1, x2, y2));
  }

  private void text(String role, double x, double y, String anchor, String text) {
    body.append(
        format(
            "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n",
            role, x, y, anchor, escape(text)));
  }

  private static String value(double value) {
    double size = Math.abs(value);
    return format(size == 0 || (size >= 0.01 && size < 1e4) ? "%.3f" : "%.2e", value);
  }

  /** Dots for decimals and {@code \n} for {@code %n}, whatever the machine is set to. */
  private static String format(String format, Object... arguments) {
    return String.format(Locale.ROOT, format.replace("%n", "\n"), arguments);
  }

  private static String shorten(String text, int most) {
    if (text.codePointCount(0, text.length()) <= most) {
      return text;
    }
    return text.substring(0, text.offsetByCodePoints(0, most - 1)).strip() + "…";
  }

  private static String escape(String text) {
    StringBuilder escaped = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                default -> escaped.appendCodePoint(isXml(c) ? c : 0xFFFD);
              }
            });
    return escaped.toString();
  }

  /** Whether XML 1.0 can express the character at all. */
  private static boolean isXml(int c) {
    return c == '\t'
        || c == '\n'
        || c == '\r'
        || (c >= 0x20 && c <= 0xD7FF)
        || (c >= 0xE000 && c <= 0xFFFD)
        || c >= 0x10000;
  }
}
