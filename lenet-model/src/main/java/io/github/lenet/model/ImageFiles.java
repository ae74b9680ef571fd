package io.github.lenet.model;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes untrusted images: PNG, JPEG, GIF (its first frame), BMP, and formats for which the
 * application has an ImageIO plug-in, such as WebP.
 *
 * <p>The size in the header is checked before decoding: a small file that expands to gigabytes is
 * rejected. An incomplete image is rejected, too. An image of more than {@value #MAX_DECODED}
 * pixels is decoded with every second, third … pixel of every second, third … line. The EXIF
 * orientation of a JPEG, PNG or WebP is applied. A GIF's first frame has its place on the canvas.
 */
public final class ImageFiles {

  /** The largest file size, 64 MiB. */
  public static final int MAX_BYTES = 64 << 20;

  /** The longest side of an image, in pixels. */
  public static final int MAX_SIDE = 65_535;

  /** The largest number of pixels of an image. */
  public static final long MAX_PIXELS = 400_000_000;

  /** The same for a progressive JPEG, which takes some bytes of native memory a pixel. */
  private static final long MAX_PROGRESSIVE = 100_000_000;

  /** The largest number of pixels that are kept of an image. */
  static final long MAX_DECODED = 40_000_000;

  private static final int BMP_JPEG = 4;
  private static final int BMP_PNG = 5;

  private ImageFiles() {}

  /**
   * Reads a file.
   *
   * @param file an image
   * @return the image
   * @throws ImageFormatException if it is not an image that can be decoded in full, or too large
   * @throws IOException if the file cannot be read
   */
  public static BufferedImage read(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new ImageFormatException(file + ": expected an image, found a directory.");
    }
    try (InputStream stream = Files.newInputStream(file)) {
      return read(stream, file.toString());
    }
  }

  /**
   * Tells the kind of an image by its first bytes, also of kinds that {@link #read} may not be able
   * to decode.
   *
   * @param file any file
   * @return such as {@code PNG}, {@code WebP} or {@code HEIC}; empty for other files
   * @throws IOException if the file cannot be read
   */
  public static Optional<String> kind(Path file) throws IOException {
    try (InputStream stream = Files.newInputStream(file)) {
      return ImageHeader.kind(stream.readNBytes(ImageHeader.BYTES));
    }
  }

  /**
   * Reads a stream to its end.
   *
   * @param stream the bytes of one image; stays open
   * @param name the name of the image in messages
   * @return the image
   * @throws ImageFormatException if it is not an image that can be decoded in full, or too large
   * @throws IOException if the stream cannot be read
   */
  public static BufferedImage read(InputStream stream, String name) throws IOException {
    byte[] bytes = stream.readNBytes(MAX_BYTES + 1);
    if (bytes.length > MAX_BYTES) {
      throw new ImageFormatException(
          "%s: is too large: expected at most %s MiB. Make it smaller."
              .formatted(name, MAX_BYTES >> 20));
    }
    if (bytes.length == 0) {
      throw new ImageFormatException(name + ": expected an image, found an empty file.");
    }
    try (ImageInputStream input =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(input);
      if (!readers.hasNext()) {
        String found =
            ImageHeader.kind(bytes)
                .map(kind -> "is " + kind + named(name, kind))
                .orElse("is no image of a known format");
        throw new ImageFormatException(
            "%s: %s: expected %s. Convert it.".formatted(name, found, readable()));
      }
      ImageReader reader = readers.next();
      try {
        return decode(reader, input, bytes, name);
      } finally {
        reader.dispose();
      }
    }
  }

  /** {@return the known kinds that can be read here} */
  private static String readable() {
    String kinds =
        Stream.of("PNG", "JPEG", "GIF", "BMP", "WebP")
            .filter(kind -> ImageIO.getImageReadersByFormatName(kind).hasNext())
            .collect(Collectors.joining(", "));
    return kinds.replaceFirst(", (\\w+)$", " or $1");
  }

  /** {@return the file's suffix, where it promises another kind} */
  private static String named(String name, String kind) {
    int dot = name.lastIndexOf('.');
    String suffix = name.substring(dot + 1).toLowerCase(Locale.ROOT);
    boolean isAnother =
        dot >= 0 && !suffix.isEmpty() && !kind.toLowerCase(Locale.ROOT).startsWith(suffix);
    return isAnother && suffix.matches("png|jpe?g|gif|bmp") ? ", named ." + suffix : "";
  }

  private static BufferedImage decode(
      ImageReader reader, ImageInputStream input, byte[] bytes, String name)
      throws ImageFormatException {
    try {
      reader.setInput(input, true, true);
      if (reader.getFormatName().equals("bmp")) {
        requirePlainBmp(bytes);
      }
      requireBearable(reader.getWidth(0), reader.getHeight(0), MAX_PIXELS, name);
      if (pixels(reader) > MAX_PROGRESSIVE
          && reader.getFormatName().equals("JPEG")
          && ImageHeader.isProgressive(bytes)) {
        requireBearable(reader.getWidth(0), reader.getHeight(0), MAX_PROGRESSIVE, name);
      }
      // A truncated JPEG is filled with grey, and ImageIO only warns.
      reader.addIIOReadWarningListener(
          (source, warning) -> {
            if (warning.contains("EOI") || warning.contains("Premature end")) {
              throw new IllegalStateException(warning);
            }
          });
      BufferedImage image = reader.read(0, subsampling(reader));
      if (reader.getFormatName().equals("JPEG") && image.getRaster().getNumBands() == 4) {
        throw new IllegalStateException("four channels"); // CMYK, read with other colours
      }
      if (reader.getFormatName().equals("gif")) {
        return onCanvas(image, ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
      }
      return ImageHeader.upright(image, ImageHeader.orientation(bytes));
    } catch (ImageFormatException e) {
      throw e;
    } catch (IOException | RuntimeException e) { // decoders throw many kinds at corrupt input
      throw new ImageFormatException(
          "%s: cannot be decoded; it is corrupt, incomplete, or of a kind that Java cannot read, such as a CMYK JPEG (%s). Save it as an RGB PNG."
              .formatted(name, e.getMessage()),
          e);
    } catch (OutOfMemoryError e) {
      throw new ImageFormatException(
          "%s: does not fit into Java's memory of %s MiB. Make it smaller, or give Java more: -Xmx4g."
              .formatted(name, Runtime.getRuntime().maxMemory() >> 20),
          e);
    }
  }

  private static long pixels(ImageReader reader) throws IOException {
    return (long) reader.getWidth(0) * reader.getHeight(0);
  }

  private static ImageReadParam subsampling(ImageReader reader) throws IOException {
    int step = (int) Math.ceil(Math.sqrt((double) pixels(reader) / MAX_DECODED));
    ImageReadParam param = reader.getDefaultReadParam();
    if (step > 1) {
      param.setSourceSubsampling(step, step, 0, 0);
    }
    return param;
  }

  /** Puts a GIF's first frame on its canvas, which is transparent elsewhere. */
  private static BufferedImage onCanvas(BufferedImage frame, ByteBuffer file) {
    int width = Short.toUnsignedInt(file.getShort(6));
    int height = Short.toUnsignedInt(file.getShort(8));
    int flags = file.get(10);
    int at = 13 + ((flags & 0x80) == 0 ? 0 : 3 << (flags & 7) + 1); // the global colours
    while (file.get(at) == 0x21) { // an extension, in blocks
      at += 2;
      while (file.get(at) != 0) {
        at += 1 + Byte.toUnsignedInt(file.get(at));
      }
      at++;
    }
    int left = Short.toUnsignedInt(file.getShort(at + 1));
    int top = Short.toUnsignedInt(file.getShort(at + 3));
    if (left == 0 && top == 0 && width == frame.getWidth() && height == frame.getHeight()
        || left + frame.getWidth() > width
        || top + frame.getHeight() > height
        || (long) width * height > MAX_DECODED) {
      return frame;
    }
    BufferedImage canvas = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
    Graphics2D graphics = canvas.createGraphics();
    graphics.drawImage(frame, left, top, null);
    graphics.dispose();
    return canvas;
  }

  /**
   * Rejects a BMP that contains a JPEG or PNG, whose size would not be checked. Rejects a packed
   * BMP that claims more bytes than it has, because ImageIO allocates them.
   */
  private static void requirePlainBmp(byte[] bytes) {
    ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.length < 38 || header.getInt(14) < 40) {
      return; // the old, short header
    }
    int packing = header.getInt(30);
    if (packing == BMP_JPEG || packing == BMP_PNG) {
      throw new IllegalStateException("a BMP with another image in it");
    }
    if (packing != 0 && Integer.toUnsignedLong(header.getInt(34)) > bytes.length) {
      throw new IllegalStateException("a BMP that claims to be longer than it is");
    }
  }

  private static void requireBearable(int width, int height, long most, String name)
      throws ImageFormatException {
    if (width > MAX_SIDE || height > MAX_SIDE || (long) width * height > most) {
      throw new ImageFormatException(
          String.format(
              Locale.ROOT,
              "%s: is too large: expected at most %,d pixels and %,d a side, found %,d x %,d. Make it smaller.",
              name,
              most,
              MAX_SIDE,
              width,
              height));
    }
  }
}
