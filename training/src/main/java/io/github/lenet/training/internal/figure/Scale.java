package io.github.lenet.training.internal.figure;

import java.util.ArrayList;
import java.util.List;

/** Maps values to a line of pixels. A vertical scale begins and ends at a tick. */
record Scale(double least, double most, double step, double start, double end) {
  static Scale epochs(double most) {
    double step = most < 3 ? niceStep(most / 5) : Math.max(1, niceStep(most / 10));
    return new Scale(0, most, step, LineChart.LEFT, LineChart.RIGHT);
  }

  static Scale values(LineChart.Axis axis, List<Trace> traces, double top) {
    double least = axis.least();
    double most = axis.most();
    for (Trace trace : traces) {
      for (LineChart.Point point : trace.points()) {
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
    return new Scale(first, last, step, top + LineChart.PANEL_HEIGHT, top);
  }

  /**
   * Returns the smallest of 1, 2, 5, 10, 20, 50, ... and their fractions that is not below the
   * step.
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
      return Svg.format("%." + decimals + "f", tick);
    }
    return Svg.format("%.1e", tick).replace("e+0", "e").replace("e-0", "e-");
  }
}
