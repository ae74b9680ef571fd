package io.github.lenet.model;

import io.github.lenet.model.internal.Dropout;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TUint8;

/**
 * Computes the logits of a LeNet faster. Outputs and gradients are the same up to rounding.
 *
 * <p>On a CPU, a convolution with 6 or 16 channels uses few of a processor's SIMD lanes, and its
 * input gradient even fewer. The gradient of average pooling is slower than the convolution itself.
 * Therefore a convolution and its pooling are computed for blocks of neighbouring pixels at once:
 *
 * <ul>
 *   <li>conv1 takes {@link ImagePatches} of 8×8 pixels, 4 apart. Each determines 4×4 outputs, in
 *       one product of the matrices {@code [n·7·7, 64]} and {@code [64, 16·6]}. The columns form
 *       four groups, {@code [4, 24]}, with one of the four values to pool in each.
 *   <li>pool1 is then the maximum or the sum over that axis of length 4. The gradient of the sum is
 *       a plain repetition. The output is {@code [n, 7, 14, 12]}: 2×1 pixels with 6 channels.
 *   <li>conv2 is a convolution over these blocks: a 3×5 kernel, 12 channels in, 2·16 out. Two
 *       neighbours of its output again form four groups to pool, {@code [4, 16]}.
 * </ul>
 *
 * <p>Constant matrices turn the kernels into these matrices. They also contain the scale of the
 * pixels (1/255) and of the mean (1/4). Some products are with zeros: conv1 computes 2.6 times as
 * much as needed, conv2 1.2 times. Blocks are faster all the same. {@code docs/performance.md} has
 * the measurements.
 *
 * <p>Blocks require up to 8 channels in conv1, odd kernels of up to 5×5, at least two convolutions,
 * and image sides that are multiples of 4. More channels fill the lanes without blocks. Other
 * architectures are computed layer by layer. So are all architectures on a GPU, where the time of a
 * step depends on the number of operations. With average pooling, that is {@link LeNet#forward}.
 *
 * <p>Max pooling, with or without blocks, comes before bias and activation: {@code max(f(x₁ + b),
 * …) = f(max(x₁, …) + b)}, because every activation is monotone. Bias, activation and their
 * gradients then process a quarter of the values.
 */
public final class FastForward {

  /** Half of the 16 lanes. With 8 channels, both ways take the same time. */
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
   * Creates the passes for a CPU, by blocks where they fit. Prepares the kernels once for all
   * passes.
   *
   * @param tf the scope to build in
   * @param lenet the network with the parameters
   * @return an instance, ready for {@link #logits}
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
   * Creates the passes for a GPU, layer by layer.
   *
   * @param lenet the network with the parameters
   * @return an instance, ready for {@link #logits}
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

  /** {@return whether blocks fit the architecture and are faster} */
  static boolean fits(LeNetConfig config) {
    return config.channels().get(0) <= MOST_CHANNELS_IN_BLOCKS
        && config.kernelSize() <= 2 * ImagePatches.PADDING + 1
        && config.kernelSize() % 2 == 1 // else conv2 has an odd number of outputs and loses one
        && config.channels().size() >= 2
        && config.imageHeight() % 4 == 0
        && config.imageWidth() % 4 == 0;
  }

  /**
   * Builds a pass. It equals {@code lenet.forward(tf, images).logits()} up to rounding.
   *
   * @param tf the scope to build in; sub-scopes separate the names of several passes
   * @param images uint8 {@code [n, height, width]}, 0 to 255
   * @return float32 {@code [n, classes]}
   */
  public Operand<TFloat32> logits(Ops tf, Operand<TUint8> images) {
    return logitsOfPixels(tf, tf.dtypes.cast(images, TFloat32.class), Optional.empty());
  }

  /**
   * Builds a pass over patches, where blocks fit the architecture.
   *
   * @param tf the scope to build in; sub-scopes separate the names of several passes
   * @param patches uint8 {@code [n·height/4·width/4, 64]}, from {@link ImagePatches#of}
   * @return float32 {@code [n, classes]}
   */
  Operand<TFloat32> logitsOfPatches(Ops tf, Operand<TUint8> patches) {
    Operand<TFloat32> pixels = tf.dtypes.cast(patches, TFloat32.class);
    return otherLayers(tf, twoConvolutionsInBlocks(tf, pixels), 2, Optional.empty());
  }

  /**
   * Builds a pass for training.
   *
   * @param tf the scope to build in; sub-scopes separate the names of several passes
   * @param images uint8 {@code [n, height, width]}, 0 to 255
   * @param dropout the dropout after the hidden dense layers
   * @return float32 {@code [n, classes]}
   */
  public Operand<TFloat32> logits(Ops tf, Operand<TUint8> images, Dropout dropout) {
    return logitsOfPixels(tf, tf.dtypes.cast(images, TFloat32.class), Optional.of(dropout));
  }

  /**
   * Builds a pass. It equals {@code lenet.forwardScaled(tf, images).logits()} up to rounding.
   *
   * @param tf the scope to build in; sub-scopes separate the names of several passes
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

  /** Builds a pass over float32 {@code [n, height, width]}, 0 to 255. */
  private Operand<TFloat32> logitsOfPixels(
      Ops tf, Operand<TFloat32> pixels, Optional<Dropout> dropout) {
    if (!blocked) {
      return otherLayers(tf, scaled(tf, pixels), 0, dropout);
    }
    LeNetConfig config = lenet.config();
    Ops scope = tf.withSubScope("patches");
    Operand<TFloat32> patches =
        ImagePatches.of(scope, pixels, config.imageHeight(), config.imageWidth());
    return otherLayers(tf, twoConvolutionsInBlocks(tf, patches), 2, dropout);
  }

  /** Builds the layers after the first convolutions and their pooling. */
  private Operand<TFloat32> otherLayers(
      Ops tf, Operand<TFloat32> x, int convolutions, Optional<Dropout> dropout) {
    LeNetConfig config = lenet.config();
    while (!averages && convolutions < config.channels().size()) {
      x = convolutionAndMaxPool(tf, ++convolutions, x);
    }
    List<Layer> left = config.layers().subList(2 * convolutions, config.layers().size());
    return lenet.forward(tf, x, left, dropout).logits();
  }

  /** Scales pixels to {@code [n, height, width, 1]}, 0 to 1. */
  private Operand<TFloat32> scaled(Ops tf, Operand<TFloat32> pixels) {
    LeNetConfig config = lenet.config();
    return tf.reshape(
        tf.math.mul(pixels, tf.constant(1 / 255f)),
        tf.constant(new int[] {-1, config.imageHeight(), config.imageWidth(), 1}));
  }

  /** Maps {@code [n, h, w, in]} to {@code [n, h'/2, w'/2, out]}. */
  private Operand<TFloat32> convolutionAndMaxPool(Ops tf, int number, Operand<TFloat32> x) {
    String name = "conv" + number;
    Ops scope = tf.withSubScope(name);
    Operand<TFloat32> kernel = lenet.parameters().get(name + "/kernel");
    Operand<TFloat32> sums = scope.nn.conv2d(x, kernel, STRIDE_1, number == 1 ? "SAME" : "VALID");
    Operand<TFloat32> largest = maxPool(tf.withSubScope("pool" + number), sums, 2, 2);
    return activation(scope, largest, lenet.parameters().get(name + "/bias"));
  }

  /** {@return the output of pool2, {@code [n, height/4 - lost, width/4 - lost, channels]}} */
  private Operand<TFloat32> twoConvolutionsInBlocks(Ops tf, Operand<TFloat32> patches) {
    LeNetConfig config = lenet.config();
    int rows = config.imageHeight() / 4;
    int columns = config.imageWidth() / 4;
    int channels1 = config.channels().get(0);
    int channels2 = config.channels().get(1);
    Ops scope = tf.withSubScope("conv1");
    Operand<TFloat32> conv1 = scope.linalg.matMul(patches, conv1Kernel);
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

  /** Sums the four groups: {@code [m, 4·size]} (of any rank) to {@code [m, size]}. */
  private static Operand<TFloat32> sumOfFour(Ops tf, Operand<TFloat32> x, int size) {
    return tf.reduceSum(tf.reshape(x, tf.constant(new int[] {-1, 4, size})), tf.constant(1));
  }

  /**
   * Takes the maximum of the four groups: {@code [m, 4·size]} (of any rank) to {@code [m, size]}.
   */
  private static Operand<TFloat32> maxOfFour(Ops tf, Operand<TFloat32> x, int size) {
    Operand<TFloat32> runs = tf.reshape(x, tf.constant(new int[] {-1, 1, 4, size}));
    return tf.reshape(maxPool(tf, runs, 1, 4), tf.constant(new int[] {-1, size}));
  }

  /**
   * Pools {@code [n, h, w, c]} to {@code [n, h/rows, w/columns, c]}, rounded down. Uses the
   * operation {@code MaxPool}, which {@code tf.nn} lacks. The window of {@code tf.nn}'s {@code
   * MaxPoolV2} is an input and not an attribute, and TensorFlow does not pass that operation to
   * oneDNN. With 32 and 64 channels, V2's gradient takes a quarter of a step's time, and {@code
   * MaxPool}'s a fiftieth.
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
   * Converts {@code [k, k, 1, c]} to {@code [64, 16·c]}. Row: pixel of the patch (quarter, then row
   * and column in it). Column: (group of the four to pool, column and row among the 2×2 pooled
   * pixels, channel). Scales the pixels, 0 to 255, to [0, 1].
   */
  private Operand<TFloat32> conv1Kernel(Ops tf) {
    int k = lenet.config().kernelSize();
    int shift = ImagePatches.PADDING - (k - 1) / 2; // where "same" begins within the padding
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
   * Converts {@code [k, k, in, out]} to {@code [b, k, 2·in, 2·out]}. Input channel: (pixel of 2×1,
   * channel). Output channel: (output of 2×1, channel). For average pooling, turns pool1's sum into
   * a mean.
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

  /** {@return the number of 2-row blocks that 2 outputs depend on: k + 1 rows, rounded up} */
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
