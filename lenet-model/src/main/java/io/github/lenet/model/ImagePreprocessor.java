package io.github.lenet.model;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.util.Arrays;
import java.util.Objects;

/**
 * Converts an image of any size and colour into the network's input: {@code height × width} grey
 * bytes, row by row, light on dark. It applies these rules in this order:
 *
 * <ol>
 *   <li><b>Grey.</b> Colour becomes Rec. 601 luma of the stored sRGB values, {@code 0.299 R + 0.587
 *       G + 0.114 B}. Grey samples are used as stored, regardless of gamma. 16 bits are scaled to 0
 *       … 255 without rounding.
 *   <li><b>Size.</b> The image is scaled to the largest size that fits, at least one pixel. It
 *       keeps its aspect. A pixel of the result is the mean of the area that it covers in the
 *       original. A small image is enlarged by the same rule: an integer factor repeats its pixels.
 *       Transparent pixels do not colour the mean.
 *   <li><b>Polarity.</b> {@link Polarity#AUTO} checks the outermost ring of pixels of the scaled
 *       image. If their mean is above 127.5, the image is dark on light. If the ring is mostly
 *       transparent, the visible pixels of the whole image decide: if their mean is below 127.5,
 *       dark objects were cut out of a light background.
 *   <li><b>Background.</b> Transparent areas become background: white if the image is dark on
 *       light, else black. Dark on light is then inverted, {@code 255 - v}.
 *   <li><b>Place.</b> The result is centered, or half a pixel up and left of the center. The rest
 *       is black, the background of the training data.
 * </ol>
 *
 * <p>A grey image that is light on dark and has the right size is copied byte for byte. Values are
 * rounded once, at the end. The class uses no native code.
 *
 * @param height the height of the result in pixels
 * @param width the width of the result in pixels
 * @param polarity the polarity of the input images
 */
public record ImagePreprocessor(int height, int width, Polarity polarity) {

  private static final float WHITE = 255;
  private static final float MID_GREY = WHITE / 2;

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if a side is not positive
   */
  public ImagePreprocessor {
    if (height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "height (%s) and width (%s) must be positive".formatted(height, width));
    }
    Objects.requireNonNull(polarity, "polarity");
  }

  /**
   * Converts an image.
   *
   * @param image an image of any type and size
   * @return a new array of {@code height · width} bytes, 0 to 255
   */
  public byte[] convert(BufferedImage image) {
    double scale = Math.min((double) height / image.getHeight(), (double) width / image.getWidth());
    int rows = Math.max(1, (int) Math.round(image.getHeight() * scale));
    int columns = Math.max(1, (int) Math.round(image.getWidth() * scale));
    Scaled scaled = Scaled.of(image, rows, columns);
    boolean darkOnLight =
        switch (polarity) {
          case AUTO -> scaled.isDarkOnLight();
          case LIGHT_ON_DARK -> false;
          case DARK_ON_LIGHT -> true;
        };
    byte[] pixels = new byte[height * width];
    int top = (height - rows) / 2;
    int left = (width - columns) / 2;
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        int i = row * columns + column;
        float grey = darkOnLight ? WHITE * scaled.opacity[i] - scaled.light[i] : scaled.light[i];
        pixels[(top + row) * width + left + column] = (byte) Math.round(grey);
      }
    }
    return pixels;
  }

  /**
   * A scaled image. Each pixel has a mean opacity, 0 to 1, and a mean light, 0 to 255. Light is
   * grey times opacity, the grey on a black background.
   */
  private record Scaled(int rows, int columns, float[] opacity, float[] light) {

    static Scaled of(BufferedImage image, int rows, int columns) {
      Scaled scaled =
          new Scaled(rows, columns, new float[rows * columns], new float[rows * columns]);
      Line line = Line.of(image);
      float[] opacity = new float[columns];
      float[] light = new float[columns];
      double heightOfRow = (double) image.getHeight() / rows;
      for (int y = 0; y < image.getHeight(); y++) {
        line.read(y);
        shrink(line.opacity, opacity);
        shrink(line.light, light);
        for (int row = (int) (y / heightOfRow); row < rows && row * heightOfRow < y + 1; row++) {
          double overlap =
              Math.min(y + 1, (row + 1) * heightOfRow) - Math.max(y, row * heightOfRow);
          float share = (float) (overlap / heightOfRow);
          for (int column = 0; column < columns; column++) {
            scaled.opacity[row * columns + column] += share * opacity[column];
            scaled.light[row * columns + column] += share * light[column];
          }
        }
      }
      return scaled;
    }

    /** Computes means of neighbours, weighted by overlap. */
    private static void shrink(float[] from, float[] to) {
      double size = (double) from.length / to.length;
      for (int i = 0; i < to.length; i++) {
        double begin = i * size;
        double end = Math.min((i + 1) * size, from.length);
        double sum = 0;
        for (int x = (int) begin; x < end; x++) {
          sum += from[x] * (Math.min(x + 1, end) - Math.max(x, begin));
        }
        to[i] = (float) (sum / size);
      }
    }

    boolean isDarkOnLight() {
      float ringOpacity = 0;
      float ringLight = 0;
      int ring = 0;
      float allOpacity = 0;
      float allLight = 0;
      for (int i = 0; i < light.length; i++) {
        int row = i / columns;
        int column = i % columns;
        if (row == 0 || row == rows - 1 || column == 0 || column == columns - 1) {
          ringOpacity += opacity[i];
          ringLight += light[i];
          ring++;
        }
        allOpacity += opacity[i];
        allLight += light[i];
      }
      return 2 * ringOpacity >= ring
          ? ringLight > MID_GREY * ringOpacity
          : allLight < MID_GREY * allOpacity;
    }
  }

  /** One line of the original, so that a large image is not copied as a whole. */
  private static final class Line {

    private final BufferedImage image;
    private final boolean storedGrey;
    private final int[] samples;
    final float[] opacity;
    final float[] light;

    private Line(BufferedImage image, boolean storedGrey) {
      this.image = image;
      this.storedGrey = storedGrey;
      samples = new int[image.getWidth()];
      opacity = new float[image.getWidth()];
      light = new float[image.getWidth()];
    }

    static Line of(BufferedImage image) {
      ColorModel model = image.getColorModel();
      int type = model.getTransferType();
      // BufferedImage.getRGB would treat grey samples as linear light and brighten them.
      return new Line(
          image,
          !(model instanceof IndexColorModel)
              && model.getColorSpace().getType() == ColorSpace.TYPE_GRAY
              && (type == DataBuffer.TYPE_BYTE || type == DataBuffer.TYPE_USHORT));
    }

    void read(int y) {
      if (storedGrey) {
        readGrey(y);
      } else {
        readColours(y);
      }
    }

    private void readColours(int y) {
      image.getRGB(0, y, samples.length, 1, samples, 0, samples.length);
      for (int x = 0; x < samples.length; x++) {
        int argb = samples[x];
        int luma = 299 * (argb >> 16 & 0xff) + 587 * (argb >> 8 & 0xff) + 114 * (argb & 0xff);
        opacity[x] = (argb >>> 24) / 255f;
        light[x] = luma / 1000f * opacity[x];
      }
    }

    private void readGrey(int y) {
      ColorModel model = image.getColorModel();
      sample(y, 0, light, 255);
      if (!model.hasAlpha()) {
        Arrays.fill(opacity, 1);
        return;
      }
      sample(y, 1, opacity, 1);
      for (int x = 0; x < light.length && !model.isAlphaPremultiplied(); x++) {
        light[x] *= opacity[x];
      }
    }

    /** Reads a channel of the line, scaled from its full range to {@code 0 … max}. */
    private void sample(int y, int band, float[] to, int max) {
      int full = (1 << image.getSampleModel().getSampleSize(band)) - 1;
      image.getRaster().getSamples(0, y, to.length, 1, band, samples);
      for (int x = 0; x < to.length; x++) {
        to[x] = (float) ((double) samples[x] * max / full);
      }
    }
  }
}
