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
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
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
        Arrays.toString(new ImagePreprocessor(28, 28, Polarity.LIGHT_ON_DARK).convert(image)));
  }

  /** A file of a few bytes that claims to be large, and one that is: 25,000 × 25,000 zeros. */
  @Test
  void refusesABombBeforeItIsDecoded() throws IOException {
    assertRefused(
        "it: is too large: expected at most 40,000,000 pixels and 16,384 a side, found 2,000,000,000 x 1",
        png(2_000_000_000, 1, 8, new byte[10]));
    assertRefused("found 25,000 x 25,000", png(25_000, 25_000, 1, new byte[25_000 * 3126]));
    assertRefused("found 10,000 x 4,001", png(10_000, 4001, 1, new byte[10]));
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
