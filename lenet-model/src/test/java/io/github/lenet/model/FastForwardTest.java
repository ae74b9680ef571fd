package io.github.lenet.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TUint8;

class FastForwardTest {

  static Stream<LeNetConfig> architectures() {
    List<LeNetConfig> configs = new ArrayList<>(List.of(LeNetConfig.classic()));
    for (int kernelSize = 1; kernelSize <= 5; kernelSize++) {
      for (Activation activation : Activation.values()) {
        configs.add(
            new LeNetConfig(
                24, 32, kernelSize, List.of(3, 5), Pooling.AVG, List.of(7), activation, 4));
      }
    }
    configs.add( // deeper, and without hidden dense layers
        new LeNetConfig(44, 40, 3, List.of(2, 3, 4), Pooling.AVG, List.of(), Activation.TANH, 3));
    configs.add( // does not fit: goes the plain way
        new LeNetConfig(28, 28, 5, List.of(6, 16), Pooling.MAX, List.of(9), Activation.RELU, 10));
    return configs.stream();
  }

  /** Same logits, and the same gradient for every parameter, whatever comes in. */
  @ParameterizedTest
  @MethodSource("architectures")
  void equalsThePlainForwardPassAndItsGradients(LeNetConfig config) {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      LeNet lenet = LeNet.build(tf, config, 1);
      Shape shape = Shape.of(-1, config.imageHeight(), config.imageWidth());
      Operand<TUint8> images = tf.placeholder(TUint8.class, Placeholder.shape(shape));
      Operand<TFloat32> plain = lenet.forward(tf.withSubScope("plain"), images).logits();
      Operand<TFloat32> fast =
          FastForward.of(tf.withSubScope("kernels"), lenet).logits(tf.withSubScope("fast"), images);
      List<Operand<?>> compared = new ArrayList<>(List.of(plain, fast));
      List<Operand<TFloat32>> parameters = List.copyOf(lenet.parameters().values());
      Output<?>[] plainGradients = gradients(tf, graph, plain, parameters);
      Output<?>[] fastGradients = gradients(tf, graph, fast, parameters);
      for (int i = 0; i < parameters.size(); i++) {
        compared.add(plainGradients[i]);
        compared.add(fastGradients[i]);
      }
      try (TUint8 pictures = pictures(3, config)) {
        Session.Runner runner = session.runner().feed(images, pictures);
        compared.forEach(runner::fetch);
        try (var result = runner.run()) {
          for (int i = 0; i < compared.size(); i += 2) {
            assertClose((TFloat32) result.get(i), (TFloat32) result.get(i + 1), config, i / 2);
          }
        }
      }
    }
  }

  /** Of a sum that weighs every logit differently, so that no gradient cancels out. */
  private static Output<?>[] gradients(
      Ops tf, Graph graph, Operand<TFloat32> logits, List<Operand<TFloat32>> parameters) {
    Operand<TFloat32> weighted =
        tf.math.mul(logits, tf.math.sin(tf.math.mul(logits, tf.constant(9f))));
    Output<?> sum = tf.reduceSum(weighted, tf.constant(new int[] {0, 1})).asOutput();
    return graph.addGradients(
        sum, parameters.stream().map(Operand::asOutput).toArray(Output<?>[]::new));
  }

  private static void assertClose(TFloat32 expected, TFloat32 found, LeNetConfig config, int what) {
    assertEquals(expected.shape(), found.shape());
    float[] a = values(expected);
    float[] b = values(found);
    double largest = 0;
    for (float value : a) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertTrue(largest > 0, config + ": nothing to compare in " + what);
    for (int i = 0; i < a.length; i++) {
      assertEquals(a[i], b[i], 2e-5 * largest + 1e-6, config + ": " + what + "[" + i + "]");
    }
  }

  private static float[] values(TFloat32 tensor) {
    float[] copy = new float[(int) tensor.size()];
    tensor.asRawTensor().data().asFloats().read(copy);
    return copy;
  }

  private static TUint8 pictures(int n, LeNetConfig config) {
    Random random = new Random(8);
    TUint8 images = TUint8.tensorOf(Shape.of(n, config.imageHeight(), config.imageWidth()));
    images.scalars().forEach(pixel -> pixel.setByte((byte) random.nextInt(256)));
    return images;
  }

  @Test
  void fitsTheClassicNetworkAndNotTheOthers() {
    LeNetConfig classic = LeNetConfig.classic();
    assertTrue(FastForward.fits(classic));
    assertFalse(FastForward.fits(classic.withImages(30, 28, 10)));
    assertFalse(
        FastForward.fits(
            new LeNetConfig(
                28, 28, 7, List.of(6, 16), Pooling.AVG, List.of(), Activation.SIGMOID, 10)));
    assertFalse(
        FastForward.fits(
            new LeNetConfig(28, 28, 5, List.of(6), Pooling.AVG, List.of(), Activation.TANH, 10)));
  }
}
