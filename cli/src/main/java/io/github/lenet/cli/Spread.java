package io.github.lenet.cli;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * The median and the range of a value over several rounds.
 *
 * @param median the middle value; the mean of the two middle values if their number is even
 * @param lowest the lowest value
 * @param highest the highest value
 */
record Spread(double median, double lowest, double highest) {

  /** Computes the spread of one value over the rounds. Needs at least one round. */
  static <T> Spread of(List<T> rounds, ToDoubleFunction<T> value) {
    double[] sorted = rounds.stream().mapToDouble(value).sorted().toArray();
    int last = sorted.length - 1;
    double median = (sorted[last / 2] + sorted[sorted.length / 2]) / 2;
    return new Spread(median, sorted[0], sorted[last]);
  }

  /** {@return text such as "12 µs (11 to 15)", with numbers in the given format} */
  String text(String form, String unit) {
    return String.format(
        Locale.ROOT, form + " %s (" + form + " to " + form + ")", median, unit, lowest, highest);
  }
}
