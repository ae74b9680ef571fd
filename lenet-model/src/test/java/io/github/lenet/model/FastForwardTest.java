package io.github.lenet.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
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

@ExtendWith(OwnGraphs.class)
class FastForwardTest {

  static Stream<LeNetConfig> architectures() {
    List<LeNetConfig> configs = new ArrayList<>(List.of(LeNetConfig.classic()));
    for (Pooling pooling : Pooling.values()) {
      for (int kernelSize = 1; kernelSize <= 5; kernelSize++) { // blocks where it is odd
        for (Activation activation : Activation.values()) {
          configs.add(
              LeNetConfig.builder()
                  .imageSize(24, 32)
                  .kernelSize(kernelSize)
                  .channels(3, 5)
                  .pooling(pooling)
                  .denseUnits(7)
                  .activation(activation)
                  .classes(4)
                  .build());
        }
      }
      for (Activation activation : Activation.values()) { // too many channels for blocks
        configs.add(
            LeNetConfig.builder()
                .channels(16, 20)
                .pooling(pooling)
                .denseUnits(9)
                .activation(activation)
                .build());
      }
      configs.add( // deeper, and without hidden dense layers
          LeNetConfig.builder()
              .imageSize(44, 40)
              .kernelSize(3)
              .channels(2, 3, 4)
              .pooling(pooling)
              .denseUnits()
              .activation(Activation.TANH)
              .classes(3)
              .build());
      configs.add( // deeper, other sides, the last row and column not pooled
          LeNetConfig.builder()
              .imageSize(43, 41)
              .kernelSize(3)
              .channels(2, 3, 4)
              .pooling(pooling)
              .denseUnits(5)
              .activation(Activation.RELU)
              .classes(3)
              .build());
      configs.add( // a single convolution
          LeNetConfig.builder()
              .imageSize(12, 16)
              .kernelSize(7)
              .channels(3)
              .pooling(pooling)
              .denseUnits()
              .classes(2)
              .build());
    }
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
      Operand<TFloat32> byLayers =
          FastForward.layerByLayer(lenet).logits(tf.withSubScope("layers"), images);
      List<Operand<TFloat32>> parameters = List.copyOf(lenet.parameters().values());
      List<Operand<?>> compared = new ArrayList<>();
      for (Operand<TFloat32> logits : List.of(plain, fast, byLayers)) {
        compared.add(logits);
        compared.addAll(List.of(gradients(tf, graph, logits, parameters)));
      }
      try (TUint8 batch = images(3, config)) {
        Session.Runner runner = session.runner().feed(images, batch);
        compared.forEach(runner::fetch);
        try (var result = runner.run()) {
          int each = 1 + parameters.size();
          for (int i = each; i < compared.size(); i++) {
            int what = i % each;
            assertClose((TFloat32) result.get(what), (TFloat32) result.get(i), config, what);
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

  /** Noise above, black below: where all is black, all that is pooled together is the same. */
  private static TUint8 images(int n, LeNetConfig config) {
    Random random = new Random(8);
    TUint8 images = TUint8.tensorOf(Shape.of(n, config.imageHeight(), config.imageWidth()));
    int black = config.imageHeight() * 2 / 3;
    images
        .scalars()
        .forEachIndexed(
            (at, pixel) -> pixel.setByte((byte) (at[1] < black ? random.nextInt(256) : 0)));
    return images;
  }

  @Test
  void fitsTheClassicNetworkAndNotTheOthers() {
    LeNetConfig classic = LeNetConfig.classic();
    assertTrue(FastForward.fits(classic));
    assertTrue(FastForward.fits(withChannels(8, 24)));
    assertFalse(FastForward.fits(withChannels(9, 24)));
    assertFalse(FastForward.fits(classic.toBuilder().imageSize(30, 28).classes(10).build()));
    assertFalse(FastForward.fits(LeNetConfig.builder().kernelSize(7).denseUnits().build()));
    assertFalse(
        FastForward.fits(
            LeNetConfig.builder().channels(6).denseUnits().activation(Activation.TANH).build()));
  }

  private static LeNetConfig withChannels(int first, int second) {
    return LeNetConfig.builder()
        .kernelSize(3)
        .channels(first, second)
        .pooling(Pooling.MAX)
        .denseUnits()
        .activation(Activation.RELU)
        .build();
  }
}
