package io.github.lenet.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(OwnGraphs.class)
class InferenceGraphTest {

  /** With the kernels by blocks or not, and dense layers without oneDNN: that of plain loops. */
  @ParameterizedTest
  @MethodSource("io.github.lenet.model.FastForwardTest#architectures")
  void probabilitiesAreTheSoftmaxOfPlainLoops(LeNetConfig config) {
    LeNetModel model = SavedModels.random(config, 5);
    PlainNetwork plain = new PlainNetwork(config, model.parameters());
    Random random = new Random(6);
    List<byte[]> images =
        Stream.generate(() -> new byte[config.imageHeight() * config.imageWidth()])
            .limit(3)
            .peek(random::nextBytes)
            .toList();
    try (InferenceGraph graph = new InferenceGraph(model)) {
      float[][] together = graph.probabilities(images);

      assertEquals(3, together.length);
      for (int i = 0; i < 3; i++) {
        float[] expected = softmax(plain.logits(images.get(i)));
        assertArrayEquals(expected, together[i], 1e-5f, config + ": image " + i);
        assertArrayEquals(
            expected, graph.probabilities(images.subList(i, i + 1))[0], 1e-5f, config.toText());
      }
    }
  }

  private static float[] softmax(double[] logits) {
    double sum = 0;
    for (double logit : logits) {
      sum += Math.exp(logit);
    }
    float[] probabilities = new float[logits.length];
    for (int i = 0; i < logits.length; i++) {
      probabilities[i] = (float) (Math.exp(logits[i]) / sum);
    }
    return probabilities;
  }
}
