package io.github.lenet.model;

import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What the bytes of an image file say before it is decoded: its kind and its orientation. They come
 * from strangers: whatever is not as it should be says nothing.
 */
final class ImageHeader {

  /** As many first bytes are enough for {@link #kind}. */
  static final int BYTES = 256;

  /** How files begin, in Latin-1; a question mark is any byte. */
  private static final Map<String, String> KINDS = new LinkedHashMap<>();

  static {
    KINDS.put("\u0089PNG\r\n\u001a\n", "PNG");
    KINDS.put("\u00ff\u00d8\u00ff", "JPEG");
    KINDS.put("GIF8", "GIF");
    KINDS.put("BM", "BMP");
    KINDS.put("II*\0", "TIFF");
    KINDS.put("MM\0*", "TIFF");
    KINDS.put("RIFF????WEBP", "WebP");
    KINDS.put("\u00ff\n", "JPEG XL");
    KINDS.put("\0\0\0\fJXL ", "JPEG XL");
    KINDS.put("<svg", "SVG");
    for (String brand : List.of("heic", "heix", "heim", "heis", "hevc", "mif1", "msf1")) {
      KINDS.put("????ftyp" + brand, "HEIC");
    }
    KINDS.put("????ftypavi", "AVIF");
  }

  private static final int ORIENTATION = 0x0112;
  private static final int SHORT = 3;

  private ImageHeader() {}

  /** {@return the format by its first bytes; empty if it is no image of a kind that is known} */
  static Optional<String> kind(byte[] bytes) {
    String text = new String(bytes, 0, Math.min(bytes.length, BYTES), StandardCharsets.ISO_8859_1);
    for (Map.Entry<String, String> kind : KINDS.entrySet()) {
      if (begins(text, kind.getKey())) {
        return Optional.of(kind.getValue());
      }
    }
    return text.startsWith("<?xml") && text.contains("<svg")
        ? Optional.of("SVG")
        : Optional.empty();
  }

  private static boolean begins(String text, String pattern) {
    return text.length() >= pattern.length()
        && IntStream.range(0, pattern.length())
            .allMatch(i -> pattern.charAt(i) == '?' || pattern.charAt(i) == text.charAt(i));
  }

  /**
   * Returns the EXIF orientation of a JPEG, PNG or WebP.
   *
   * @return 1 to 8, as in CIPA DC-008 (Exif) 4.6.4; 1 if there is none
   */
  static int orientation(byte[] bytes) {
    try {
      ByteBuffer file = ByteBuffer.wrap(bytes);
      return kind(bytes)
          .flatMap(
              kind ->
                  switch (kind) {
                    case "JPEG" -> exifOfJpeg(file);
                    case "PNG" -> exifOfPng(file);
                    case "WebP" -> exifOfWebp(file.order(ByteOrder.LITTLE_ENDIAN));
                    default -> Optional.empty();
                  })
          .map(ImageHeader::orientation)
          .orElse(1);
    } catch (RuntimeException e) { // beyond the end
      return 1;
    }
  }

  private static Optional<ByteBuffer> exifOfJpeg(ByteBuffer file) {
    for (int at = 2; file.get(at) == (byte) 0xff; ) {
      int marker = Byte.toUnsignedInt(file.get(at + 1));
      if (marker == 0xff) { // a segment may be preceded by any number of them
        at++;
        continue;
      }
      if (marker == 0xda) { // pixels
        break;
      }
      int length = Short.toUnsignedInt(file.getShort(at + 2));
      if (marker == 0xe1 && file.getInt(at + 4) == 0x45786966) { // "Exif"
        return Optional.of(file.slice(at + 10, length - 8));
      }
      at += 2 + length;
    }
    return Optional.empty();
  }

  /**
   * Tells whether a JPEG may be progressive: its decoder holds all of the image, 3 bytes or more a
   * pixel. Decoders find its marker also behind garbage; among pixels it cannot be.
   */
  static boolean isProgressive(byte[] bytes) {
    for (int i = 0; i + 1 < bytes.length; i++) {
      if (bytes[i] == (byte) 0xff && bytes[i + 1] == (byte) 0xc2) {
        return true;
      }
    }
    return false;
  }

  private static Optional<ByteBuffer> exifOfPng(ByteBuffer file) {
    for (long at = 8; at + 12 <= file.limit(); ) {
      int length = file.getInt((int) at);
      if (file.getInt((int) at + 4) == 0x65584966) { // "eXIf"
        return Optional.of(file.slice((int) at + 8, length));
      }
      at += 12 + Integer.toUnsignedLong(length);
    }
    return Optional.empty();
  }

  private static Optional<ByteBuffer> exifOfWebp(ByteBuffer file) {
    for (long at = 12; at + 8 <= file.limit(); ) {
      int length = file.getInt((int) at + 4);
      if (file.getInt((int) at) == 0x46495845) { // "EXIF"
        int begin = (int) at + 8;
        boolean hasJpegPrefix = file.getInt(begin) == 0x66697845; // "Exif", as in a JPEG
        return Optional.of(
            hasJpegPrefix ? file.slice(begin + 6, length - 6) : file.slice(begin, length));
      }
      at += 8 + Integer.toUnsignedLong(length) + (length & 1);
    }
    return Optional.empty();
  }

  /** Reads the first directory of a TIFF. */
  private static int orientation(ByteBuffer exif) {
    exif.order(exif.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    int directory = exif.getInt(4);
    int entries = Short.toUnsignedInt(exif.getShort(directory));
    for (int i = 0; i < entries; i++) {
      int entry = directory + 2 + 12 * i;
      if (exif.getShort(entry) == ORIENTATION && exif.getShort(entry + 2) == SHORT) {
        int value = exif.getShort(entry + 8);
        return value >= 1 && value <= 8 ? value : 1;
      }
    }
    return 1;
  }

  /**
   * Turns an image upright.
   *
   * @param orientation 1 to 8
   * @return the image itself for 1, else a copy with the same colours
   */
  static BufferedImage upright(BufferedImage image, int orientation) {
    if (orientation == 1) {
      return image;
    }
    int width = image.getWidth();
    int height = image.getHeight();
    boolean swaps = orientation >= 5;
    WritableRaster to =
        image
            .getRaster()
            .createCompatibleWritableRaster(swaps ? height : width, swaps ? width : height);
    Object pixel = null;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        pixel = image.getRaster().getDataElements(x, y, pixel);
        int right = width - 1 - x;
        int bottom = height - 1 - y;
        switch (orientation) {
          case 2 -> to.setDataElements(right, y, pixel);
          case 3 -> to.setDataElements(right, bottom, pixel);
          case 4 -> to.setDataElements(x, bottom, pixel);
          case 5 -> to.setDataElements(y, x, pixel);
          case 6 -> to.setDataElements(bottom, x, pixel);
          case 7 -> to.setDataElements(bottom, right, pixel);
          default -> to.setDataElements(y, right, pixel);
        }
      }
    }
    return new BufferedImage(
        image.getColorModel(), to, image.getColorModel().isAlphaPremultiplied(), null);
  }
}
