package io.github.lenet.model;

import io.github.lenet.model.internal.Dropout;
import io.github.lenet.model.internal.GraphLocale;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TUint8;

/**
 * LeNet-5 in a caller's graph: one set of parameters and any number of forward passes.
 *
 * <p>The classic network ({@link LeNetConfig#classic()}), for a batch of {@code n} images:
 *
 * <table>
 *   <caption>Layers, output shapes (NHWC) and parameters</caption>
 *   <tr><th>layer</th><th>computes</th><th>output</th><th>parameters</th></tr>
 *   <tr><td>conv1</td><td>6 kernels 5×5, "same", sigmoid</td><td>[n, 28, 28, 6]</td><td>156</td></tr>
 *   <tr><td>pool1</td><td>mean of 2×2, stride 2</td><td>[n, 14, 14, 6]</td><td>0</td></tr>
 *   <tr><td>conv2</td><td>16 kernels 5×5, "valid", sigmoid</td><td>[n, 10, 10, 16]</td><td>2,416</td></tr>
 *   <tr><td>pool2</td><td>mean of 2×2, stride 2</td><td>[n, 5, 5, 16]</td><td>0</td></tr>
 *   <tr><td>dense1</td><td>120 units, sigmoid</td><td>[n, 120]</td><td>48,120</td></tr>
 *   <tr><td>dense2</td><td>84 units, sigmoid</td><td>[n, 84]</td><td>10,164</td></tr>
 *   <tr><td>logits</td><td>10 units</td><td>[n, 10]</td><td>850</td></tr>
 *   <tr><td></td><td></td><td></td><td>61,706</td></tr>
 * </table>
 *
 * <p>Source: Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, <a
 * href="http://yann.lecun.com/exdb/publis/pdf/lecun-98.pdf">Gradient-based learning applied to
 * document recognition</a>, Proceedings of the IEEE 86(11), 1998, in the form of <a
 * href="https://d2l.ai/chapter_convolutional-neural-networks/lenet.html">Dive into Deep
 * Learning</a>. It differs from the paper as that chapter does:
 *
 * <ul>
 *   <li>the input is 28×28 with two pixels of padding in conv1, not 32×32;
 *   <li>pixels are scaled to [0, 1], not to [-0.1, 1.175];
 *   <li>conv2 sees all 6 channels in every kernel; the paper's C3 connects only some;
 *   <li>pooling is a plain mean; the paper's S2 and S4 have a trained coefficient and bias;
 *   <li>the activation is the sigmoid, not a scaled tanh;
 *   <li>the output is a dense layer for a softmax cross-entropy, not Gaussian (RBF) units.
 * </ul>
 *
 * <p>An instance refers to operands of its graph and owns no native memory. It can be used while
 * the graph is open.
 */
public final class LeNet {

  private final LeNetConfig config;
  private final Map<String, Operand<TFloat32>> parameters;
  private final boolean forInference;

  private LeNet(
      LeNetConfig config, Map<String, Operand<TFloat32>> parameters, boolean forInference) {
    this.config = config;
    this.parameters = Collections.unmodifiableMap(parameters);
    this.forInference = forInference;
  }

  /**
   * Creates the parameters. Kernels start from the Glorot uniform distribution.
   *
   * @param tf the caller's graph, scope and device
   * @param config the architecture
   * @param seed the seed of the initial kernels; the same seed gives the same numbers on every
   *     device
   * @return the parameters, ready for {@link #forward}
   * @see #build(Ops, LeNetConfig, Initializer, long)
   */
  public static LeNet build(Ops tf, LeNetConfig config, long seed) {
    return build(tf, config, Initializer.GLOROT_UNIFORM, seed);
  }

  /**
   * Creates the parameters. Biases start from 0. The graph's first session call sets the parameters
   * (or {@code Session.initialize()}, or a restore).
   *
   * @param tf the caller's graph, scope and device
   * @param config the architecture
   * @param initializer the distribution of the initial kernels
   * @param seed the seed of the initial kernels; the same seed gives the same numbers on every
   *     device
   * @return the parameters, ready for {@link #forward}
   */
  public static LeNet build(Ops tf, LeNetConfig config, Initializer initializer, long seed) {
    Objects.requireNonNull(tf, "tf");
    Objects.requireNonNull(initializer, "initializer");
    Map<String, Operand<TFloat32>> parameters = new LinkedHashMap<>();
    List<Layer> layers = config.layers();
    GraphLocale.enter();
    try {
      for (int i = 0; i < layers.size(); i++) {
        Layer layer = layers.get(i);
        if (layer.kernelShape().isPresent()) {
          Shape kernel = layer.kernelShape().get();
          Ops scope = tf.withSubScope(layer.name());
          parameters.put(
              layer.name() + "/kernel",
              scope
                  .withName("kernel")
                  .variable(initializer.initialValue(scope.withInitScope(), kernel, seed, i)));
          Shape bias = Shape.of(Layer.outputs(kernel));
          parameters.put(
              layer.name() + "/bias",
              scope
                  .withName("bias")
                  .variable(scope.withInitScope().zeros(scope.constant(bias), TFloat32.class)));
        }
      }
    } finally {
      GraphLocale.exit();
    }
    return new LeNet(config, parameters, false);
  }

  /**
   * Creates a network over existing parameters: constants or the caller's variables.
   *
   * @param config the architecture
   * @param parameters by name, in any order, with the names and shapes of {@link #parameters()}
   * @return the network, ready for {@link #forward}; no operation is created
   * @throws IllegalArgumentException if a parameter is missing, unknown or of another shape
   */
  public static LeNet of(LeNetConfig config, Map<String, ? extends Operand<TFloat32>> parameters) {
    Map<String, Shape> shapes = parameterShapes(config);
    if (!shapes.keySet().equals(parameters.keySet())) {
      throw new IllegalArgumentException(
          "parameters: expected %s, found %s".formatted(shapes.keySet(), parameters.keySet()));
    }
    Map<String, Operand<TFloat32>> inOrder = new LinkedHashMap<>();
    shapes.forEach(
        (name, shape) -> {
          Operand<TFloat32> parameter = parameters.get(name);
          if (!parameter.shape().equals(shape)) {
            throw new IllegalArgumentException(
                "parameters: %s: expected shape %s, found %s"
                    .formatted(name, shape, parameter.shape()));
          }
          inOrder.put(name, parameter);
        });
    return new LeNet(config, inOrder, false);
  }

  /**
   * Returns the same network for a graph that predicts a few images at a time. Its dense layers
   * multiply by {@code BatchMatMulV3}, the one product that TensorFlow does not hand to oneDNN. For
   * one image, oneDNN takes longer to prepare a product than to compute it: without it a prediction
   * takes 72 µs and not 81 ({@code ArrangementBenchmark}). With 250 images both are as fast.
   */
  LeNet forInference() {
    return new LeNet(config, parameters, true);
  }

  /** {@return the shapes of {@link #parameters()}, in the same order} */
  static Map<String, Shape> parameterShapes(LeNetConfig config) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    for (Layer layer : config.layers()) {
      layer
          .kernelShape()
          .ifPresent(
              kernel -> {
                shapes.put(layer.name() + "/kernel", kernel);
                shapes.put(layer.name() + "/bias", Shape.of(Layer.outputs(kernel)));
              });
    }
    return shapes;
  }

  /** {@return the architecture} */
  public LeNetConfig config() {
    return config;
  }

  /**
   * Returns the parameters, float32, by name: {@code conv1/kernel} {@code [k, k, in, out]}, {@code
   * conv1/bias} {@code [out]}, …, {@code logits/kernel} {@code [in, classes]}, {@code logits/bias}
   * {@code [classes]}.
   *
   * @return an immutable map in the order of the layers
   */
  public Map<String, Operand<TFloat32>> parameters() {
    return parameters;
  }

  /**
   * Builds a forward pass over grey images with unscaled pixels.
   *
   * @param tf the scope to build in; sub-scopes separate the names of several passes
   * @param images uint8 {@code [n, height, width]}, 0 to 255
   * @return the output of every layer
   */
  public ForwardPass forward(Ops tf, Operand<TUint8> images) {
    GraphLocale.enter();
    try {
      Operand<TFloat32> scaled =
          tf.math.mul(tf.dtypes.cast(images, TFloat32.class), tf.constant(1 / 255f));
      Operand<TFloat32> input =
          tf.reshape(
              scaled, tf.constant(new int[] {-1, config.imageHeight(), config.imageWidth(), 1}));
      return forward(tf, input, config.layers(), Optional.empty());
    } finally {
      GraphLocale.exit();
    }
  }

  /**
   * Builds a forward pass over scaled images.
   *
   * @param tf the scope to build in; sub-scopes separate the names of several passes
   * @param images float32 {@code [n, height, width, 1]}, 0 to 1
   * @return the output of every layer
   */
  public ForwardPass forwardScaled(Ops tf, Operand<TFloat32> images) {
    GraphLocale.enter();
    try {
      return forward(tf, images, config.layers(), Optional.empty());
    } finally {
      GraphLocale.exit();
    }
  }

  /** Builds only the last layers, over the output of the layer before them. */
  ForwardPass forward(
      Ops tf, Operand<TFloat32> input, List<Layer> layers, Optional<Dropout> dropout) {
    Map<String, Operand<TFloat32>> outputs = new LinkedHashMap<>();
    Operand<TFloat32> x = input;
    for (Layer layer : layers) {
      Ops scope = tf.withSubScope(layer.name());
      x =
          switch (layer.kind()) {
            case CONVOLUTION -> convolution(scope, layer, x);
            case POOLING -> config.pooling().apply(scope, x);
            case DENSE -> dense(scope, layer, x, dropout);
          };
      outputs.put(layer.name(), x);
    }
    return new ForwardPass(outputs);
  }

  /** Maps {@code [n, h, w, in]} to {@code [n, h', w', out]}. */
  private Operand<TFloat32> convolution(Ops tf, Layer layer, Operand<TFloat32> x) {
    String padding = layer.name().equals("conv1") ? "SAME" : "VALID";
    Operand<TFloat32> sum = tf.nn.conv2d(x, kernel(layer), List.of(1L, 1L, 1L, 1L), padding);
    return config.activation().apply(tf, tf.nn.biasAdd(sum, bias(layer)));
  }

  /** Maps {@code [n, in]}, or images with {@code in} values each, to {@code [n, out]}. */
  private Operand<TFloat32> dense(
      Ops tf, Layer layer, Operand<TFloat32> x, Optional<Dropout> dropout) {
    int inputs = (int) layer.kernelShape().orElseThrow().get(0);
    Operand<TFloat32> flat =
        x.shape().numDimensions() == 2 ? x : tf.reshape(x, tf.constant(new int[] {-1, inputs}));
    Operand<TFloat32> product =
        forInference
            ? tf.train.batchMatMul(flat, kernel(layer), TFloat32.class)
            : tf.linalg.matMul(flat, kernel(layer));
    Operand<TFloat32> sum = tf.nn.biasAdd(product, bias(layer));
    if (layer.name().equals("logits")) {
      return sum;
    }
    Operand<TFloat32> output = config.activation().apply(tf, sum);
    return dropout.isPresent()
        ? dropout.get().apply(tf, output, config.layers().indexOf(layer))
        : output;
  }

  private Operand<TFloat32> kernel(Layer layer) {
    return parameters.get(layer.name() + "/kernel");
  }

  private Operand<TFloat32> bias(Layer layer) {
    return parameters.get(layer.name() + "/bias");
  }
}
