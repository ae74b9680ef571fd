package io.github.lenet.model;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;

/**
 * How an image of any size and colour becomes the input of a network: {@code height × width} grey
 * bytes, row by row. These rules apply in this order:
 *
 * <ol>
 *   <li><b>Grey.</b> Colour becomes Rec. 601 luma of the stored sRGB values, {@code 0.299 R + 0.587
 *       G + 0.114 B}. Grey samples are used as stored, regardless of gamma. 16 bits are scaled to 0
 *       … 255 without rounding.
 *   <li><b>Crop</b>, if set. The image is reduced to at most {@value #CROP_SIDE} pixels a side. The
 *       content is the pixels that differ from the background, the median of the outermost ring, by
 *       more than a third of the largest difference. The image is cut to a square around the
 *       content, with a fifth of the content's longer side as the margin on each side, as in MNIST.
 *   <li><b>Size.</b> The image is scaled to the largest size that fits, at least one pixel. It
 *       keeps its aspect. A pixel of the result is the mean of the area that it covers in the
 *       original. A small image is enlarged by the same rule: an integer factor repeats its pixels.
 *       Transparent pixels do not colour the mean.
 *   <li><b>Input polarity.</b> {@link Polarity#AUTO} checks the outermost ring of pixels of the
 *       scaled image. If their mean is above 127.5, the image is dark on light. If the ring is
 *       mostly transparent, the visible pixels of the whole image decide: if their mean is below
 *       127.5, dark objects were cut out of a light background. With contrast, an opaque image is
 *       dark on light if its darkest pixel is farther from the ring's median than its lightest.
 *   <li><b>Background.</b> Transparent areas become background: white if the image is dark on
 *       light, else black. Dark on light is then inverted, {@code 255 - v}.
 *   <li><b>Contrast</b>, if set. The median of the outermost ring becomes 0 and the lightest pixel
 *       255. An image with a difference of less than {@value #LEAST_CONTRAST} stays as it is.
 *   <li><b>Place.</b> The result is centered, or half a pixel up and left of the center. The rest
 *       is black.
 *   <li><b>Polarity.</b> For a network of dark on light, the result is inverted.
 * </ol>
 *
 * <p>By default, a grey image that is light on dark and has the right size is copied byte for byte.
 * Values are rounded once, at the end. The class uses no native code.
 *
 * @param inputPolarity the polarity of the images to convert
 * @param polarity the polarity of the result, that of the training images. {@link Polarity#AUTO} is
 *     for training settings, where the images decide, and converts as light on dark.
 * @param crop whether an image is cut to its content
 * @param contrast whether grey values are stretched to the whole range
 */
public record ImagePreprocessor(
    Polarity inputPolarity, Polarity polarity, boolean crop, boolean contrast) {

  /** Any image to light on dark, as a whole, with its own contrast. */
  public static final ImagePreprocessor DEFAULT =
      new ImagePreprocessor(Polarity.AUTO, Polarity.LIGHT_ON_DARK, false, false);

  private static final float WHITE = 255;
  private static final float MID_GREY = WHITE / 2;
  private static final int CROP_SIDE = 128;
  private static final int LEAST_CONTRAST = 16;

  /** Checks that nothing is null. */
  public ImagePreprocessor {
    Objects.requireNonNull(inputPolarity, "inputPolarity");
    Objects.requireNonNull(polarity, "polarity");
  }

  /** {@return a copy for input images of another polarity} */
  public ImagePreprocessor withInputPolarity(Polarity inputPolarity) {
    return new ImagePreprocessor(inputPolarity, polarity, crop, contrast);
  }

  /** {@return a copy for a network of another polarity} */
  public ImagePreprocessor withPolarity(Polarity polarity) {
    return new ImagePreprocessor(inputPolarity, polarity, crop, contrast);
  }

  /** {@return a copy that cuts images to their content, or not} */
  public ImagePreprocessor withCrop(boolean crop) {
    return new ImagePreprocessor(inputPolarity, polarity, crop, contrast);
  }

  /** {@return a copy that stretches grey values, or not} */
  public ImagePreprocessor withContrast(boolean contrast) {
    return new ImagePreprocessor(inputPolarity, polarity, crop, contrast);
  }

  /**
   * Converts an image.
   *
   * @param image an image of any type and size
   * @param height the height of the result in pixels
   * @param width the width of the result in pixels
   * @return a new array of {@code height · width} bytes, 0 to 255
   * @throws IllegalArgumentException if a side is not positive
   */
  public byte[] convert(BufferedImage image, int height, int width) {
    if (height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "height (%s) and width (%s) must be positive".formatted(height, width));
    }
    Scaled scaled = Scaled.within(crop ? cropped(image) : image, height, width);
    boolean isDarkOnLight =
        switch (inputPolarity) {
          case AUTO -> scaled.isDarkOnLight(contrast);
          case LIGHT_ON_DARK -> false;
          case DARK_ON_LIGHT -> true;
        };
    float[] grey = scaled.onBlack(isDarkOnLight);
    if (contrast) {
      stretch(grey, scaled.ringMedian(grey));
    }
    byte[] pixels = new byte[height * width];
    int top = (height - scaled.rows) / 2;
    int left = (width - scaled.columns) / 2;
    for (int i = 0; i < grey.length; i++) {
      int row = top + i / scaled.columns;
      pixels[row * width + left + i % scaled.columns] = (byte) Math.round(grey[i]);
    }
    if (polarity == Polarity.DARK_ON_LIGHT) {
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = (byte) ~pixels[i]; // 255 - pixel
      }
    }
    return pixels;
  }

  private static void stretch(float[] grey, float background) {
    float lightest = background;
    for (float value : grey) {
      lightest = Math.max(lightest, value);
    }
    if (lightest - background >= LEAST_CONTRAST) {
      for (int i = 0; i < grey.length; i++) {
        grey[i] = Math.max(0, (grey[i] - background) * WHITE / (lightest - background));
      }
    }
  }

  /** {@return the part of the image around its content, which shares the pixels} */
  private static BufferedImage cropped(BufferedImage image) {
    int height = image.getHeight();
    int width = image.getWidth();
    Scaled small = Scaled.within(image, Math.min(height, CROP_SIDE), Math.min(width, CROP_SIDE));
    float[] distance = small.distanceFromBackground();
    float largest = 0;
    for (float value : distance) {
      largest = Math.max(largest, value);
    }
    if (largest < LEAST_CONTRAST) {
      return image;
    }
    int top = small.rows;
    int bottom = 0;
    int left = small.columns;
    int right = 0;
    for (int i = 0; i < distance.length; i++) {
      if (3 * distance[i] > largest) {
        top = Math.min(top, i / small.columns);
        bottom = Math.max(bottom, i / small.columns + 1);
        left = Math.min(left, i % small.columns);
        right = Math.max(right, i % small.columns + 1);
      }
    }
    double pixel = (double) height / small.rows; // the same in both directions, but for rounding
    double half = 0.7 * pixel * Math.max(bottom - top, right - left);
    double y = pixel * (top + bottom) / 2;
    double x = (double) width / small.columns * (left + right) / 2;
    int fromY = (int) Math.max(0, Math.floor(y - half));
    int fromX = (int) Math.max(0, Math.floor(x - half));
    int toY = (int) Math.min(height, Math.ceil(y + half));
    int toX = (int) Math.min(width, Math.ceil(x + half));
    return image.getSubimage(fromX, fromY, toX - fromX, toY - fromY);
  }

  /**
   * Formats the settings as {@code key=value} lines, for files: {@code input_polarity}, {@code
   * polarity}, {@code crop}, {@code contrast}.
   *
   * @return lines that end in {@code \n}
   */
  public String toText() {
    return "input_polarity=%s\npolarity=%s\ncrop=%s\ncontrast=%s\n"
        .formatted(word(inputPolarity), word(polarity), crop, contrast);
  }

  /**
   * Reads the lines of {@link #toText()}.
   *
   * @param text the lines
   * @return the settings
   * @throws IllegalArgumentException if a line is missing, unknown or invalid
   */
  static ImagePreprocessor fromText(String text) {
    for (Polarity input : Polarity.values()) {
      for (Polarity output : Polarity.values()) {
        for (int flags = 0; flags < 4; flags++) {
          ImagePreprocessor candidate =
              new ImagePreprocessor(input, output, (flags & 1) != 0, (flags & 2) != 0);
          if (candidate.toText().equals(text)) {
            return candidate;
          }
        }
      }
    }
    throw new IllegalArgumentException(
        "preprocessing: expected lines such as '%s', found '%s'. It may be from a newer version."
            .formatted(DEFAULT.toText().strip().replace('\n', ' '), text.replace('\n', ' ')));
  }

  private static String word(Polarity polarity) {
    return polarity.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * A scaled image. Each pixel has a mean opacity, 0 to 1, and a mean light, 0 to 255. Light is
   * grey times opacity, the grey on a black background.
   */
  private record Scaled(int rows, int columns, float[] opacity, float[] light) {

    /** Scales to the largest size within {@code height × width}. */
    static Scaled within(BufferedImage image, int height, int width) {
      double scale =
          Math.min((double) height / image.getHeight(), (double) width / image.getWidth());
      int rows = Math.max(1, (int) Math.round(image.getHeight() * scale));
      int columns = Math.max(1, (int) Math.round(image.getWidth() * scale));
      Scaled scaled =
          new Scaled(rows, columns, new float[rows * columns], new float[rows * columns]);
      Line line = Line.of(image);
      float[] opacity = new float[columns];
      float[] light = new float[columns];
      Arrays.fill(opacity, 1);
      double heightOfRow = (double) image.getHeight() / rows;
      for (int y = 0; y < image.getHeight(); y++) {
        line.read(y);
        if (line.hasAlpha) {
          shrink(line.opacity, opacity);
        }
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
        int first = (int) begin;
        int last = (int) Math.ceil(end) - 1;
        sum += from[first] * (Math.min(first + 1, end) - begin);
        for (int x = first + 1; x < last; x++) {
          sum += from[x];
        }
        if (last > first) {
          sum += from[last] * (end - last);
        }
        to[i] = (float) (sum / size);
      }
    }

    boolean isDarkOnLight(boolean comparesWithRing) {
      boolean hasOpaqueRing = 2 * ringMean(opacity) >= 1;
      if (!hasOpaqueRing) {
        return sum(light) < MID_GREY * sum(opacity);
      }
      if (!comparesWithRing) {
        return ringMean(light) > MID_GREY * ringMean(opacity);
      }
      float background = ringMedian(light);
      float above = 0;
      float below = 0;
      for (float value : light) {
        above = Math.max(above, value - background);
        below = Math.max(below, background - value);
      }
      return below > above;
    }

    /** {@return the grey values on black, with dark on light inverted} */
    float[] onBlack(boolean isDarkOnLight) {
      float[] grey = light.clone();
      for (int i = 0; i < grey.length && isDarkOnLight; i++) {
        grey[i] = WHITE * opacity[i] - light[i];
      }
      return grey;
    }

    /** {@return for each pixel the difference from the background, 0 to 255} */
    float[] distanceFromBackground() {
      boolean isCutOut = 2 * ringMean(opacity) < 1;
      float background = ringMedian(light);
      float[] distance = new float[light.length];
      for (int i = 0; i < distance.length; i++) {
        distance[i] = isCutOut ? WHITE * opacity[i] : Math.abs(light[i] - background);
      }
      return distance;
    }

    float ringMedian(float[] values) {
      float[] ring = ring(values);
      Arrays.sort(ring);
      return ring[ring.length / 2];
    }

    private float ringMean(float[] values) {
      float[] ring = ring(values);
      return sum(ring) / ring.length;
    }

    /** {@return the values of the outermost pixels} */
    private float[] ring(float[] values) {
      float[] ring = new float[values.length];
      int count = 0;
      for (int i = 0; i < values.length; i++) {
        int row = i / columns;
        int column = i % columns;
        if (row == 0 || row == rows - 1 || column == 0 || column == columns - 1) {
          ring[count++] = values[i];
        }
      }
      return Arrays.copyOf(ring, count);
    }

    private static float sum(float[] values) {
      float sum = 0;
      for (float value : values) {
        sum += value;
      }
      return sum;
    }
  }

  /** One line of the original, so that a large image is not copied as a whole. */
  private static final class Line {

    private final BufferedImage image;
    private final boolean storedGrey;
    private final int[] samples;
    private byte[] colours;
    final boolean hasAlpha;
    final float[] opacity;
    final float[] light;

    private Line(BufferedImage image, boolean storedGrey) {
      this.image = image;
      this.storedGrey = storedGrey;
      hasAlpha = image.getColorModel().hasAlpha();
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
      } else if (image.getType() == BufferedImage.TYPE_3BYTE_BGR) {
        readBytes(y);
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

    /** Of a JPEG without a colour profile; 640×480 are converted in 1.0 instead of 4.5 ms. */
    private void readBytes(int y) {
      colours = (byte[]) image.getRaster().getDataElements(0, y, light.length, 1, colours);
      for (int x = 0; x < light.length; x++) {
        int red = Byte.toUnsignedInt(colours[3 * x]);
        int green = Byte.toUnsignedInt(colours[3 * x + 1]);
        int blue = Byte.toUnsignedInt(colours[3 * x + 2]);
        light[x] = (299 * red + 587 * green + 114 * blue) / 1000f;
      }
    }

    private void readGrey(int y) {
      ColorModel model = image.getColorModel();
      sample(y, 0, light, 255);
      if (!hasAlpha) {
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
