package io.github.lenet.training.internal.figure;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * An SVG chart of the curves of a run: train loss, train accuracy and test accuracy against epochs,
 * as in the chart of the <a
 * href="https://d2l.ai/chapter_convolutional-neural-networks/lenet.html">LeNet chapter</a>.
 *
 * <p>Every {@link Axis} gets its own panel. The panels lie one above the other and share the
 * epochs. The place of a curve's name in the list decides its color, dashes and marker. Curves of
 * the same name in several panels look alike and share an entry of the legend, which may be a
 * {@link Table}. The chart follows the reader's light or dark mode, contains its numbers as {@code
 * <desc>} for screen readers, and is the same text for the same curves on every machine.
 */
public final class LineChart {
  static final int WIDTH = 720;
  static final int LEFT = 72;
  static final int RIGHT = WIDTH - 128;
  static final int PANEL_HEIGHT = 170;
  private static final int PANEL_GAP = 22;
  static final int LINE_HEIGHT = 14;

  /** With more points, only the last one of a curve gets a marker. */
  private static final int MOST_MARKERS = 30;

  /** A longer label does not fit beside the panels; the name is then in the legend only. */
  private static final int MOST_LABEL_CHARACTERS = 16;

  private static final String STYLE =
      """
      .grid line{stroke:#e4e8ec}
      .frame{fill:none;stroke:#8c959f}
      .line{fill:none;stroke:currentColor;stroke-width:2;stroke-linejoin:round}
      .marker{fill:currentColor;stroke:#ffffff;stroke-width:.8}
      .value{fill:currentColor;font-weight:600;stroke:#ffffff;stroke-width:3;paint-order:stroke}
      """;

  private static final String DARK_STYLE =
      """
      .grid line{stroke:#242b33}
      .frame{stroke:#6e7681}
      .marker,.value{fill:currentColor;stroke:#0d1117}
      """;

  /**
   * A value at a time.
   *
   * @param epoch the time in epochs since the start, a fraction: 1.5 is the middle of the second
   *     epoch
   * @param value the value; a point that is not finite is left out of the chart and counted in the
   *     legend
   */
  public record Point(double epoch, double value) {
    /** Checks that the epoch is not negative. */
    public Point {
      if (epoch < 0) {
        throw new IllegalArgumentException("epoch (" + epoch + ") must not be negative");
      }
    }

    private boolean drawable() {
      // Beyond a float's range, the difference of two values could exceed a double's.
      return Float.isFinite((float) epoch) && Float.isFinite((float) value);
    }
  }

  /**
   * The vertical axis of a panel. It extends beyond its limits if the curves do.
   *
   * @param label the metric, such as {@code accuracy}
   * @param least the lower limit
   * @param most the upper limit
   */
  public record Axis(String label, double least, double most) {
    /** The axis of losses, from 0 to the highest one. */
    public static final Axis LOSS = new Axis("loss", 0, 0);

    /** The axis of accuracies, from 0 to 1. */
    public static final Axis ACCURACY = new Axis("accuracy", 0, 1);

    /** Checks the limits. */
    public Axis {
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
   * @param name the name in the legend, such as {@code train loss}
   * @param axis the axis of its panel
   * @param points its values in any order; empty before the first value
   */
  public record Curve(String name, Axis axis, List<Point> points) {
    /** Copies the points. */
    public Curve {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(axis, "axis");
      points = List.copyOf(points);
    }

    List<Point> drawable() {
      return points.stream()
          .filter(Point::drawable)
          .sorted(Comparator.comparingDouble(Point::epoch))
          .toList();
    }
  }

  /**
   * A legend with more about each curve than its name.
   *
   * @param columns the headings of the cells, without that of the names
   * @param rows a row for each name among the curves, in their order
   */
  public record Table(List<String> columns, List<Row> rows) {
    /** Copies the lists. */
    public Table {
      columns = List.copyOf(columns);
      rows = List.copyOf(rows);
    }
  }

  /**
   * A row of a {@link Table}.
   *
   * @param name the name of its curves
   * @param cells one for each column
   * @param remark a line below the cells; empty for none
   */
  public record Row(String name, List<String> cells, String remark) {
    /** Copies the cells. */
    public Row {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(remark, "remark");
      cells = List.copyOf(cells);
    }
  }

  private final Svg svg;
  private final String subtitle;
  private final List<Trace> traces = new ArrayList<>();
  private final Scale epochs;
  private final Optional<Table> table;

  private LineChart(
      String title, String subtitle, int epochs, List<Curve> curves, Optional<Table> table) {
    if (epochs < 1) {
      throw new IllegalArgumentException("epochs (" + epochs + ") must be positive");
    }
    this.table = table;
    this.subtitle = Objects.requireNonNull(subtitle, "subtitle");
    svg = new Svg("lenet-curves", title).style(STYLE, DARK_STYLE);
    for (int i = 0; i < Trace.LIGHT.length; i++) {
      svg.style(rule(i, Trace.LIGHT), rule(i, Trace.DARK));
    }
    svg.text("title", 20, 32, "start", Svg.shorten(title, 78));
    svg.text("subtitle", 20, 51, "start", Svg.shorten(subtitle, 110));
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
   * @param epochs the planned epochs; the horizontal axis ends there, or at a later last point
   * @param curves the lines in the order of the legend; panels are ordered by their first curve
   * @return an SVG document, 720 pixels wide
   */
  public static String draw(String title, String subtitle, int epochs, List<Curve> curves) {
    return new LineChart(title, subtitle, epochs, curves, Optional.empty()).draw();
  }

  /**
   * Draws the chart with a table in place of the legend.
   *
   * @param title the heading, any text
   * @param subtitle the line below it, any text; empty for none
   * @param epochs the planned epochs
   * @param curves the lines in the order of the table
   * @param table a row for each name among the curves
   * @return an SVG document, 720 pixels wide
   */
  public static String draw(
      String title, String subtitle, int epochs, List<Curve> curves, Table table) {
    return new LineChart(title, subtitle, epochs, curves, Optional.of(table)).draw();
  }

  private String draw() {
    Legend legend = new Legend(svg, traces);
    double y = subtitle.isEmpty() ? 56 : 76;
    double top = table.map(rows -> legend.table(rows, y)).orElseGet(() -> legend.list(y)) + 22;
    List<Axis> axes = traces.stream().map(trace -> trace.curve().axis()).distinct().toList();
    for (Axis axis : axes.isEmpty() ? List.of(new Axis("", 0, 1)) : axes) {
      panel(axis, traces.stream().filter(trace -> trace.curve().axis().equals(axis)).toList(), top);
      top += PANEL_HEIGHT + PANEL_GAP;
    }
    double bottom = top - PANEL_GAP;
    for (double tick : epochs.ticks()) {
      svg.text("tick", epochs.pixel(tick), bottom + 18, "middle", epochs.label(tick));
    }
    svg.text("label", (LEFT + RIGHT) / 2.0, bottom + 38, "middle", "epoch");
    return svg.document(WIDTH, (int) Math.ceil(bottom + 52), description());
  }

  private static String rule(int index, String[] colors) {
    return Svg.format(".c%d{color:%s}%n", index, colors[index]);
  }

  /** Describes the chart in words: each curve's first and last value. */
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

  private void panel(Axis axis, List<Trace> panelTraces, double top) {
    Scale values = Scale.values(axis, panelTraces, top);
    double bottom = top + PANEL_HEIGHT;
    svg.add("<g class=\"grid\">");
    for (double tick : epochs.ticks()) {
      gridLine(epochs.pixel(tick), top, epochs.pixel(tick), bottom);
    }
    for (double tick : values.ticks()) {
      gridLine(LEFT, values.pixel(tick), RIGHT, values.pixel(tick));
      svg.text("tick", LEFT - 8, values.pixel(tick) + 4, "end", values.label(tick));
    }
    svg.add("</g>");
    svg.add("<path class=\"frame\" d=\"M%d,%.1fV%.1fH%d\"/>", LEFT, top, bottom, RIGHT);
    double middle = (top + bottom) / 2;
    svg.turnedText("label", 17, middle, -90, "middle", axis.label());
    List<Trace> drawn = panelTraces.stream().filter(trace -> !trace.points().isEmpty()).toList();
    if (drawn.isEmpty()) {
      String absence = panelTraces.isEmpty() ? "no curve" : panelTraces.get(0).absence();
      svg.text("absence", (LEFT + RIGHT) / 2.0, middle + 4, "middle", absence);
    }
    drawn.forEach(trace -> curve(trace, values));
    lastValues(drawn, values);
  }

  private void curve(Trace trace, Scale values) {
    List<Point> points = thin(trace.points());
    svg.add("<g class=\"curve %s\">", trace.color());
    svg.add("<title>%s</title>", Svg.escape(trace.curve().name()));
    String path =
        points.stream()
            .map(point -> coordinates(point, values))
            .collect(Collectors.joining(" ", "M", ""));
    trace.line(svg, path);
    List<Point> marked = points.size() <= MOST_MARKERS ? points : List.of(trace.last());
    String markers =
        marked.stream()
            .map(point -> "M" + coordinates(point, values) + trace.marker())
            .collect(Collectors.joining());
    svg.add("<path class=\"marker\" d=\"%s\"/>%n</g>", markers);
  }

  /** Keeps the first and last point, and the lowest and highest of each pixel column. */
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

  /** Labels the curves' ends, and moves labels apart that would overlap. */
  private void lastValues(List<Trace> drawn, Scale values) {
    List<Trace> fromTop =
        drawn.stream()
            .sorted(Comparator.comparingDouble(trace -> values.pixel(trace.last().value())))
            .toList();
    double gap = Math.min(LINE_HEIGHT, (double) PANEL_HEIGHT / Math.max(1, fromTop.size()));
    double[] y = new double[fromTop.size()];
    double lowest = Math.max(values.start(), values.end());
    // Moves labels down from the first one, then up again from the lower edge of the panel.
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
      String value = Trace.value(last.value());
      String named = value + " " + trace.curve().name();
      String label = named.length() <= MOST_LABEL_CHARACTERS ? named : value;
      svg.add("<g class=\"end %s\">", trace.color());
      svg.text("value", x + 9, y[i] + 4, "start", label);
      svg.add("</g>");
    }
  }

  private String coordinates(Point point, Scale values) {
    return Svg.format("%.1f,%.1f", epochs.pixel(point.epoch()), values.pixel(point.value()));
  }

  private void gridLine(double x1, double y1, double x2, double y2) {
    svg.add("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>", x1, y1, x2, y2);
  }
}
