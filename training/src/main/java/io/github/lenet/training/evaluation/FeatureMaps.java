package io.github.lenet.training.evaluation;

import java.util.Objects;
import java.util.stream.IntStream;

/**
 * The outputs of a layer for one image, one map per channel; or the kernels of a first layer, one
 * per channel.
 *
 * @param layer the layer's or kernels' name, such as {@code conv1}
 * @param height height of a map
 * @param width width of a map
 * @param channels number of maps
 * @param values {@code [height, width, channels]}, row by row; not copied
 */
public record FeatureMaps(String layer, int height, int width, int channels, float[] values) {

  /** Checks that the number of values fits the shape. */
  public FeatureMaps {
    Objects.requireNonNull(layer, "layer");
    if (height < 1 || width < 1 || channels < 1 || values.length != height * width * channels) {
      throw new IllegalArgumentException(
          "%s: expected %s x %s x %s values, found %s"
              .formatted(layer, height, width, channels, values.length));
    }
  }

  /**
   * {@return the output of a channel at a row and column}
   *
   * @param row from 0
   * @param column from 0
   * @param channel from 0
   */
  public float value(int row, int column, int channel) {
    return values[(row * width + column) * channels + channel];
  }

  /**
   * {@return the mean output of a channel}
   *
   * @param channel from 0
   */
  public double mean(int channel) {
    return IntStream.range(0, height * width)
        .mapToDouble(i -> values[i * channels + channel])
        .average()
        .orElseThrow();
  }

  /**
   * {@return the largest output of a channel}
   *
   * @param channel from 0
   */
  public float max(int channel) {
    return (float)
        IntStream.range(0, height * width)
            .mapToDouble(i -> values[i * channels + channel])
            .max()
            .orElseThrow();
  }
}
