package io.github.lenet.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.tensorflow.ndarray.StdArrays;

class AugmenterTest {
  private static final Augmentation SHIFT = new Augmentation(true, false, false);
  private static final Augmentation FLIP = new Augmentation(false, true, false);
  private static final Augmentation ERASE = new Augmentation(false, false, true);
  private static final Augmentation ALL = new Augmentation(true, true, true);

  /** Up to 256 images of noise, all pixels 1 to 255, each with a class of its own. */
  private static ImageDataset noise(int count, int height, int width, long seed) {
    Random random = new Random(seed);
    byte[] pixels = new byte[count * height * width];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (1 + random.nextInt(255));
    }
    return numbered(count, height, width, pixels);
  }

  private static ImageDataset plain(int count, int height, int width, int value) {
    byte[] pixels = new byte[count * height * width];
    Arrays.fill(pixels, (byte) value);
    return numbered(count, height, width, pixels);
  }

  private static ImageDataset numbered(int count, int height, int width, byte[] pixels) {
    byte[] labels = new byte[count];
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      labels[i] = (byte) i;
      names.add(String.valueOf(i));
    }
    return ImageDataset.of(height, width, pixels, labels, names);
  }

  /** An image as it went into a batch. */
  private record Pair(int label, byte[] pixels) {}

  private static List<Pair> read(Iterable<ImageBatch> batches) {
    List<Pair> pairs = new ArrayList<>();
    for (ImageBatch batch : batches) {
      try (batch) {
        int height = (int) batch.images().shape().get(1);
        int width = (int) batch.images().shape().get(2);
        byte[][][] images = new byte[batch.size()][height][width];
        StdArrays.copyFrom(batch.images(), images);
        for (int i = 0; i < batch.size(); i++) {
          byte[] pixels = new byte[height * width];
          for (int p = 0; p < pixels.length; p++) {
            pixels[p] = images[i][p / width][p % width];
          }
          pairs.add(new Pair(Byte.toUnsignedInt(batch.labels().getByte(i)), pixels));
        }
      }
    }
    return pairs;
  }

  private static void assertSame(List<Pair> expected, List<Pair> actual) {
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(expected.get(i).label(), actual.get(i).label());
      assertArrayEquals(expected.get(i).pixels(), actual.get(i).pixels());
    }
  }

  private static boolean isSame(List<Pair> one, List<Pair> other) {
    for (int i = 0; i < one.size(); i++) {
      if (!Arrays.equals(one.get(i).pixels(), other.get(i).pixels())) {
        return false;
      }
    }
    return true;
  }

  private static byte[] shifted(byte[] pixels, int height, int width, int down, int right) {
    byte[] moved = new byte[pixels.length];
    for (int p = 0; p < pixels.length; p++) {
      int row = p / width - down;
      int column = p % width - right;
      boolean inside = row >= 0 && row < height && column >= 0 && column < width;
      moved[p] = inside ? pixels[row * width + column] : 0;
    }
    return moved;
  }

  private static byte[] mirrored(byte[] pixels, int width) {
    byte[] mirrored = new byte[pixels.length];
    for (int p = 0; p < pixels.length; p++) {
      mirrored[p] = pixels[p / width * width + (width - 1 - p % width)];
    }
    return mirrored;
  }

  // The order, the labels, the seed.

  @Test
  void noneGivesThePlainBatches() {
    ImageDataset dataset = noise(100, 7, 5, 1);
    assertSame(
        read(dataset.shuffledBatches(16, 3)),
        read(dataset.shuffledBatches(16, 3, Augmentation.NONE)));
  }

  @Test
  void theOrderAndTheLabelsStay() {
    ImageDataset dataset = noise(100, 7, 5, 1);
    List<Pair> plain = read(dataset.shuffledBatches(16, 3));
    List<Pair> changed = read(dataset.shuffledBatches(16, 3, ALL));
    assertEquals(
        plain.stream().map(Pair::label).toList(), changed.stream().map(Pair::label).toList());
    assertFalse(isSame(plain, changed), "pixels have changed");
  }

  @Test
  void theSameSeedGivesTheSamePixelsWhateverTheBatchSize() {
    ImageDataset dataset = noise(100, 7, 5, 1);
    Iterable<ImageBatch> batches = dataset.shuffledBatches(16, 3, ALL);
    List<Pair> first = read(batches);
    assertSame(first, read(batches));
    assertSame(first, read(dataset.shuffledBatches(16, 3, ALL)));
    assertSame(first, read(dataset.shuffledBatches(1, 3, ALL)));
    assertSame(first, read(dataset.shuffledBatches(100, 3, ALL)));
  }

  @Test
  void runsAtTheSameTimeDoNotDisturbEachOther() {
    Iterable<ImageBatch> batches = noise(40, 7, 5, 1).shuffledBatches(8, 3, ALL);
    List<Pair> expected = read(batches);
    var other = batches.iterator();
    List<Pair> inTurn = new ArrayList<>();
    for (ImageBatch batch : batches) {
      try (batch) {
        other.next().close();
        byte[] pixels = new byte[35];
        for (int i = 0; i < batch.size(); i++) {
          batch.images().asRawTensor().data().offset(35L * i).read(pixels);
          inTurn.add(new Pair(Byte.toUnsignedInt(batch.labels().getByte(i)), pixels.clone()));
        }
      }
    }
    assertSame(expected, inTurn);
  }

  @Test
  void anotherSeedGivesOtherChanges() {
    // All images alike, so that the order plays no part.
    ImageDataset dataset = plain(100, 28, 28, 200);
    for (Augmentation one : List.of(SHIFT, ERASE, ALL)) {
      List<Pair> first = read(dataset.shuffledBatches(16, 3, one));
      assertFalse(isSame(first, read(dataset.shuffledBatches(16, 4, one))), one.toText());
    }
  }

  @Test
  void theDataSetItselfStays() {
    ImageDataset dataset = noise(50, 9, 9, 1);
    List<Pair> before = read(dataset.batches(16));
    read(dataset.shuffledBatches(16, 3, ALL));
    assertSame(before, read(dataset.batches(16)));
  }

  @Test
  void partsChangeTheirOwnImages() {
    ImageDataset train = noise(100, 28, 28, 1).split(0.5, 2).train();
    byte[][] pixels = new byte[100][];
    for (int i = 0; i < train.size(); i++) {
      pixels[train.label(i)] = train.image(i);
    }
    for (Pair image : read(train.shuffledBatches(16, 3, FLIP))) {
      byte[] plain = pixels[image.label()];
      assertTrue(
          Arrays.equals(plain, image.pixels())
              || Arrays.equals(mirrored(plain, 28), image.pixels()));
    }
  }

  // What happens to an image.

  @Test
  void allTwentyFiveShiftsAreEquallyLikely() {
    ImageDataset dataset = noise(250, 28, 28, 1);
    int[][] counts = new int[5][5];
    for (int seed = 0; seed < 20; seed++) {
      for (Pair image : read(dataset.shuffledBatches(250, seed, SHIFT))) {
        int matches = 0;
        for (int down = -2; down <= 2; down++) {
          for (int right = -2; right <= 2; right++) {
            byte[] plain = dataset.image(image.label());
            if (Arrays.equals(shifted(plain, 28, 28, down, right), image.pixels())) {
              counts[down + 2][right + 2]++;
              matches++;
            }
          }
        }
        assertEquals(1, matches);
      }
    }
    for (int[] row : counts) {
      for (int count : row) {
        // 5000 / 25 = 200 expected, standard deviation 14.
        assertEquals(200, count, 56, Arrays.deepToString(counts));
      }
    }
  }

  @Test
  void aSideShorterThanFiveShiftsLess() {
    int[] largest = {0, 0, 0, 1, 1, 2, 2};
    for (int height = 1; height <= 6; height++) {
      ImageDataset dataset = noise(250, height, 20, height);
      int[] counts = new int[5];
      for (Pair image : read(dataset.shuffledBatches(250, 1, SHIFT))) {
        for (int down = -2; down <= 2; down++) {
          for (int right = -2; right <= 2; right++) {
            byte[] plain = dataset.image(image.label());
            if (Arrays.equals(shifted(plain, height, 20, down, right), image.pixels())) {
              counts[down + 2]++;
              break;
            }
          }
        }
      }
      for (int down = -2; down <= 2; down++) {
        assertEquals(Math.abs(down) <= largest[height], counts[down + 2] > 0, "height " + height);
      }
      assertTrue(Arrays.stream(counts).sum() >= 250, "each is one of them");
    }
  }

  @Test
  void halfOfTheImagesAreMirrored() {
    ImageDataset dataset = noise(250, 6, 9, 1);
    int mirrored = 0;
    for (int seed = 0; seed < 8; seed++) {
      for (Pair image : read(dataset.shuffledBatches(250, seed, FLIP))) {
        byte[] plain = dataset.image(image.label());
        if (Arrays.equals(mirrored(plain, 9), image.pixels())) {
          mirrored++;
        } else {
          assertArrayEquals(plain, image.pixels());
        }
      }
    }
    // 1000 expected, standard deviation 22.
    assertEquals(1000, mirrored, 90);
  }

  /**
   * The erased pixels: in a black and in a white image with the same seed they are alike, all
   * others are not.
   */
  private static List<boolean[]> erased(int height, int width, long seed) {
    List<Pair> black = read(plain(250, height, width, 0).shuffledBatches(250, seed, ERASE));
    List<Pair> white = read(plain(250, height, width, 255).shuffledBatches(250, seed, ERASE));
    List<boolean[]> masks = new ArrayList<>();
    for (int i = 0; i < black.size(); i++) {
      boolean[] mask = new boolean[height * width];
      for (int p = 0; p < mask.length; p++) {
        mask[p] = black.get(i).pixels()[p] == white.get(i).pixels()[p];
        if (!mask[p]) {
          assertEquals(0, black.get(i).pixels()[p]);
          assertEquals(-1, white.get(i).pixels()[p]);
        }
      }
      masks.add(mask);
    }
    return masks;
  }

  /** Where the erased rectangle is; all of it must be erased. */
  private record Rectangle(int top, int left, int rows, int columns) {
    static Rectangle of(boolean[] mask, int width) {
      int top = Integer.MAX_VALUE;
      int left = Integer.MAX_VALUE;
      int bottom = -1;
      int right = -1;
      int count = 0;
      for (int p = 0; p < mask.length; p++) {
        if (mask[p]) {
          top = Math.min(top, p / width);
          bottom = Math.max(bottom, p / width);
          left = Math.min(left, p % width);
          right = Math.max(right, p % width);
          count++;
        }
      }
      if (count == 0) {
        return new Rectangle(0, 0, 0, 0);
      }
      Rectangle rectangle = new Rectangle(top, left, bottom - top + 1, right - left + 1);
      assertEquals(rectangle.area(), count);
      return rectangle;
    }

    int area() {
      return rows * columns;
    }
  }

  @Test
  void theErasedRectangleIsAsInThePaper() {
    int images = 0;
    int erased = 0;
    double areas = 0;
    int[] tops = new int[28];
    int[] lefts = new int[28];
    for (int seed = 0; seed < 20; seed++) {
      for (boolean[] mask : erased(28, 28, seed)) {
        images++;
        Rectangle rectangle = Rectangle.of(mask, 28);
        if (rectangle.area() == 0) {
          continue;
        }
        erased++;
        double area = rectangle.area() / 784.0;
        areas += area;
        assertTrue(area >= 0.02 && area <= 0.4, () -> "area " + area);
        // The sides were rounded: the exact ones are within half a pixel.
        assertTrue((rectangle.rows() + 0.5) / (rectangle.columns() - 0.5) >= 0.3);
        assertTrue((rectangle.rows() - 0.5) / (rectangle.columns() + 0.5) <= 1 / 0.3);
        tops[rectangle.top()]++;
        lefts[rectangle.left()]++;
      }
    }
    // 5000 images: 2500 expected, standard deviation 35.
    assertEquals(2500, erased, 140, images + " images");
    // Uniform from 0.02 to 0.4 has mean 0.21. What does not fit into 28 x 28, or is rounded over
    // the
    // limit, is drawn anew: that takes it to 0.2037 (two million draws by another program). The
    // standard error is 0.0022.
    assertEquals(0.2037, areas / erased, 0.009);
    // Rectangles reach all borders.
    assertTrue(tops[0] > 0 && lefts[0] > 0);
    assertTrue(Arrays.stream(tops, 20, 28).sum() > 0 && Arrays.stream(lefts, 20, 28).sum() > 0);
  }

  @Test
  void theNoiseIsUniformOverAllBytes() {
    long[] counts = new long[256];
    long total = 0;
    List<boolean[]> masks = erased(28, 28, 5);
    List<Pair> images = read(plain(250, 28, 28, 0).shuffledBatches(250, 5, ERASE));
    for (int i = 0; i < masks.size(); i++) {
      for (int p = 0; p < 784; p++) {
        if (masks.get(i)[p]) {
          counts[Byte.toUnsignedInt(images.get(i).pixels()[p])]++;
          total++;
        }
      }
    }
    assertTrue(total > 10_000, total + " pixels");
    double chiSquare = 0;
    for (long count : counts) {
      double expected = total / 256.0;
      chiSquare += (count - expected) * (count - expected) / expected;
    }
    // 255 degrees of freedom: mean 255, standard deviation 22.6.
    assertEquals(255, chiSquare, 100);
  }

  @Test
  void noImageOfAnySizeLosesMoreThanTwoFifthsToErasing() {
    int erased = 0;
    for (int height = 1; height <= 12; height++) {
      for (int width = 1; width <= 12; width++) {
        for (boolean[] mask : erased(height, width, 100 * height + width)) {
          Rectangle rectangle = Rectangle.of(mask, width);
          assertTrue(rectangle.area() <= 0.4 * height * width);
          erased += rectangle.area() > 0 ? 1 : 0;
        }
      }
    }
    // Nearly half of 36,000; the tiniest images have no rectangle that fits.
    assertEquals(18_000, erased, 1_800);
  }

  @Test
  void aLongThinImageIsNotErased() {
    for (boolean[] mask : erased(1, 784, 1)) {
      assertEquals(0, Rectangle.of(mask, 784).area());
    }
  }

  // The numbers, computed a second time from what the Javadoc says.

  @Test
  void splittableRandomIsSplitMix64() {
    // The published test vector of SplitMix64 for seed 1234567.
    SplittableRandom random = new SplittableRandom(1_234_567);
    for (String expected :
        List.of(
            "6457827717110365317",
            "3203168211198807973",
            "9817491932198370423",
            "4593380528125082431",
            "16408922859458223821")) {
      assertEquals(expected, Long.toUnsignedString(random.nextLong()));
    }
  }

  @Test
  void everyPixelIsAsSpecified() {
    Random random = new Random(9);
    int changed = 0;
    for (int round = 0; round < 300; round++) {
      int height = 1 + random.nextInt(round % 2 == 0 ? 6 : 40);
      int width = 1 + random.nextInt(round % 3 == 0 ? 6 : 40);
      int bits = random.nextInt(8);
      Augmentation augmentation =
          new Augmentation((bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0);
      ImageDataset dataset = noise(20, height, width, round);
      long seed = random.nextLong();
      List<Pair> images = read(dataset.shuffledBatches(7, seed, augmentation));
      for (int i = 0; i < images.size(); i++) {
        byte[] plain = dataset.image(images.get(i).label());
        byte[] expected = specified(plain, height, width, augmentation, seed, i);
        assertArrayEquals(
            expected,
            images.get(i).pixels(),
            "%s x %s, %s, seed %s, image %s"
                .formatted(height, width, augmentation.toText(), seed, i));
        changed += Arrays.equals(plain, expected) ? 0 : 1;
      }
    }
    assertTrue(changed > 3_000, changed + " of 6000 images changed");
  }

  private static byte[] specified(
      byte[] plain, int height, int width, Augmentation augmentation, long seed, int position) {
    SplitMix64 numbers = new SplitMix64(new SplitMix64(seed).next() + position);
    int most = height >= 5 ? 2 : height >= 3 ? 1 : 0;
    int down = (int) Math.floor(numbers.unit() * (2 * most + 1)) - most;
    most = width >= 5 ? 2 : width >= 3 ? 1 : 0;
    int right = (int) Math.floor(numbers.unit() * (2 * most + 1)) - most;
    boolean mirror = numbers.unit() < 0.5;
    boolean erase = numbers.unit() < 0.5;
    byte[] pixels = augmentation.shift() ? shifted(plain, height, width, down, right) : plain;
    if (augmentation.flip() && mirror) {
      pixels = mirrored(pixels, width);
    }
    if (!augmentation.erase() || !erase) {
      return pixels;
    }
    byte[] erased = pixels.clone();
    for (int attempt = 1; attempt <= 100; attempt++) {
      double area = (0.02 + numbers.unit() * (0.4 - 0.02)) * (height * width);
      double aspect = 0.3 + numbers.unit() * (1 / 0.3 - 0.3);
      long rows = (long) Math.floor(Math.sqrt(area * aspect) + 0.5);
      long columns = (long) Math.floor(Math.sqrt(area / aspect) + 0.5);
      double part = (double) (rows * columns) / (height * width);
      if (rows > height || columns > width || part < 0.02 || part > 0.4) {
        continue;
      }
      int top = (int) Math.floor(numbers.unit() * (height - rows + 1));
      int left = (int) Math.floor(numbers.unit() * (width - columns + 1));
      long noise = 0;
      for (int n = 0; n < rows * columns; n++) {
        if (n % 8 == 0) {
          noise = numbers.next();
        }
        int row = top + (int) (n / columns);
        int column = left + (int) (n % columns);
        erased[row * width + column] = (byte) (noise >>> 8 * (n % 8));
      }
      break;
    }
    return erased;
  }

  /** Steele, Lea, Flood 2014, with the mixing constants of Stafford's variant 13. */
  private static final class SplitMix64 {
    private long state;

    SplitMix64(long seed) {
      state = seed;
    }

    long next() {
      state += 0x9e3779b97f4a7c15L;
      long z = state;
      z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
      z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
      return z ^ (z >>> 31);
    }

    double unit() {
      return (next() >>> 11) / 9_007_199_254_740_992.0; // 2^53
    }
  }
}
