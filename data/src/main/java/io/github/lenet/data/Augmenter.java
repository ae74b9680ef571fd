package io.github.lenet.data;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.tensorflow.ndarray.buffer.ByteDataBuffer;

/**
 * Copies images and augments the copies at random. It has a buffer of one image and is not
 * thread-safe.
 *
 * <p>The changes of an image depend only on the seed and on its position in the order. The numbers
 * come from {@link SplittableRandom}, which is SplitMix64 (Steele, Lea, Flood, "Fast Splittable
 * Pseudorandom Number Generators", OOPSLA 2014). Each position has its own generator. Its seed is
 * the first number of the given seed's generator plus the position. The numbers are used in this
 * order: down, right, flip, erase; then area and aspect for each attempt, top, left, and one number
 * per eight pixels of noise. The first four are always drawn, so that one change does not affect
 * another.
 */
final class Augmenter {
  private static final int LARGEST_SHIFT = 2;
  private static final double FLIP_PROBABILITY = 0.5;

  // Zhong et al., https://arxiv.org/abs/1708.04896: p, s_l, s_h, r_1, and r_2 = 1 / r_1.
  private static final double ERASE_PROBABILITY = 0.5;
  private static final double LEAST_ERASED = 0.02;
  private static final double MOST_ERASED = 0.4;
  private static final double LEAST_ASPECT = 0.3;
  private static final double MOST_ASPECT = 1 / LEAST_ASPECT;
  private static final int ERASE_ATTEMPTS = 100;

  private final Augmentation augmentation;
  private final int height;
  private final int width;
  private final long firstSeed;
  private final byte[] image;

  /**
   * Creates an augmenter for images of one size.
   *
   * @param height the images' height in pixels
   * @param width the images' width in pixels
   */
  Augmenter(Augmentation augmentation, long seed, int height, int width) {
    this.augmentation = augmentation;
    this.height = height;
    this.width = width;
    this.firstSeed = new SplittableRandom(seed).nextLong();
    this.image = new byte[height * width];
  }

  /**
   * Copies an image and augments the copy.
   *
   * @param pixels the source, uint8; not changed
   * @param from the offset of the image in {@code pixels}; it has height * width pixels
   * @param position the image's place in the order, from 0
   * @param to the destination; owned by the caller
   */
  void copy(byte[] pixels, int from, int position, ByteDataBuffer to) {
    if (augmentation.isNone()) {
      to.write(pixels, from, image.length);
      return;
    }
    SplittableRandom random = new SplittableRandom(firstSeed + position);
    int down = shift(random, height);
    int right = shift(random, width);
    boolean flipped = random.nextDouble() < FLIP_PROBABILITY;
    boolean erased = random.nextDouble() < ERASE_PROBABILITY;
    if (augmentation.shift()) {
      copyShifted(pixels, from, down, right);
    } else {
      System.arraycopy(pixels, from, image, 0, image.length);
    }
    if (augmentation.flip() && flipped) {
      mirror();
    }
    if (augmentation.erase() && erased) {
      erase(random);
    }
    to.write(image, 0, image.length);
  }

  private static int shift(SplittableRandom random, int side) {
    int largest = Math.min(LARGEST_SHIFT, (side - 1) / 2);
    return below(random, 2 * largest + 1) - largest;
  }

  private void copyShifted(byte[] pixels, int from, int down, int right) {
    Arrays.fill(image, (byte) 0);
    int toRow = Math.max(0, down);
    int fromRow = Math.max(0, -down);
    int toColumn = Math.max(0, right);
    int fromColumn = Math.max(0, -right);
    for (int row = 0; row < height - Math.abs(down); row++) {
      System.arraycopy(
          pixels,
          from + (fromRow + row) * width + fromColumn,
          image,
          (toRow + row) * width + toColumn,
          width - Math.abs(right));
    }
  }

  private void mirror() {
    for (int row = 0; row < image.length; row += width) {
      for (int left = row, right = row + width - 1; left < right; left++, right--) {
        byte swap = image[left];
        image[left] = image[right];
        image[right] = swap;
      }
    }
  }

  private void erase(SplittableRandom random) {
    for (int attempt = 0; attempt < ERASE_ATTEMPTS; attempt++) {
      double area = between(random, LEAST_ERASED, MOST_ERASED) * image.length;
      double aspect = between(random, LEAST_ASPECT, MOST_ASPECT);
      int rows = (int) Math.round(Math.sqrt(area * aspect));
      int columns = (int) Math.round(Math.sqrt(area / aspect));
      if (fits(rows, columns)) {
        int top = below(random, height - rows + 1);
        int left = below(random, width - columns + 1);
        fillWithNoise(random, top, left, rows, columns);
        return;
      }
    }
  }

  /** Checks the rounded rectangle, because rounding can double its area or make it empty. */
  private boolean fits(int rows, int columns) {
    double area = (double) rows * columns / image.length;
    return rows <= height && columns <= width && area >= LEAST_ERASED && area <= MOST_ERASED;
  }

  private void fillWithNoise(SplittableRandom random, int top, int left, int rows, int columns) {
    long noise = 0;
    int bytesLeft = 0;
    for (int row = top; row < top + rows; row++) {
      for (int column = left; column < left + columns; column++) {
        if (bytesLeft == 0) {
          noise = random.nextLong();
          bytesLeft = Long.BYTES;
        }
        image[row * width + column] = (byte) noise;
        noise >>>= Byte.SIZE;
        bytesLeft--;
      }
    }
  }

  /** Replaces nextInt(bound), whose algorithm is not specified. */
  private static int below(SplittableRandom random, int bound) {
    return (int) (random.nextDouble() * bound);
  }

  private static double between(SplittableRandom random, double least, double most) {
    return least + random.nextDouble() * (most - least);
  }
}
