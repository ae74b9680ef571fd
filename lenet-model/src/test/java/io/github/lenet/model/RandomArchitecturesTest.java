package io.github.lenet.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TUint8;

/** What holds for every architecture that {@link LeNetConfig} accepts. */
@Tag("slow")
class RandomArchitecturesTest {

  private static final int ARCHITECTURES = 60;

  private static double shareOfLogitBound;
  private static double shareOfGradientBound;

  static Stream<LeNetConfig> architectures() {
    return RandomArchitectures.draw(ARCHITECTURES, 1);
  }

  @AfterAll
  static void tell() {
    System.out.printf(
        Locale.ROOT,
        "%s random architectures: logits deviate by up to %.2f of the bound, gradients by %.2f%n",
        ARCHITECTURES,
        shareOfLogitBound,
        shareOfGradientBound);
  }

  /** Not that they are all of one kind. */
  @Test
  void allKindsAreDrawn() {
    List<LeNetConfig> drawn = architectures().toList();
    for (Pooling pooling : Pooling.values()) {
      for (Activation activation : Activation.values()) {
        for (boolean inBlocks : new boolean[] {true, false}) {
          assertTrue(
              drawn.stream()
                  .filter(config -> config.pooling() == pooling)
                  .filter(config -> config.activation() == activation)
                  .anyMatch(config -> FastForward.fits(config) == inBlocks),
              pooling + " " + activation + " " + inBlocks);
        }
      }
    }
    for (int size = 1; size <= 3; size++) {
      int convolutions = size;
      assertTrue(drawn.stream().anyMatch(config -> config.channels().size() == convolutions));
    }
    assertTrue(drawn.stream().anyMatch(config -> config.denseUnits().isEmpty()));
    assertTrue(drawn.stream().anyMatch(config -> config.imageHeight() % 2 == 1));
    assertTrue(drawn.stream().anyMatch(config -> config.kernelSize() % 2 == 0));
    assertTrue(drawn.stream().anyMatch(config -> config.kernelSize() > config.imageWidth()));
  }

  /** {@code k²·in·out + out} for a convolution, {@code in·out + out} for a dense layer. */
  @ParameterizedTest
  @MethodSource("architectures")
  void parametersAreAsManyAsTheFormulaSays(LeNetConfig config) {
    int k = config.kernelSize();
    long height = config.imageHeight();
    long width = config.imageWidth();
    long inputs = 1;
    long count = 0;
    for (int i = 0; i < config.channels().size(); i++) {
      long channels = config.channels().get(i);
      count += (k * k * inputs + 1) * channels;
      inputs = channels;
      height = (i == 0 ? height : height - k + 1) / 2;
      width = (i == 0 ? width : width - k + 1) / 2;
    }
    inputs *= height * width;
    for (int units : config.denseUnits()) {
      count += (inputs + 1) * units;
      inputs = units;
    }
    count += (inputs + 1) * config.classes();

    assertEquals(count, config.parameterCount());
    try (Graph graph = new Graph()) {
      assertEquals(
          count,
          LeNet.build(Ops.create(graph), config, 1).parameters().values().stream()
              .mapToLong(parameter -> parameter.shape().size())
              .sum());
    }
  }

  /**
   * Both forward passes: every layer's shape, the logits, and the gradients of the mean softmax
   * cross-entropy by all parameters, for batches of 1 to 4 images.
   */
  @ParameterizedTest
  @MethodSource("architectures")
  void logitsAndGradientsAreThoseOfPlainLoops(LeNetConfig config) {
    Random random = new Random(config.toText().hashCode());
    int n = 1 + random.nextInt(4);
    LeNetModel model = SavedModels.random(config, random.nextLong());
    PlainNetwork plain = new PlainNetwork(config, model.parameters());
    int[] labels = random.ints(n, 0, config.classes()).toArray();
    List<byte[]> images = plain.clearImages(n, 1e-6, random);
    Map<String, double[]> expected = plain.gradients(images, labels);
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      LeNet lenet = model.build(tf);
      Operand<TUint8> batch = images(tf, images, config);
      ForwardPass pass = lenet.forward(tf.withSubScope("plain"), batch);
      Operand<TFloat32> fast =
          FastForward.of(tf.withSubScope("kernels"), lenet).logits(tf.withSubScope("fast"), batch);
      for (Operand<TFloat32> logits : List.of(pass.logits(), fast)) {
        List<Output<?>> outputs = new ArrayList<>(List.of(logits.asOutput()));
        outputs.addAll(List.of(gradients(tf, graph, lenet, logits, labels)));
        Session.Runner runner = session.runner();
        outputs.forEach(runner::fetch);
        try (var result = runner.run()) {
          float[] found = InferenceGraph.values((TFloat32) result.get(0));
          double[] all =
              images.stream()
                  .flatMapToDouble(image -> DoubleStream.of(plain.logits(image)))
                  .toArray();
          double logitBound = 1e-5 * DoubleStream.of(all).map(Math::abs).max().orElseThrow();
          shareOfLogitBound =
              Math.max(shareOfLogitBound, assertClose(all, found, logitBound, config + ": logits"));
          int next = 1;
          for (String name : expected.keySet()) {
            float[] gradient = InferenceGraph.values((TFloat32) result.get(next++));
            double bound = PlainNetwork.gradientBound(name, expected);
            double share = assertClose(expected.get(name), gradient, bound, config + ": " + name);
            shareOfGradientBound = Math.max(shareOfGradientBound, share);
          }
        }
      }
      for (Layer layer : config.layers()) {
        try (var result = session.runner().fetch(pass.layer(layer.name())).run()) {
          assertEquals(layer.outputShape().prepend(n), result.get(0).shape(), layer.name());
        }
      }
    }
  }

  private static Operand<TUint8> images(Ops tf, List<byte[]> images, LeNetConfig config) {
    int size = config.imageHeight() * config.imageWidth();
    byte[] pixels = new byte[images.size() * size];
    for (int i = 0; i < images.size(); i++) {
      System.arraycopy(images.get(i), 0, pixels, i * size, size);
    }
    Shape shape = Shape.of(images.size(), config.imageHeight(), config.imageWidth());
    try (TUint8 batch = TUint8.tensorOf(shape, DataBuffers.of(pixels))) {
      return tf.constant(batch);
    }
  }

  private static Output<?>[] gradients(
      Ops tf, Graph graph, LeNet lenet, Operand<TFloat32> logits, int[] labels) {
    Operand<TFloat32> oneHot =
        tf.oneHot(
            tf.constant(labels),
            tf.constant(lenet.config().classes()),
            tf.constant(1f),
            tf.constant(0f));
    Output<?> loss =
        tf.math
            .mean(tf.nn.softmaxCrossEntropyWithLogits(logits, oneHot).loss(), tf.constant(0))
            .asOutput();
    return graph.addGradients(
        loss, lenet.parameters().values().stream().map(Operand::asOutput).toArray(Output[]::new));
  }

  /** By how much of the bound they differ. */
  private static double assertClose(double[] expected, float[] found, double bound, String what) {
    assertEquals(expected.length, found.length, what);
    double deviation = 0;
    for (int i = 0; i < expected.length; i++) {
      deviation = Math.max(deviation, Math.abs(expected[i] - found[i]));
    }
    assertTrue(deviation <= bound, what + ": " + deviation + ", more than " + bound);
    return deviation / bound;
  }
}
