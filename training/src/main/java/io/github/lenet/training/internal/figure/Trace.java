package io.github.lenet.training.internal.figure;

import io.github.lenet.training.internal.figure.LineChart.Curve;
import io.github.lenet.training.internal.figure.LineChart.Point;
import java.util.List;

/**
 * A curve as it is drawn: its drawable points, and the place of its name in the list. The place
 * decides its looks.
 */
record Trace(int index, Curve curve, List<Point> points) {

  /** Okabe and Ito's colors for the color-blind, darkened to be legible as text on white. */
  static final String[] LIGHT = {"#0067a5", "#bf4b00", "#00775a", "#a33c78", "#7a6000", "#4d4d4d"};

  static final String[] DARK = {"#5ab8f0", "#ff9d57", "#3fcf9f", "#f09cc9", "#e6cf4a", "#c0c0c0"};

  private static final String[] DASHES = {"", "7 4", "9 3 2 3", "2 3", "14 4", "9 3 2 3 2 3"};

  /** Circle, square, diamond, triangle: relative paths that start at the point. */
  private static final String[] MARKERS = {
    "m-3,0a3,3 0 1,0 6,0a3,3 0 1,0 -6,0z",
    "m-2.8,-2.8h5.6v5.6h-5.6z",
    "m0,-4l4,4l-4,4l-4,-4z",
    "m0,-4l4,7h-8z"
  };

  Point last() {
    return points.get(points.size() - 1);
  }

  String legend() {
    int leftOut = curve.points().size() - points.size();
    return Svg.shorten(curve.name(), 40) + (leftOut > 0 ? " (" + leftOut + " not finite)" : "");
  }

  boolean looksLike(Trace other) {
    return index == other.index;
  }

  /** {@return the reason why no curve is visible} */
  String absence() {
    return curve.points().isEmpty() ? "no epoch finished" : "no finite value";
  }

  String describe(Point point) {
    return Svg.format("%s at epoch %.2f", value(point.value()), point.epoch());
  }

  String color() {
    return "c" + index % LIGHT.length;
  }

  /**
   * Returns the dashes. They shift by one each time the colors repeat, so 36 curves all look
   * different.
   */
  String dashes() {
    return DASHES[(index + index / LIGHT.length) % DASHES.length];
  }

  String marker() {
    return MARKERS[index % MARKERS.length];
  }

  static String value(double value) {
    double size = Math.abs(value);
    return Svg.format(size == 0 || (size >= 0.01 && size < 1e4) ? "%.3f" : "%.2e", value);
  }

  /** Draws a line with the trace's dashes. */
  void line(Svg svg, String path) {
    String dashArray = dashes().isEmpty() ? "" : " stroke-dasharray=\"" + dashes() + "\"";
    svg.add("<path class=\"line\" d=\"%s\"%s/>", path, dashArray);
  }
}
