package io.github.lenet.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.WritableRaster;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImagePreprocessorTest {

  @ParameterizedTest
  @EnumSource(names = {"AUTO", "LIGHT_ON_DARK"})
  void anImageThatFitsComesOutByteForByte(Polarity polarity) {
    byte[] pixels = new byte[784];
    new Random(1).nextBytes(pixels);
    for (int i = 0; i < 28; i++) { // a dark border
      pixels[i] = 0;
      pixels[27 * 28 + i] = 9;
    }

    assertArrayEquals(pixels, convert(28, 28, polarity, grey(28, 28, pixels)));
  }

  @Test
  void everyGreyOfEightBitsStaysWhatItIs() {
    byte[] pixels = new byte[256];
    for (int i = 0; i < 256; i++) {
      pixels[i] = (byte) i;
    }
    assertPixels(Polarity.LIGHT_ON_DARK, grey(16, 16, pixels), pixels);
  }

  @Test
  void darkOnLightIsInverted() {
    assertPixels(Polarity.DARK_ON_LIGHT, grey(2, 2, 255, 0, 254, 100), 0, 255, 1, 155);
  }

  /** 0.299 R + 0.587 G + 0.114 B, worked out by hand. */
  @ParameterizedTest
  @CsvSource({
    "ff0000, 76", // 76.245
    "00ff00, 150", // 149.685
    "0000ff, 29", // 29.07
    "ffffff, 255",
    "000000, 0",
    "204080, 62", // 32*0.299 + 64*0.587 + 128*0.114 = 61.728
  })
  void colourBecomesLuma(String rgb, int luma) {
    for (int type :
        new int[] {
          BufferedImage.TYPE_INT_RGB,
          BufferedImage.TYPE_INT_ARGB,
          BufferedImage.TYPE_INT_ARGB_PRE,
          BufferedImage.TYPE_INT_BGR,
          BufferedImage.TYPE_3BYTE_BGR,
          BufferedImage.TYPE_4BYTE_ABGR,
          BufferedImage.TYPE_4BYTE_ABGR_PRE
        }) {
      BufferedImage image = new BufferedImage(1, 1, type);
      image.setRGB(0, 0, 0xff000000 | Integer.parseInt(rgb, 16));
      assertPixels(Polarity.LIGHT_ON_DARK, image, luma);
    }
  }

  @Test
  void fewBitsPerColourAreScaledToEight() {
    for (int type :
        new int[] {BufferedImage.TYPE_USHORT_565_RGB, BufferedImage.TYPE_USHORT_555_RGB}) {
      BufferedImage image = new BufferedImage(2, 1, type);
      image.setRGB(0, 0, 0xffffff);
      assertPixels(Polarity.LIGHT_ON_DARK, image, 255, 0);
    }
  }

  @Test
  void oneBitAndPalettesAreLookedUp() {
    BufferedImage binary = new BufferedImage(3, 1, BufferedImage.TYPE_BYTE_BINARY);
    binary.setRGB(1, 0, 0xffffff);
    assertPixels(Polarity.LIGHT_ON_DARK, binary, 0, 255, 0);

    byte[] palette = {10, 20, (byte) 200};
    IndexColorModel colours = new IndexColorModel(8, 3, palette, palette, palette);
    BufferedImage indexed = new BufferedImage(3, 1, BufferedImage.TYPE_BYTE_INDEXED, colours);
    indexed.getRaster().setSamples(0, 0, 3, 1, 0, new int[] {2, 0, 1});
    assertPixels(Polarity.LIGHT_ON_DARK, indexed, 200, 10, 20);
  }

  @Test
  void sixteenBitsAreScaledNotCut() {
    BufferedImage image = new BufferedImage(4, 1, BufferedImage.TYPE_USHORT_GRAY);
    // 257 per step of 8 bits: 65535/257 = 255; 383/257 = 1.49, 386/257 = 1.502
    image.getRaster().setSamples(0, 0, 4, 1, 0, new int[] {65_535, 0, 383, 386});
    assertPixels(Polarity.LIGHT_ON_DARK, image, 255, 0, 1, 2);
  }

  @Test
  void sixteenBitColourIsRead() {
    ColorModel model =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_sRGB),
            false,
            false,
            Transparency.OPAQUE,
            DataBuffer.TYPE_USHORT);
    WritableRaster raster = model.createCompatibleWritableRaster(1, 1);
    raster.setPixel(0, 0, new int[] {0, 65_535, 0});
    assertPixels(
        Polarity.LIGHT_ON_DARK, new BufferedImage(model, raster, false, null), 150); // green
  }

  /** Two by two bytes of grey and alpha, 8 and 16 bits. */
  @Test
  void greyWithAlphaIsRead() {
    for (int type : new int[] {DataBuffer.TYPE_BYTE, DataBuffer.TYPE_USHORT}) {
      int full = type == DataBuffer.TYPE_BYTE ? 255 : 65_535;
      ColorModel model =
          new ComponentColorModel(
              ColorSpace.getInstance(ColorSpace.CS_GRAY),
              true,
              false,
              Transparency.TRANSLUCENT,
              type);
      WritableRaster raster = model.createCompatibleWritableRaster(3, 1);
      raster.setPixel(0, 0, new int[] {full, full});
      raster.setPixel(1, 0, new int[] {full, 0});
      raster.setPixel(2, 0, new int[] {full, full / 5});
      BufferedImage image = new BufferedImage(model, raster, false, null);
      assertPixels(Polarity.LIGHT_ON_DARK, image, 255, 0, 51);
    }
  }

  @Test
  void transparentIsBackgroundWhateverColourItHas() {
    // A black stroke cut out: on white, then inverted. The hidden pixels are green.
    BufferedImage dark = argb(3, 3, 0x0000ff00);
    dark.setRGB(1, 1, 0xff000000);
    assertPixels(Polarity.AUTO, dark, 0, 0, 0, 0, 255, 0, 0, 0, 0);
    assertPixels(Polarity.DARK_ON_LIGHT, dark, 0, 0, 0, 0, 255, 0, 0, 0, 0);
    // A white one: on black.
    BufferedImage light = argb(3, 3, 0x0000ff00);
    light.setRGB(1, 1, 0xffffffff);
    assertPixels(Polarity.AUTO, light, 0, 0, 0, 0, 255, 0, 0, 0, 0);
    // Half-transparent black on white is mid-grey, 127 (of 128/255 opacity): inverted 128.
    BufferedImage half = argb(3, 3, 0);
    half.setRGB(1, 1, 0x80000000);
    assertPixels(Polarity.DARK_ON_LIGHT, half, 0, 0, 0, 0, 128, 0, 0, 0, 0);
    assertPixels(Polarity.AUTO, argb(2, 1, 0), 0, 0);
  }

  /** The ring of 3×3 has eight pixels: their mean decides, and the middle does not count. */
  @Test
  void theBorderTellsThePolarity() {
    byte[] light = {
      (byte) 128,
      (byte) 128,
      (byte) 128,
      (byte) 128,
      0,
      (byte) 128,
      (byte) 128,
      (byte) 128,
      (byte) 128
    };
    assertPixels(Polarity.AUTO, grey(3, 3, light), 127, 127, 127, 127, 255, 127, 127, 127, 127);
    byte[] dark = light.clone();
    dark[0] = 123; // the mean is 127.4
    assertPixels(Polarity.AUTO, grey(3, 3, dark), dark);
  }

  @Test
  void aPixelIsTheMeanOfTheAreaItCovers() {
    // 4×4 to 2×2: the means of blocks of four.
    assertArrayEquals(
        bytes(25, 60, 4, 255),
        convert(
            2,
            2,
            Polarity.LIGHT_ON_DARK,
            grey(4, 4, 10, 20, 60, 60, 30, 40, 60, 60, 1, 3, 255, 255, 5, 7, 255, 255)));
    // 3 to 2: a pixel and a half each. (30 + 60/2) / 1.5 = 40, (60/2 + 90) / 1.5 = 80
    assertArrayEquals(
        bytes(0, 0, 40, 80), rotate(convert(2, 2, Polarity.LIGHT_ON_DARK, grey(3, 1, 30, 60, 90))));
  }

  /** Rows of a 2×2 result in the order second, first: a single row stands in the upper half. */
  private static byte[] rotate(byte[] square) {
    return new byte[] {square[2], square[3], square[0], square[1]};
  }

  @Test
  void transparentPixelsDoNotColourTheMean() {
    BufferedImage image = argb(2, 2, 0x00ffffff); // transparent white
    image.setRGB(0, 0, 0xff000000); // a quarter of the area is black
    assertArrayEquals(bytes(64), convert(1, 1, Polarity.DARK_ON_LIGHT, image));
    assertArrayEquals(bytes(0), convert(1, 1, Polarity.LIGHT_ON_DARK, image));
  }

  @Test
  void aSmallImageIsEnlarged() {
    assertArrayEquals(
        bytes(1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4),
        convert(4, 4, Polarity.LIGHT_ON_DARK, grey(2, 2, 1, 2, 3, 4)));
    byte[] single = convert(28, 28, Polarity.LIGHT_ON_DARK, grey(1, 1, 77));
    byte[] expected = new byte[784];
    Arrays.fill(expected, (byte) 77);
    assertArrayEquals(expected, single);
  }

  @Test
  void theAspectIsKeptAndTheRestIsBlack() {
    // 2 wide, 4 high, into 4×4: columns 1 and 2.
    assertArrayEquals(
        bytes(0, 9, 9, 0, 0, 9, 9, 0, 0, 9, 9, 0, 0, 9, 9, 0),
        convert(4, 4, Polarity.LIGHT_ON_DARK, grey(2, 4, 9, 9, 9, 9, 9, 9, 9, 9)));
    // White paper is black background, and so is what is filled up.
    assertArrayEquals(
        bytes(0, 0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0),
        Arrays.copyOfRange(
            convert(
                4,
                4,
                Polarity.DARK_ON_LIGHT,
                grey(4, 3, 255, 255, 255, 255, 255, 0, 255, 255, 255, 255, 255, 255)),
            0,
            12));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 28, 5000})
  void extremeShapesBecomeALine(int length) {
    int[] white = new int[length];
    Arrays.fill(white, 255);
    byte[] wide = convert(28, 28, Polarity.LIGHT_ON_DARK, grey(length, 1, white));
    byte[] high = convert(28, 28, Polarity.LIGHT_ON_DARK, grey(1, length, white));

    int lines = length == 1 ? 28 : 1;
    int top = (28 - lines) / 2;
    for (int row = 0; row < 28; row++) {
      for (int column = 0; column < 28; column++) {
        int expected = row >= top && row < top + lines ? 255 : 0;
        assertEquals(expected, wide[row * 28 + column] & 0xff);
        assertEquals(expected, high[column * 28 + row] & 0xff);
      }
    }
  }

  /** Every type there is: white stays white, black black. */
  @Test
  void everyTypeIsRead() {
    for (int type = BufferedImage.TYPE_INT_RGB; type <= BufferedImage.TYPE_BYTE_INDEXED; type++) {
      BufferedImage image = new BufferedImage(2, 1, type);
      image.setRGB(0, 0, 0xffffffff);
      image.setRGB(1, 0, 0xff000000);
      assertPixels(Polarity.LIGHT_ON_DARK, image, 255, 0);
    }
  }

  @Test
  void aTargetWithoutPixelsIsRefused() {
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> ImagePreprocessor.DEFAULT.convert(grey(1, 1, 0), 28, 0))
            .getMessage();
    assertTrue(message.contains("width (0)"), message);
  }

  /** Converts to light on dark, with the other settings as they are by default. */
  static byte[] convert(int height, int width, Polarity polarity, BufferedImage image) {
    return ImagePreprocessor.DEFAULT.withInputPolarity(polarity).convert(image, height, width);
  }

  private static void assertPixels(Polarity polarity, BufferedImage image, int... expected) {
    assertPixels(polarity, image, bytes(expected));
  }

  /** Without scaling. */
  private static void assertPixels(Polarity polarity, BufferedImage image, byte[] expected) {
    assertArrayEquals(
        expected,
        convert(image.getHeight(), image.getWidth(), polarity, image),
        "type " + image.getType());
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static BufferedImage argb(int width, int height, int fill) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
    int[] all = new int[width * height];
    Arrays.fill(all, fill);
    image.setRGB(0, 0, width, height, all, 0, width);
    return image;
  }

  private static BufferedImage grey(int width, int height, int... values) {
    return grey(width, height, bytes(values));
  }

  /** With these bytes in its memory, as ImageIO gives it for a grey PNG. */
  static BufferedImage grey(int width, int height, byte[] values) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
    image.getRaster().setDataElements(0, 0, width, height, values);
    return image;
  }

  @Test
  void allFourSidesSayWhetherTheGroundIsLight() {
    byte w = (byte) 255;
    byte[] topAndBottom = new byte[4 * 6];
    Arrays.fill(topAndBottom, 0, 6, w);
    Arrays.fill(topAndBottom, 18, 24, w);
    byte[] leftAndRight = new byte[6 * 4];
    for (int row = 0; row < 6; row++) {
      leftAndRight[4 * row] = w;
      leftAndRight[4 * row + 3] = w;
    }
    // 12 of 16 pixels around are light in both.
    assertArrayEquals(
        inverted(topAndBottom), convert(4, 6, Polarity.AUTO, grey(6, 4, topAndBottom)));
    assertArrayEquals(
        inverted(leftAndRight), convert(6, 4, Polarity.AUTO, grey(4, 6, leftAndRight)));
    // 9 of 16, which would be no majority without the right or the bottom side.
    byte[] rightAndBottom = new byte[4 * 6];
    Arrays.fill(rightAndBottom, 18, 24, w);
    for (int row = 0; row < 3; row++) {
      rightAndBottom[6 * row + 5] = w;
    }
    assertArrayEquals(
        inverted(rightAndBottom), convert(4, 6, Polarity.AUTO, grey(6, 4, rightAndBottom)));
  }

  @Test
  void aGroundOfExactlyMidGreyIsNotLight() {
    byte[] pixels = {127, (byte) 128, (byte) 128, 127};
    assertArrayEquals(pixels, convert(2, 2, Polarity.AUTO, grey(2, 2, pixels)));
  }

  /** A light square of 20 on a grey ground of 100×60, not in the middle. */
  private static BufferedImage square(int ground, int square) {
    BufferedImage image = new BufferedImage(100, 60, BufferedImage.TYPE_BYTE_GRAY);
    for (int y = 0; y < 60; y++) {
      for (int x = 0; x < 100; x++) {
        boolean isInside = x >= 50 && x < 70 && y >= 30 && y < 50;
        image.getRaster().setSample(x, y, 0, isInside ? square : ground);
      }
    }
    return image;
  }

  @ParameterizedTest
  @CsvSource({"60, 200", "140, 230", "140, 60", "0, 255", "255, 0", "127, 143"})
  void cropAndContrastFindASmallThingOnAnyGround(int ground, int square) {
    ImagePreprocessor both = ImagePreprocessor.DEFAULT.withCrop(true).withContrast(true);
    byte[] pixels = both.convert(square(ground, square), 28, 28);
    for (int i = 0; i < pixels.length; i++) {
      int row = i / 28;
      int column = i % 28;
      boolean isInside = row >= 4 && row < 24 && column >= 4 && column < 24; // a fifth around it
      assertEquals(isInside ? 255 : 0, Byte.toUnsignedInt(pixels[i]), row + ", " + column);
    }
  }

  @Test
  void cropAloneKeepsTheGreys() {
    byte[] pixels = ImagePreprocessor.DEFAULT.withCrop(true).convert(square(60, 200), 28, 28);
    assertEquals(60, Byte.toUnsignedInt(pixels[0]));
    assertEquals(200, Byte.toUnsignedInt(pixels[14 * 28 + 14]));
  }

  @Test
  void contrastAloneKeepsThePlace() {
    byte[] pixels = ImagePreprocessor.DEFAULT.withContrast(true).convert(square(140, 60), 60, 100);
    assertEquals(0, Byte.toUnsignedInt(pixels[0]));
    assertEquals(255, Byte.toUnsignedInt(pixels[30 * 100 + 50]));
    assertEquals(0, Byte.toUnsignedInt(pixels[29 * 100 + 50]));
  }

  @Test
  void anEmptyImageIsNeitherCroppedNorStretched() {
    ImagePreprocessor both = ImagePreprocessor.DEFAULT.withCrop(true).withContrast(true);
    byte[] pixels = both.convert(square(100, 110), 60, 100); // less than the least contrast
    assertEquals(100, Byte.toUnsignedInt(pixels[0]));
    assertEquals(110, Byte.toUnsignedInt(pixels[30 * 100 + 50]));
  }

  @Test
  void aThingAtTheEdgeIsCroppedWithoutLeavingTheImage() {
    BufferedImage image = new BufferedImage(1000, 400, BufferedImage.TYPE_INT_RGB);
    image.setRGB(999, 399, 0xffffff); // one pixel of 8×8 that are looked at as one
    for (int y = 380; y < 400; y++) {
      for (int x = 980; x < 1000; x++) {
        image.setRGB(x, y, 0xffffff);
      }
    }
    byte[] pixels = ImagePreprocessor.DEFAULT.withCrop(true).convert(image, 10, 10);
    assertEquals(0, Byte.toUnsignedInt(pixels[0]));
    assertEquals(255, Byte.toUnsignedInt(pixels[99]));
  }

  @Test
  void whatWasCutOutIsCroppedByItsOpacity() {
    BufferedImage image = argb(100, 100, 0x00ffffff);
    for (int y = 10; y < 30; y++) {
      for (int x = 10; x < 30; x++) {
        image.setRGB(x, y, 0xff202020);
      }
    }
    byte[] pixels = ImagePreprocessor.DEFAULT.withCrop(true).convert(image, 28, 28);
    assertEquals(0, Byte.toUnsignedInt(pixels[3 * 28 + 3]));
    assertEquals(255 - 0x20, Byte.toUnsignedInt(pixels[4 * 28 + 4]));
    assertEquals(255 - 0x20, Byte.toUnsignedInt(pixels[23 * 28 + 23]));
    assertEquals(0, Byte.toUnsignedInt(pixels[24 * 28 + 24]));
  }

  @Test
  void theResultHasTheNetworksPolarity() {
    ImagePreprocessor ink = ImagePreprocessor.DEFAULT.withPolarity(Polarity.DARK_ON_LIGHT);
    assertArrayEquals(bytes(255, 0, 255, 255), ink.convert(grey(2, 2, 0, 255, 0, 0), 2, 2));
    assertArrayEquals(
        bytes(205, 255, 255, 255), ink.convert(grey(2, 1, 50, 0), 2, 2), "the rest is background");
  }

  @Test
  void settingsAreWrittenAndReadAgain() {
    assertEquals(
        "input_polarity=auto\npolarity=light-on-dark\ncrop=false\ncontrast=false\n",
        ImagePreprocessor.DEFAULT.toText());
    for (Polarity input : Polarity.values()) {
      for (Polarity output : Polarity.values()) {
        ImagePreprocessor settings = new ImagePreprocessor(input, output, true, false);
        assertEquals(settings, ImagePreprocessor.fromText(settings.toText()));
        settings = new ImagePreprocessor(input, output, false, true);
        assertEquals(settings, ImagePreprocessor.fromText(settings.toText()));
      }
    }
    for (String text : new String[] {"", "polarity=auto\n", "crop=1\n"}) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> ImagePreprocessor.fromText(text))
              .getMessage();
      assertTrue(message.contains("found '" + text.strip()), message);
    }
  }

  private static byte[] inverted(byte[] pixels) {
    byte[] inverted = new byte[pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      inverted[i] = (byte) (255 - Byte.toUnsignedInt(pixels[i]));
    }
    return inverted;
  }
}
