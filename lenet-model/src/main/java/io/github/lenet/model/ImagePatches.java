package io.github.lenet.model;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * The patches of images that {@link FastForward} multiplies: 8×8 pixels, 4 apart in both
 * directions, of the padded image. Height and width are multiples of 4.
 *
 * <p>A patch has 64 values: its upper left quarter of 4×4 pixels, row by row, then the upper right,
 * lower left and lower right quarter. The patches of an image follow each other row by row.
 */
final class ImagePatches {

  /** Pixels of padding around the image; 5×5 kernels need all of them, smaller kernels fewer. */
  static final int PADDING = 2;

  /** Values of a patch. */
  static final int SIZE = 64;

  private ImagePatches() {}

  /**
   * Cuts images on the heap. {@link #of(Ops, Operand, int, int)} takes nine operations for it, and
   * a prediction then 95 µs and not 81 ({@code ArrangementBenchmark}).
   *
   * @param images any number, each of {@code height · width} bytes, row by row
   * @return {@code [n·height/4·width/4, 64]}, row by row
   */
  static byte[] of(List<byte[]> images, int height, int width) {
    int paddedWidth = width + 2 * PADDING;
    ByteBuffer padded = ByteBuffer.allocate((height + 2 * PADDING) * paddedWidth);
    ByteBuffer patches = ByteBuffer.allocate(images.size() * height * width / 16 * SIZE);
    for (byte[] image : images) {
      for (int y = 0; y < height; y++) {
        padded.put((y + PADDING) * paddedWidth + PADDING, image, y * width, width);
      }
      for (int top = 0; top < height; top += 4) {
        for (int left = 0; left < width; left += 4) {
          for (int quarter = 0; quarter < 4; quarter++) {
            int first = (top + quarter / 2 * 4) * paddedWidth + left + quarter % 2 * 4;
            for (int y = 0; y < 4; y++) {
              patches.putInt(padded.getInt(first + y * paddedWidth)); // four pixels
            }
          }
        }
      }
    }
    return patches.array();
  }

  /**
   * Cuts images in a graph.
   *
   * @param images float32 {@code [n, height, width]}
   * @return float32 {@code [n·height/4·width/4, 64]}
   */
  static Operand<TFloat32> of(Ops tf, Operand<TFloat32> images, int height, int width) {
    int rows = height / 4;
    int columns = width / 4;
    int[][] padding = {{0, 0}, {PADDING, PADDING}, {PADDING, PADDING}};
    Operand<TFloat32> padded = tf.pad(images, tf.constant(padding), tf.constant(0f));
    Operand<TFloat32> blocks =
        tf.reshape(
            tf.linalg.transpose(
                tf.reshape(padded, tf.constant(new int[] {-1, rows + 1, 4, columns + 1, 4})),
                tf.constant(new int[] {0, 1, 3, 2, 4})),
            tf.constant(new int[] {-1, rows + 1, columns + 1, 16}));
    List<Operand<TFloat32>> quarters = new ArrayList<>();
    for (int down = 0; down < 2; down++) {
      for (int right = 0; right < 2; right++) {
        quarters.add(
            tf.slice(
                blocks,
                tf.constant(new int[] {0, down, right, 0}),
                tf.constant(new int[] {-1, rows, columns, 16})));
      }
    }
    return tf.reshape(tf.concat(quarters, tf.constant(3)), tf.constant(new int[] {-1, SIZE}));
  }
}
