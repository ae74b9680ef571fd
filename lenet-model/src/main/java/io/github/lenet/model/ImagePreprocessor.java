package io.github.lenet.model;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.util.Arrays;
import java.util.Objects;

/**
 * Turns an image of any size and colour into what the network takes: {@code height × width} grey
 * bytes, row by row, light on dark. By these rules, in this order:
 *
 * <ol>
 *   <li><b>Grey.</b> Colour becomes Rec. 601 luma of the stored sRGB values, {@code 0.299 R + 0.587
 *       G + 0.114 B}. Grey samples are taken as they are stored, whatever gamma they claim; 16 bits
 *       are scaled to 0 … 255 without rounding.
 *   <li><b>Size.</b> The image is scaled, its aspect kept, to the largest size that fits, at least
 *       one pixel. A pixel of the result is the mean of the area that it covers in the original; a
 *       small image is enlarged by the same rule, which for a whole factor repeats its pixels.
 *       Transparent pixels do not colour the mean.
 *   <li><b>Polarity.</b> {@link Polarity#AUTO} looks at the outermost ring of pixels of the scaled
 *       image: if their mean is above 127.5, it is dark on light. If the ring is for the most part
 *       transparent, then what is visible of the whole image counts, the other way round: dark
 *       things were cut out of a light background.
 *   <li><b>Background.</b> What is transparent becomes background: white where the image is dark on
 *       light, else black. Dark on light is then inverted, {@code 255 - v}.
 *   <li><b>Place.</b> The result is centred, half a pixel up and left where it can't be, and the
 *       rest filled with black, the background of the data that the network knows.
 * </ol>
 *
 * <p>A grey image, light on dark, that has the size already comes out byte for byte as it went in.
 * Values are rounded once, at the end. Pure Java, without native code.
 *
 * @param height of the result in pixels
 * @param width of the result in pixels
 * @param polarity of the images that come in
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
          "height (%d) and width (%d) must be positive".formatted(height, width));
    }
    Objects.requireNonNull(polarity, "polarity");
  }

  /**
   * Converts an image.
   *
   * @param image of any type and size
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
   * An image as the mean of what each pixel covers: its opacity, 0 to 1, and the light that comes
   * from it, 0 to 255: grey times opacity, what one sees of it on black.
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

    /** Means of neighbours; of fractions of them where the borders fall inside a pixel. */
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

  /** One line of the original at a time, so that a large image is never there a second time. */
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
      // BufferedImage.getRGB would take grey samples for linear light, and brighten them.
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

    /** A channel of the line, scaled from what its bits can hold to {@code 0 … max}. */
    private void sample(int y, int band, float[] to, int max) {
      int full = (1 << image.getSampleModel().getSampleSize(band)) - 1;
      image.getRaster().getSamples(0, y, to.length, 1, band, samples);
      for (int x = 0; x < to.length; x++) {
        to[x] = (float) ((double) samples[x] * max / full);
      }
    }
  }
}
