package io.github.lenet.training;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The activations of a layer as a grid without text: each image, beside it a map for each channel,
 * {@value #COLUMNS} in a line. The lowest output over the images is black, the highest white.
 */
final class TensorBoardActivations {

  /** Channels beyond these are left out. */
  static final int MOST_CHANNELS = 64;

  private static final int COLUMNS = 8;
  private static final int GAP = 4;

  /** Between images. */
  private static final int BAND_GAP = 12;

  /** A map is scaled up to about this many pixels, by a whole number. */
  private static final int SIDE = 56;

  /** Different from black, white and every grey. */
  private static final int PAPER = 0xB4C6DC;

  private TensorBoardActivations() {}

  /**
   * Draws.
   *
   * @param images uint8 {@code [height, width]} each, at least one
   * @param width of an image
   * @param outputs of a layer for each image, in the same order
   * @return RGB
   */
  static BufferedImage draw(List<byte[]> images, int width, List<FeatureMaps> outputs) {
    FeatureMaps first = outputs.get(0);
    int height = images.get(0).length / width;
    int scale = scale(height, width);
    int mapScale = scale(first.height(), first.width());
    int channels = Math.min(first.channels(), MOST_CHANNELS);
    int columns = Math.min(channels, COLUMNS);
    int lines = (channels + columns - 1) / columns;
    int columnPitch = first.width() * mapScale + GAP;
    int linePitch = first.height() * mapScale + GAP;
    int mapsLeft = GAP + width * scale + BAND_GAP;
    int bandPitch = Math.max(height * scale, lines * linePitch - GAP) + BAND_GAP;
    BufferedImage grid =
        new BufferedImage(
            mapsLeft + columns * columnPitch,
            2 * GAP + images.size() * bandPitch - BAND_GAP,
            BufferedImage.TYPE_INT_RGB);
    fill(grid, 0, 0, grid.getWidth(), grid.getHeight(), PAPER);
    float least = Float.POSITIVE_INFINITY;
    float most = Float.NEGATIVE_INFINITY;
    for (FeatureMaps maps : outputs) {
      for (float value : maps.values()) {
        least = Math.min(least, value);
        most = Math.max(most, value);
      }
    }
    for (int i = 0; i < images.size(); i++) {
      int top = GAP + i * bandPitch;
      byte[] pixels = images.get(i);
      for (int p = 0; p < pixels.length; p++) {
        int x = GAP + p % width * scale;
        fill(grid, x, top + p / width * scale, scale, scale, grey(Byte.toUnsignedInt(pixels[p])));
      }
      FeatureMaps maps = outputs.get(i);
      for (int channel = 0; channel < channels; channel++) {
        int left = mapsLeft + channel % columns * columnPitch;
        int mapTop = top + channel / columns * linePitch;
        for (int row = 0; row < maps.height(); row++) {
          for (int column = 0; column < maps.width(); column++) {
            float value = maps.value(row, column, channel);
            int level = most > least ? Math.round(255 * (value - least) / (most - least)) : 0;
            int x = left + column * mapScale;
            fill(grid, x, mapTop + row * mapScale, mapScale, mapScale, grey(level));
          }
        }
      }
    }
    return grid;
  }

  private static int scale(int height, int width) {
    return Math.max(1, SIDE / Math.max(height, width));
  }

  private static int grey(int level) {
    return level * 0x010101;
  }

  /** Without a {@code Graphics2D}, which not every Java can give. */
  static void fill(BufferedImage image, int left, int top, int width, int height, int rgb) {
    int[] line = new int[width];
    Arrays.fill(line, rgb);
    IntStream.range(top, top + height)
        .forEach(y -> image.setRGB(left, y, width, 1, line, 0, width));
  }
}
