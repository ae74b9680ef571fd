package io.github.lenet.model;

import io.github.lenet.model.internal.Dropout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TUint8;

/**
 * The logits of a LeNet by a faster way: the same function of the same parameters, up to rounding,
 * with the same gradients.
 *
 * <p>On a CPU a convolution with 6 or 16 channels keeps few of a processor's lanes busy, its input
 * gradient even fewer, and an average pool's gradient is slower than the convolution itself.
 * Therefore a convolution and the pooling behind it are computed for blocks of neighbouring pixels
 * at once:
 *
 * <ul>
 *   <li>conv1 takes patches of 8×8 pixels, 4 apart, each of which determines 4×4 of its outputs:
 *       one product of the matrices {@code [n·7·7, 64]} and {@code [64, 16·6]}. Its columns are
 *       ordered so that the four values that are pooled together stand in four runs, {@code [4,
 *       24]}.
 *   <li>pool1 is then the sum over that axis of length 4, and its gradient a plain repetition; or
 *       the maximum. What it leaves is {@code [n, 7, 14, 12]}: 2×1 pixels with 6 channels.
 *   <li>conv2 is a convolution over these blocks: a 3×5 kernel, 12 channels in, 2·16 out. Two
 *       neighbours of its output are again four runs to pool, {@code [4, 16]}; pool2 as before.
 * </ul>
 *
 * <p>The matrices are made from the kernels by constant matrices that hold the scale of the pixels
 * (1/255) and of the mean (1/4) as well. They multiply with zeros in places, 2.6 times as much as
 * needed in conv1 and 1.2 times in conv2, and are faster all the same. {@code docs/performance.md}
 * has the measurements.
 *
 * <p>This holds for up to 8 channels in conv1 (more fill the lanes by themselves), odd kernels of
 * up to 5×5, at least two convolutions, and images whose sides are multiples of 4. Other
 * architectures take their layers one by one, and so do all on a GPU, where a step of so small a
 * network takes as long as it has operations; with average pooling that is {@link LeNet#forward}.
 *
 * <p>Max pooling, by blocks or not, comes before bias and activation: {@code max(f(x₁ + b), …) =
 * f(max(x₁, …) + b)}, since every activation is monotone. That leaves a quarter of the values to
 * both and to their gradients.
 */
public final class FastForward {

  /** Pixels of padding around the image; 5×5 kernels need them all, smaller ones fewer. */
  private static final int PADDING = 2;

  /** Half of the 16 lanes; with 8 channels both ways take the same time. */
  private static final int MOST_CHANNELS_IN_BLOCKS = 8;

  private static final List<Long> STRIDE_1 = List.of(1L, 1L, 1L, 1L);

  private final LeNet lenet;
  private final boolean averages;
  private final boolean blocked;
  private Operand<TFloat32> conv1Kernel;
  private Operand<TFloat32> conv1Bias;
  private Operand<TFloat32> conv2Kernel;
  private Operand<TFloat32> conv2Bias;

  private FastForward(LeNet lenet, boolean blocked) {
    this.lenet = lenet;
    this.blocked = blocked;
    averages = lenet.config().pooling() == Pooling.AVG;
  }

  /**
   * For a CPU: by blocks where they fit. Prepares the kernels, once for any number of passes.
   *
   * @param tf where to build
   * @param lenet whose parameters to use
   * @return ready for {@link #logits}
   */
  public static FastForward of(Ops tf, LeNet lenet) {
    Objects.requireNonNull(lenet, "lenet");
    FastForward forward = new FastForward(lenet, fits(lenet.config()));
    if (forward.blocked) {
      forward.prepareKernels(tf);
    }
    return forward;
  }

  /**
   * For a GPU: one layer after the other.
   *
   * @param lenet whose parameters to use
   * @return ready for {@link #logits}
   */
  public static FastForward layerByLayer(LeNet lenet) {
    return new FastForward(Objects.requireNonNull(lenet, "lenet"), false);
  }

  private void prepareKernels(Ops tf) {
    conv1Kernel = conv1Kernel(tf);
    conv1Bias = repeat(tf, lenet.parameters().get("conv1/bias"), averages ? 16 : 4);
    conv2Kernel = conv2Kernel(tf);
    conv2Bias = repeat(tf, lenet.parameters().get("conv2/bias"), averages ? 2 : 1);
  }

  /** Whether the blocks fit the architecture, and are the faster way. */
  static boolean fits(LeNetConfig config) {
    return config.channels().get(0) <= MOST_CHANNELS_IN_BLOCKS
        && config.kernelSize() <= 2 * PADDING + 1
        && config.kernelSize() % 2 == 1 // or conv2's outputs are odd in number, and one is lost
        && config.channels().size() >= 2
        && config.imageHeight() % 4 == 0
        && config.imageWidth() % 4 == 0;
  }

  /**
   * Builds a pass; equal to {@code lenet.forward(tf, images).logits()} up to rounding.
   *
   * @param tf where to build; a sub-scope keeps the names of several passes apart
   * @param images uint8 {@code [n, height, width]}, 0 to 255
   * @return float32 {@code [n, classes]}
   */
  public Operand<TFloat32> logits(Ops tf, Operand<TUint8> images) {
    return logitsOfPixels(tf, tf.dtypes.cast(images, TFloat32.class), Optional.empty());
  }

  /**
   * Builds a pass for training.
   *
   * @param tf where to build; a sub-scope keeps the names of several passes apart
   * @param images uint8 {@code [n, height, width]}, 0 to 255
   * @param dropout behind the hidden dense layers
   * @return float32 {@code [n, classes]}
   */
  public Operand<TFloat32> logits(Ops tf, Operand<TUint8> images, Dropout dropout) {
    return logitsOfPixels(tf, tf.dtypes.cast(images, TFloat32.class), Optional.of(dropout));
  }

  /**
   * Builds a pass; equal to {@code lenet.forwardScaled(tf, images).logits()} up to rounding.
   *
   * @param tf where to build; a sub-scope keeps the names of several passes apart
   * @param images float32 {@code [n, height, width, 1]}, 0 to 1
   * @return float32 {@code [n, classes]}
   */
  Operand<TFloat32> logitsOfScaled(Ops tf, Operand<TFloat32> images) {
    LeNetConfig config = lenet.config();
    int[] shape = {-1, config.imageHeight(), config.imageWidth()};
    Operand<TFloat32> pixels =
        tf.math.mul(tf.reshape(images, tf.constant(shape)), tf.constant(255f));
    return logitsOfPixels(tf, pixels, Optional.empty());
  }

  /** From float32 {@code [n, height, width]}, 0 to 255. */
  private Operand<TFloat32> logitsOfPixels(
      Ops tf, Operand<TFloat32> pixels, Optional<Dropout> dropout) {
    LeNetConfig config = lenet.config();
    Operand<TFloat32> x = blocked ? twoConvolutionsInBlocks(tf, pixels) : scaled(tf, pixels);
    int convolutions = blocked ? 2 : 0; // done so far, each with its pooling
    while (!averages && convolutions < config.channels().size()) {
      x = convolutionAndMaxPool(tf, ++convolutions, x);
    }
    List<Layer> left = config.layers().subList(2 * convolutions, config.layers().size());
    return lenet.forward(tf, x, left, dropout).logits();
  }

  /** To {@code [n, height, width, 1]}, 0 to 1. */
  private Operand<TFloat32> scaled(Ops tf, Operand<TFloat32> pixels) {
    LeNetConfig config = lenet.config();
    return tf.reshape(
        tf.math.mul(pixels, tf.constant(1 / 255f)),
        tf.constant(new int[] {-1, config.imageHeight(), config.imageWidth(), 1}));
  }

  /** {@code [n, h, w, in]} to {@code [n, h'/2, w'/2, out]}. */
  private Operand<TFloat32> convolutionAndMaxPool(Ops tf, int number, Operand<TFloat32> x) {
    String name = "conv" + number;
    Ops scope = tf.withSubScope(name);
    Operand<TFloat32> kernel = lenet.parameters().get(name + "/kernel");
    Operand<TFloat32> sums = scope.nn.conv2d(x, kernel, STRIDE_1, number == 1 ? "SAME" : "VALID");
    Operand<TFloat32> largest = maxPool(tf.withSubScope("pool" + number), sums, 2, 2);
    return activation(scope, largest, lenet.parameters().get(name + "/bias"));
  }

  /** {@code [n, height/4 - lost, width/4 - lost, channels]}. */
  private Operand<TFloat32> twoConvolutionsInBlocks(Ops tf, Operand<TFloat32> pixels) {
    LeNetConfig config = lenet.config();
    int rows = config.imageHeight() / 4;
    int columns = config.imageWidth() / 4;
    int channels1 = config.channels().get(0);
    int channels2 = config.channels().get(1);
    Ops scope = tf.withSubScope("conv1");
    Operand<TFloat32> conv1 =
        scope.linalg.matMul(patches(scope, pixels, rows, columns), conv1Kernel);
    Ops pool = tf.withSubScope("pool1");
    Operand<TFloat32> pool1 =
        averages
            ? sumOfFour(pool, activation(scope, conv1, conv1Bias), 4 * channels1)
            : activation(scope, maxOfFour(pool, conv1, 4 * channels1), conv1Bias);

    scope = tf.withSubScope("conv2");
    Operand<TFloat32> blocks =
        scope.reshape(pool1, scope.constant(new int[] {-1, rows, 2 * columns, 2 * channels1}));
    Operand<TFloat32> conv2 = scope.nn.conv2d(blocks, conv2Kernel, STRIDE_1, "VALID");
    pool = tf.withSubScope("pool2");
    Operand<TFloat32> pool2 =
        averages
            ? pool.math.mul(
                sumOfFour(pool, activation(scope, conv2, conv2Bias), channels2),
                pool.constant(0.25f))
            : activation(scope, maxOfFour(pool, conv2, channels2), conv2Bias);
    int lost = blocksDown(config.kernelSize()) - 1;
    return tf.reshape(pool2, tf.constant(new int[] {-1, rows - lost, columns - lost, channels2}));
  }

  private Operand<TFloat32> activation(Ops tf, Operand<TFloat32> sums, Operand<TFloat32> bias) {
    return lenet.config().activation().apply(tf, tf.nn.biasAdd(sums, bias));
  }

  /** Overlapping patches of 8×8 pixels, 4 apart, of the padded images: {@code [n·r·c, 64]}. */
  private static Operand<TFloat32> patches(
      Ops tf, Operand<TFloat32> pixels, int rows, int columns) {
    int[][] padding = {{0, 0}, {PADDING, PADDING}, {PADDING, PADDING}};
    Operand<TFloat32> padded = tf.pad(pixels, tf.constant(padding), tf.constant(0f));
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
    return tf.reshape(tf.concat(quarters, tf.constant(3)), tf.constant(new int[] {-1, 64}));
  }

  /** {@code [m, 4·size]} (of any rank) to {@code [m, size]}: the sum of the four runs. */
  private static Operand<TFloat32> sumOfFour(Ops tf, Operand<TFloat32> x, int size) {
    return tf.reduceSum(tf.reshape(x, tf.constant(new int[] {-1, 4, size})), tf.constant(1));
  }

  /** {@code [m, 4·size]} (of any rank) to {@code [m, size]}: the largest of the four runs. */
  private static Operand<TFloat32> maxOfFour(Ops tf, Operand<TFloat32> x, int size) {
    Operand<TFloat32> runs = tf.reshape(x, tf.constant(new int[] {-1, 1, 4, size}));
    return tf.reshape(maxPool(tf, runs, 1, 4), tf.constant(new int[] {-1, size}));
  }

  /**
   * {@code [n, h, w, c]} to {@code [n, h/rows, w/columns, c]}, rounded down. By the operation
   * {@code MaxPool}, which {@code tf.nn} lacks: it has {@code MaxPoolV2}, whose window is an input
   * and not an attribute, and which TensorFlow does not hand to oneDNN. A step of 32 and 64
   * channels spends a quarter of its time in V2's gradient, and a fiftieth in this one's.
   */
  private static Operand<TFloat32> maxPool(Ops tf, Operand<TFloat32> x, long rows, long columns) {
    long[] window = {1, rows, columns, 1};
    return tf.scope()
        .opBuilder("MaxPool", "MaxPool")
        .addInput(x.asOutput())
        .setAttr("ksize", window)
        .setAttr("strides", window)
        .setAttr("padding", "VALID")
        .build()
        .output(0);
  }

  /**
   * {@code [k, k, 1, c]} to {@code [64, 16·c]}: row = pixel of the patch (quarter, then row and
   * column in it), column = (which of the four to pool, column and row among the pooled pixels of
   * 2×2, channel). Scales the pixels, 0 to 255, to [0, 1].
   */
  private Operand<TFloat32> conv1Kernel(Ops tf) {
    int k = lenet.config().kernelSize();
    int shift = PADDING - (k - 1) / 2; // where "same" begins within our padding
    float[][] places = new float[64 * 16][k * k];
    for (int pixel = 0; pixel < 64; pixel++) {
      int y = 4 * (pixel / 32) + pixel % 16 / 4;
      int x = 4 * (pixel / 16 % 2) + pixel % 4;
      for (int output = 0; output < 16; output++) {
        int dy = y - output / 4 - shift;
        int dx = x - output % 4 - shift;
        if (dy >= 0 && dy < k && dx >= 0 && dx < k) {
          int pooledWith = output / 4 % 2 * 2 + output % 2;
          int pooledTo = output % 4 / 2 * 2 + output / 8;
          places[pixel * 16 + pooledWith * 4 + pooledTo][dy * k + dx] = 1 / 255f;
        }
      }
    }
    int channels = lenet.config().channels().get(0);
    Operand<TFloat32> kernel =
        tf.reshape(
            lenet.parameters().get("conv1/kernel"), tf.constant(new int[] {k * k, channels}));
    return tf.reshape(
        tf.linalg.matMul(tf.constant(places), kernel), tf.constant(new int[] {64, 16 * channels}));
  }

  /**
   * {@code [k, k, in, out]} to {@code [b, k, 2·in, 2·out]}: input channel = (pixel of 2×1,
   * channel), output channel = (output of 2×1, channel). Makes a mean of pool1's sum, where that is
   * one.
   */
  private Operand<TFloat32> conv2Kernel(Ops tf) {
    int k = lenet.config().kernelSize();
    int in = lenet.config().channels().get(0);
    int out = lenet.config().channels().get(1);
    int down = blocksDown(k);
    float scale = averages ? 0.25f : 1;
    float[][] places = new float[down * k * 2 * 2][k * k];
    for (int block = 0; block < down; block++) {
      for (int dx = 0; dx < k; dx++) {
        for (int pixel = 0; pixel < 2; pixel++) {
          for (int output = 0; output < 2; output++) {
            int dy = 2 * block + pixel - output;
            if (dy >= 0 && dy < k) {
              places[((block * k + dx) * 2 + pixel) * 2 + output][dy * k + dx] = scale;
            }
          }
        }
      }
    }
    Operand<TFloat32> kernel =
        tf.reshape(
            lenet.parameters().get("conv2/kernel"), tf.constant(new int[] {k * k, in * out}));
    Operand<TFloat32> placed =
        tf.reshape(
            tf.linalg.matMul(tf.constant(places), kernel),
            tf.constant(new int[] {down * k * 2, 2, in, out}));
    return tf.reshape(
        tf.linalg.transpose(placed, tf.constant(new int[] {0, 2, 1, 3})),
        tf.constant(new int[] {down, k, 2 * in, 2 * out}));
  }

  /** How many blocks of 2 rows the 2 outputs of a block depend on: k + 1 rows, rounded up. */
  private static int blocksDown(int kernelSize) {
    return (kernelSize + 2) / 2;
  }

  private static Operand<TFloat32> repeat(Ops tf, Operand<TFloat32> bias, int times) {
    int channels = (int) bias.shape().size();
    return tf.reshape(
        tf.broadcastTo(bias, tf.constant(new int[] {times, channels})),
        tf.constant(new int[] {times * channels}));
  }
}
