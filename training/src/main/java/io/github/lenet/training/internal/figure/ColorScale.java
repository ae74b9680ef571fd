package io.github.lenet.training.internal.figure;

import java.util.List;

/**
 * A scale of colors for numbers.
 *
 * @param stops RGB colors at equal distances, at least two
 * @param least the number that gets the first color, like all lower numbers
 * @param most the number that gets the last color, like all higher numbers
 */
public record ColorScale(List<Integer> stops, double least, double most) {

  /** Matplotlib's viridis: equal steps look equally large, also to the color-blind and in grey. */
  private static final List<Integer> VIRIDIS =
      List.of(
          0x440154, 0x472D7B, 0x3B528B, 0x2C728E, 0x21918C, 0x28AE80, 0x5EC962, 0xADDC30, 0xFDE725);

  private static final List<Integer> BLUE_TO_ORANGE = List.of(0x0067A5, 0xF7F7F7, 0xBF4B00);

  /** Copies the colors, and checks that there are two and that the numbers are in order. */
  public ColorScale {
    stops = List.copyOf(stops);
    if (stops.size() < 2 || !(least <= most)) {
      throw new IllegalArgumentException(
          "expected two colours and least (%s) not above most (%s)".formatted(least, most));
    }
  }

  /**
   * Creates a scale from dark to bright.
   *
   * @param values any numbers; the lowest is darkest
   * @return a scale from the lowest to the highest number
   */
  public static ColorScale sequential(List<float[]> values) {
    return over(VIRIDIS, values);
  }

  /**
   * Creates a scale from black to white.
   *
   * @param values any numbers; the lowest is black
   * @return a scale from the lowest to the highest number
   */
  public static ColorScale grey(List<float[]> values) {
    return over(List.of(0x000000, 0xFFFFFF), values);
  }

  private static ColorScale over(List<Integer> stops, List<float[]> values) {
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (float[] some : values) {
      for (float value : some) {
        least = value < least ? value : least; // ignores NaN
        most = value > most ? value : most;
      }
    }
    return least <= most ? new ColorScale(stops, least, most) : new ColorScale(stops, 0, 0);
  }

  /**
   * Creates a scale that is blue below zero, white at zero, orange above.
   *
   * @param values any numbers
   * @return a scale that reaches as far as the largest magnitude on both sides
   */
  public static ColorScale diverging(float[] values) {
    double most = 0;
    for (float value : values) {
      most = Math.max(most, Math.abs(value));
    }
    return new ColorScale(BLUE_TO_ORANGE, -most, most);
  }

  /**
   * {@return the color of a number, 0xRRGGBB}
   *
   * @param value any number
   */
  public int rgb(double value) {
    double share = most > least ? (value - least) / (most - least) : 0;
    double place = Math.max(0, Math.min(1, share)) * (stops.size() - 1);
    int first = Math.min((int) place, stops.size() - 2);
    double part = place - first;
    int rgb = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      int from = stops.get(first) >> shift & 0xFF;
      int to = stops.get(first + 1) >> shift & 0xFF;
      rgb |= (int) Math.round(from + part * (to - from)) << shift;
    }
    return rgb;
  }
}
