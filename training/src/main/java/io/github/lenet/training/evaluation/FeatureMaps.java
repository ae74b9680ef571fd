package io.github.lenet.training.evaluation;

import java.util.Objects;
import java.util.stream.IntStream;

/**
 * The output of every channel of a layer for one image; or the kernels of a first layer, a channel
 * each.
 *
 * @param layer what they are of, such as {@code conv1}
 * @param height of a map
 * @param width of a map
 * @param channels the number of maps
 * @param values {@code [height, width, channels]}, row by row; not copied
 */
public record FeatureMaps(String layer, int height, int width, int channels, float[] values) {

  /** Checks that there are as many values as the shape says. */
  public FeatureMaps {
    Objects.requireNonNull(layer, "layer");
    if (height < 1 || width < 1 || channels < 1 || values.length != height * width * channels) {
      throw new IllegalArgumentException(
          "%s: expected %d x %d x %d values, found %d"
              .formatted(layer, height, width, channels, values.length));
    }
  }

  /**
   * One number.
   *
   * @param row from 0
   * @param column from 0
   * @param channel from 0
   * @return the output there
   */
  public float value(int row, int column, int channel) {
    return values[(row * width + column) * channels + channel];
  }

  /**
   * The mean output of a channel.
   *
   * @param channel from 0
   * @return the mean over its map
   */
  public double mean(int channel) {
    return IntStream.range(0, height * width)
        .mapToDouble(i -> values[i * channels + channel])
        .average()
        .orElseThrow();
  }

  /**
   * The largest output of a channel.
   *
   * @param channel from 0
   * @return the highest number of its map
   */
  public float max(int channel) {
    return (float)
        IntStream.range(0, height * width)
            .mapToDouble(i -> values[i * channels + channel])
            .max()
            .orElseThrow();
  }
}
