package io.github.lenet.training.internal.figure;

import io.github.lenet.training.evaluation.FeatureMaps;
import java.awt.image.BufferedImage;
import java.util.List;

/**
 * The activations of a layer as a grid without text: each image, and beside it a map for each
 * channel, {@value #COLUMNS} in a line. The lowest output over the images is black, the highest
 * white.
 */
public final class TensorBoardActivations {

  /** Maximum number of channels; others are left out. */
  public static final int MOST_CHANNELS = 64;

  private static final int COLUMNS = 8;
  private static final int GAP = 4;

  /** The gap between images. */
  private static final int BAND_GAP = 12;

  /** Images and maps are scaled up to about this many pixels, by a whole number. */
  private static final int SIDE = 56;

  /** A color other than black, white and every grey. */
  private static final int PAPER = 0xB4C6DC;

  private TensorBoardActivations() {}

  /**
   * Draws the images and their maps.
   *
   * @param images uint8 {@code [height, width]} each, at least one
   * @param width width of an image
   * @param outputs the outputs of a layer for each image, in the same order
   * @return an RGB image
   */
  public static BufferedImage draw(List<byte[]> images, int width, List<FeatureMaps> outputs) {
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
    Canvas grid =
        new Canvas(
            mapsLeft + columns * columnPitch,
            2 * GAP + images.size() * bandPitch - BAND_GAP,
            PAPER);
    ColorScale grey = ColorScale.grey(outputs.stream().map(FeatureMaps::values).toList());
    for (int i = 0; i < images.size(); i++) {
      int top = GAP + i * bandPitch;
      byte[] pixels = images.get(i);
      grid.grid(
          GAP,
          top,
          width * scale,
          height * scale,
          height,
          width,
          (row, column) -> Byte.toUnsignedInt(pixels[row * width + column]) * 0x010101);
      FeatureMaps maps = outputs.get(i);
      for (int channel = 0; channel < channels; channel++) {
        int map = channel;
        grid.grid(
            mapsLeft + channel % columns * columnPitch,
            top + channel / columns * linePitch,
            first.width() * mapScale,
            first.height() * mapScale,
            first.height(),
            first.width(),
            (row, column) -> grey.rgb(maps.value(row, column, map)));
      }
    }
    return grid.image();
  }

  private static int scale(int height, int width) {
    return Math.max(1, SIDE / Math.max(height, width));
  }
}
