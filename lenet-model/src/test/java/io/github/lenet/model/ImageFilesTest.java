package io.github.lenet.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageFilesTest {

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"png", "jpg", "gif", "bmp"})
  void readsTheCommonFormats(String format) throws IOException {
    BufferedImage image = ImageFiles.read(stream(encoded(format, 40, 30)), "it");

    assertEquals(40, image.getWidth());
    assertEquals(30, image.getHeight());
  }

  @Test
  void readsGreyAsItIsStored() throws IOException {
    byte[] pixels = new byte[784];
    new Random(2).nextBytes(pixels);
    Path file = directory.resolve("grey.png");
    ImageIO.write(ImagePreprocessorTest.grey(28, 28, pixels), "png", file.toFile());
    BufferedImage image = ImageFiles.read(file);

    assertEquals(
        Arrays.toString(pixels),
        Arrays.toString(ImagePreprocessorTest.convert(28, 28, Polarity.LIGHT_ON_DARK, image)));
  }

  /** A file of a few bytes that claims to be large, and one that is: 25,000 × 25,000 zeros. */
  @Test
  void refusesABombBeforeItIsDecoded() throws IOException {
    assertRefused(
        "it: is too large: expected at most 400,000,000 pixels and 65,535 a side, found 2,000,000,000 x 1",
        png(2_000_000_000, 1, 8, new byte[10]));
    assertRefused("found 25,000 x 25,000", png(25_000, 25_000, 1, new byte[25_000 * 3126]));
    assertRefused("found 20,000 x 20,001", png(20_000, 20_001, 1, new byte[10]));
    assertRefused("found 65,536 x 1", png(65_536, 1, 1, new byte[10]));
    assertRefused("expected at most 100,000,000 pixels", progressiveJpeg(10_000, 10_001));
  }

  /** The beginning of one, up to its size. */
  private static byte[] progressiveJpeg(int width, int height) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(0xffd8ffff); // with a byte that is allowed to be too much
    out.writeShort(0xffc2);
    out.writeShort(8 + 3);
    out.write(8);
    out.writeShort(height);
    out.writeShort(width);
    out.write(new byte[] {1, 1, 0x11, 0});
    out.write(new byte[] {(byte) 0xff, (byte) 0xda, 0, 8, 1, 1, 0, 0, 0, 0});
    return bytes.toByteArray();
  }

  @Test
  void readsEverySecondPixelOfAnImageThatIsVeryLarge() throws IOException {
    byte[] rows = new byte[8000 * 751]; // 48 million pixels, black, but for the lower half
    Arrays.fill(rows, 4000 * 751, rows.length, (byte) 0xff);
    for (int row = 0; row < 8000; row++) {
      rows[row * 751] = 0; // no filter
    }
    BufferedImage image = ImageFiles.read(stream(png(6000, 8000, 1, rows)), "it");

    assertEquals(3000, image.getWidth());
    assertEquals(4000, image.getHeight());
    assertEquals(0, image.getRGB(2999, 1999) & 0xff);
    assertEquals(255, image.getRGB(2999, 2000) & 0xff);
  }

  /** Where the first stored row and the first stored column are to be seen: Exif 4.6.4. */
  @ParameterizedTest
  @CsvSource({
    "1, top, left",
    "2, top, right",
    "3, bottom, right",
    "4, bottom, left",
    "5, left, top",
    "6, right, top",
    "7, right, bottom",
    "8, left, bottom"
  })
  void turnsImagesUpright(int orientation, String firstRow, String firstColumn) throws IOException {
    byte[] rows = {0, 1, 2, 3, 0, 4, 5, 6};
    for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
      byte[] exif = exif(orientation, order);
      BufferedImage image = ImageFiles.read(stream(pngWithExif(png(3, 2, 8, rows), exif)), "it");

      for (int row = 0; row < 2; row++) {
        for (int column = 0; column < 3; column++) {
          Map<String, Integer> from = Map.of(firstRow, row, firstColumn, column);
          int x = from.getOrDefault("left", image.getWidth() - 1 - from.getOrDefault("right", 0));
          int y = from.getOrDefault("top", image.getHeight() - 1 - from.getOrDefault("bottom", 0));
          assertEquals(row * 3 + column + 1, image.getRaster().getSample(x, y, 0));
        }
      }
    }
  }

  @Test
  void turnsJpegsUpright() throws IOException {
    byte[] plain = encoded("jpg", 40, 30);
    byte[] exif = exif(6, ByteOrder.LITTLE_ENDIAN);
    ByteBuffer file = ByteBuffer.allocate(plain.length + exif.length + 10 + 12);
    file.put(plain, 0, 2).putShort((short) 0xffe1).putShort((short) 10);
    file.put("http://x".getBytes(StandardCharsets.US_ASCII)); // XMP, which is passed over
    file.putShort((short) 0xffe1).putShort((short) (exif.length + 8));
    file.put("Exif\0\0".getBytes(StandardCharsets.US_ASCII)).put(exif);
    file.put(plain, 2, plain.length - 2);
    BufferedImage stored = ImageFiles.read(stream(plain), "it");
    BufferedImage image = ImageFiles.read(stream(file.array()), "it");

    assertEquals(30, image.getWidth());
    assertEquals(40, image.getHeight());
    assertEquals(stored.getRGB(7, 4), image.getRGB(29 - 4, 7));
  }

  @Test
  void takesDamagedExifForNone() throws IOException {
    byte[] rows = {0, 1, 2, 3, 0, 4, 5, 6};
    byte[] exif = exif(6, ByteOrder.BIG_ENDIAN);
    for (int i = 0; i < exif.length; i++) {
      for (byte value : new byte[] {0, 1, 0x7f, -1}) {
        byte[] corrupt = exif.clone();
        corrupt[i] = value;
        byte[] file = pngWithExif(png(3, 2, 8, rows), corrupt);
        assertEquals(6, ImageFiles.read(stream(file), "it").getRaster().getDataBuffer().getSize());
      }
      byte[] file = pngWithExif(png(3, 2, 8, rows), Arrays.copyOf(exif, i));
      assertTrue(ImageFiles.read(stream(file), "it").getWidth() <= 3);
    }
    assertEquals(
        3,
        ImageFiles.read(
                stream(pngWithExif(png(3, 2, 8, rows), exif(9, ByteOrder.BIG_ENDIAN))), "it")
            .getWidth());
  }

  /** A directory of two entries: the image's width, which is passed over, and its orientation. */
  private static byte[] exif(int orientation, ByteOrder order) {
    ByteBuffer tiff = ByteBuffer.allocate(8 + 2 + 24 + 4).order(order);
    tiff.put((order == ByteOrder.BIG_ENDIAN ? "MM" : "II").getBytes(StandardCharsets.US_ASCII));
    tiff.putShort((short) 42).putInt(8).putShort((short) 2);
    tiff.putShort((short) 0x100).putShort((short) 4).putInt(1).putInt(3);
    tiff.putShort((short) 0x112).putShort((short) 3).putInt(1).putShort((short) orientation);
    return tiff.putShort((short) 0).putInt(0).array();
  }

  /** After the header, which is 8 + 25 bytes long. */
  private static byte[] pngWithExif(byte[] png, byte[] exif) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.write(png, 0, 33);
    CRC32 crc = new CRC32();
    crc.update("eXIf".getBytes(StandardCharsets.US_ASCII));
    crc.update(exif);
    out.writeInt(exif.length);
    out.writeBytes("eXIf");
    out.write(exif);
    out.writeInt((int) crc.getValue());
    out.write(png, 33, png.length - 33);
    return bytes.toByteArray();
  }

  @Test
  void putsAGifsFirstFrameInItsPlace() throws IOException {
    byte[] gif = encoded("gif", 4, 3);
    ByteBuffer file = ByteBuffer.wrap(gif).order(ByteOrder.LITTLE_ENDIAN);
    file.putShort(6, (short) 10).putShort(8, (short) 8); // the canvas
    String text = new String(gif, StandardCharsets.ISO_8859_1);
    int frame = text.indexOf(",\0\0\0\0\4\0\3\0"); // at 0, 0: 4 x 3 pixels
    BufferedImage stored = ImageFiles.read(stream(encoded("gif", 4, 3)), "it");
    file.putShort(frame + 1, (short) 5).putShort(frame + 3, (short) 2);
    BufferedImage image = ImageFiles.read(stream(gif), "it");

    assertEquals(10, image.getWidth());
    assertEquals(8, image.getHeight());
    assertEquals(0, image.getRGB(4, 2), "transparent");
    assertEquals(stored.getRGB(0, 0), image.getRGB(5, 2));
    assertEquals(stored.getRGB(3, 2), image.getRGB(8, 4));
  }

  @ParameterizedTest
  @CsvSource({
    "WebP, 524946460000000057454250",
    "HEIC, 000000186674797068656963",
    "HEIC, 00000018667479706d696631",
    "AVIF, 000000186674797061766966",
    "JPEG XL, ff0a00",
    "SVG, 3c73766720"
  })
  void saysWhichKindItCannotRead(String kind, String bytes) throws IOException {
    byte[] begin = HexFormat.of().parseHex(bytes);
    Path file = Files.write(directory.resolve("photo.jpg"), begin);

    assertEquals(Optional.of(kind), ImageFiles.kind(file));
    String message =
        assertThrows(ImageFormatException.class, () -> ImageFiles.read(file)).getMessage();
    String expected = ": is %s, named .jpg: expected PNG, JPEG, GIF or BMP. Convert it.";
    assertEquals(file + expected.formatted(kind), message);
    assertRefused("it: is " + kind + ": expected PNG", begin);
  }

  /** The PNG inside is a bomb, which the size that the BMP itself claims says nothing of. */
  @Test
  void refusesABmpWithAnotherImageInIt() throws IOException {
    byte[] inside = png(30_000, 30_000, 8, new byte[10]);
    assertRefused("a BMP with another image in it", bmp(5, inside.length, inside));
    assertRefused("a BMP with another image in it", bmp(4, 1, new byte[1]));
    assertRefused("a BMP that claims to be longer than it is", bmp(1, 2_000_000_000, new byte[9]));
  }

  /** An image of 2 × 2 pixels, 8 bits each, with a palette of one colour. */
  private static byte[] bmp(int packing, int claimedSize, byte[] body) {
    ByteBuffer file = ByteBuffer.allocate(58 + body.length).order(ByteOrder.LITTLE_ENDIAN);
    file.put((byte) 'B').put((byte) 'M').putInt(file.capacity()).putInt(0).putInt(58);
    file.putInt(40).putInt(2).putInt(2).putShort((short) 1).putShort((short) 8);
    file.putInt(packing).putInt(claimedSize).putInt(0).putInt(0).putInt(1).putInt(0);
    return file.putInt(0xffffff).put(body).array();
  }

  /** By hand, not by ImageIO: a grey PNG of these bytes. */
  @Test
  void readsAPngThatWasMadeByHand() throws IOException {
    byte[] rows = {0, 1, 2, 0, 3, 4}; // each row begins with its filter, none
    BufferedImage image = ImageFiles.read(stream(png(2, 2, 8, rows)), "it");

    assertEquals(
        "[1, 2, 3, 4]", Arrays.toString(image.getRaster().getSamples(0, 0, 2, 2, 0, (int[]) null)));
  }

  @ParameterizedTest
  @CsvSource({"png, 2", "png, 50", "jpg, 2", "jpg, 10", "gif, 2", "bmp, 2"})
  void refusesWhatEndsTooEarly(String format, int part) throws IOException {
    byte[] whole = encoded(format, 64, 64);
    int length = whole.length - whole.length / part;

    assertRefused("it: cannot be decoded", Arrays.copyOf(whole, length));
  }

  @Test
  void refusesWhatIsNoImage() throws IOException {
    assertRefused("it: expected an image, found an empty file.", new byte[0]);
    assertRefused(
        "it: is no image of a known format: expected PNG, JPEG, GIF or BMP.",
        "%PDF-1.7 and so on".getBytes(StandardCharsets.US_ASCII));
    assertRefused("it: cannot be decoded", Arrays.copyOf(encoded("png", 9, 9), 8));
    String message =
        assertThrows(ImageFormatException.class, () -> ImageFiles.read(directory)).getMessage();
    assertTrue(message.endsWith(": expected an image, found a directory."), message);
    assertThrows(NoSuchFileException.class, () -> ImageFiles.read(directory.resolve("absent.png")));
  }

  /** Damage of any kind is an image that cannot be decoded or one that can, and nothing else. */
  @ParameterizedTest
  @ValueSource(strings = {"png", "jpg", "gif", "bmp"})
  void damageIsAlwaysTheSameException(String format) throws IOException {
    byte[] whole = encoded(format, 20, 20);
    Random random = new Random(3);
    for (int i = 0; i < 300; i++) {
      byte[] corrupt = whole.clone();
      corrupt[random.nextInt(corrupt.length)] = (byte) random.nextInt();
      corrupt[random.nextInt(Math.min(64, corrupt.length))] = (byte) random.nextInt();
      try {
        ImageFiles.read(stream(corrupt), "it");
      } catch (ImageFormatException e) {
        assertTrue(e.getMessage().startsWith("it: "), e.getMessage());
      }
    }
  }

  /** Four channels, as printers want it, with and without the marker that Photoshop writes. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void saysWhatToDoAboutACmykJpeg(boolean adobe) throws IOException {
    assertRefused("such as a CMYK JPEG", cmykJpeg(adobe));
  }

  /** The smallest one: 8×8 pixels, all components sharing one table, all coefficients zero. */
  private static byte[] cmykJpeg(boolean adobe) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeShort(0xffd8); // start of image
    if (adobe) {
      out.writeShort(0xffee);
      out.writeShort(14);
      out.writeBytes("Adobe");
      out.write(new byte[] {0, 100, 0, 0, 0, 0, 0}); // the last one: not transformed
    }
    out.writeShort(0xffdb); // quantisation table 0, all ones
    out.writeShort(67);
    out.write(0);
    byte[] ones = new byte[64];
    Arrays.fill(ones, (byte) 1);
    out.write(ones);
    out.writeShort(0xffc0); // baseline frame
    out.writeShort(8 + 3 * 4);
    out.write(8);
    out.writeShort(8);
    out.writeShort(8);
    out.write(4);
    for (int component = 1; component <= 4; component++) {
      out.write(new byte[] {(byte) component, 0x11, 0});
    }
    for (int table : new int[] {0x00, 0x10}) { // DC and AC: one code, 0, for the value 0
      out.writeShort(0xffc4);
      out.writeShort(3 + 16 + 1);
      out.write(table);
      out.write(1);
      out.write(new byte[15]);
      out.write(0);
    }
    out.writeShort(0xffda); // scan of all four
    out.writeShort(6 + 2 * 4);
    out.write(4);
    for (int component = 1; component <= 4; component++) {
      out.write(new byte[] {(byte) component, 0});
    }
    out.write(new byte[] {0, 63, 0});
    out.write(0); // 4 × (DC 0, end of block): eight zero bits
    out.writeShort(0xffd9);
    return bytes.toByteArray();
  }

  @Test
  void refusesAFileThatIsTooLarge() {
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            return 0;
          }
        };
    String message =
        assertThrows(ImageFormatException.class, () -> ImageFiles.read(endless, "it")).getMessage();
    assertEquals("it: is too large: expected at most 64 MiB. Make it smaller.", message);
  }

  private static void assertRefused(String beginning, byte[] file) {
    String message =
        assertThrows(ImageFormatException.class, () -> ImageFiles.read(stream(file), "it"))
            .getMessage();
    assertTrue(message.contains(beginning), message);
  }

  private static InputStream stream(byte[] bytes) {
    return new ByteArrayInputStream(bytes);
  }

  private static byte[] encoded(String format, int width, int height) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Random random = new Random(1);
    for (int i = 0; i < width * height; i++) {
      image.setRGB(i % width, i / width, random.nextInt(1 << 24));
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    assertTrue(ImageIO.write(image, format, bytes));
    return bytes.toByteArray();
  }

  /** A grey PNG, chunk by chunk. */
  private static byte[] png(int width, int height, int bits, byte[] rows) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeLong(0x89504e470d0a1a0aL);
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    DataOutputStream fields = new DataOutputStream(header);
    fields.writeInt(width);
    fields.writeInt(height);
    fields.write(new byte[] {(byte) bits, 0, 0, 0, 0});
    chunk(out, "IHDR", header.toByteArray());
    Deflater deflater = new Deflater();
    deflater.setInput(rows);
    deflater.finish();
    byte[] deflated = new byte[rows.length / 100 + 1000];
    int length = deflater.deflate(deflated);
    deflater.end();
    chunk(out, "IDAT", Arrays.copyOf(deflated, length));
    chunk(out, "IEND", new byte[0]);
    return bytes.toByteArray();
  }

  private static void chunk(DataOutputStream out, String type, byte[] data) throws IOException {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(data);
    out.writeInt(data.length);
    out.write(name);
    out.write(data);
    out.writeInt((int) crc.getValue());
  }
}
