package io.github.lenet.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes are an image that the network can be asked about, or are refused with a {@link
 * ImageFormatException}.
 */
final class ImageFilesFuzzTest {

  static Stream<byte[]> seeds() throws IOException {
    List<byte[]> seeds = new ArrayList<>();
    for (int type :
        new int[] {
          BufferedImage.TYPE_BYTE_GRAY,
          BufferedImage.TYPE_USHORT_GRAY,
          BufferedImage.TYPE_BYTE_BINARY,
          BufferedImage.TYPE_BYTE_INDEXED,
          BufferedImage.TYPE_3BYTE_BGR,
          BufferedImage.TYPE_4BYTE_ABGR
        }) {
      BufferedImage image = new BufferedImage(5, 3, type);
      Random random = new Random(type);
      for (int i = 0; i < 15; i++) {
        image.setRGB(i % 5, i / 5, random.nextInt());
      }
      for (String format : List.of("png", "jpg", "gif", "bmp", "wbmp", "tiff")) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        if (ImageIO.write(image, format, bytes)) {
          seeds.add(bytes.toByteArray());
        }
      }
    }
    return seeds.stream();
  }

  @MethodSource("seeds")
  @Timeout(10)
  @FuzzTest
  void anyBytesAreAnImageOrAreRefused(byte[] bytes) throws IOException {
    if (isLarge(bytes) && Arrays.hashCode(bytes) % 64 != 0) {
      return; // seldom: one takes as long as thousands of small ones
    }
    BufferedImage image;
    try {
      image = ImageFiles.read(new ByteArrayInputStream(bytes), "it");
    } catch (ImageFormatException e) {
      assertTrue(e.getMessage().startsWith("it: "), e.getMessage());
      return;
    }
    assertTrue((long) image.getWidth() * image.getHeight() <= ImageFiles.MAX_PIXELS);
    byte[] dark = ImagePreprocessorTest.convert(28, 28, Polarity.DARK_ON_LIGHT, image);
    byte[] light = ImagePreprocessorTest.convert(28, 28, Polarity.LIGHT_ON_DARK, image);
    byte[] auto = ImagePreprocessorTest.convert(28, 28, Polarity.AUTO, image);
    assertEquals(784, auto.length);
    assertTrue(Arrays.equals(auto, dark) || Arrays.equals(auto, light));
  }

  /** By what its header claims. */
  private static boolean isLarge(byte[] bytes) {
    try (ImageInputStream input =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(input);
      if (!readers.hasNext()) {
        return false;
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(input, true, true);
        return (long) reader.getWidth(0) * reader.getHeight(0) > 50_000;
      } finally {
        reader.dispose();
      }
    } catch (IOException | RuntimeException e) {
      return false;
    }
  }
}
