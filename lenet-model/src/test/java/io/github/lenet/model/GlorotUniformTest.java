package io.github.lenet.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

class GlorotUniformTest {

  private static final Shape CONV2 = Shape.of(5, 5, 6, 16);

  /** Fans as Keras counts them: the receptive field times channels in, and times channels out. */
  @ParameterizedTest
  @CsvSource({"5,5,1,6, 25,150", "5,5,6,16, 150,400", "3,3,16,32, 144,288"})
  void limitCountsTheReceptiveFieldOnce(int k, int k2, int in, int out, int fanIn, int fanOut) {
    assertEquals(Math.sqrt(6.0 / (fanIn + fanOut)), GlorotUniform.limit(Shape.of(k, k2, in, out)));
  }

  @Test
  void limitOfADenseKernelIsThePapers() {
    assertEquals(Math.sqrt(6.0 / (400 + 120)), GlorotUniform.limit(Shape.of(400, 120)));
  }

  @Test
  void drawsConv2WithinItsBoundAndFillsIt() {
    float[] values = draw(7, 2);

    float largest =
        (float) IntStream.range(0, 2400).mapToDouble(i -> Math.abs(values[i])).max().orElseThrow();
    assertTrue(largest <= 0.10445f, "largest " + largest);
    assertTrue(largest > 0.1040f, "largest " + largest);
    double mean = IntStream.range(0, 2400).mapToDouble(i -> values[i]).average().orElseThrow();
    double variance =
        IntStream.range(0, 2400).mapToDouble(i -> values[i] * values[i]).average().orElseThrow();
    // A uniform distribution within ±L has mean 0 and variance L²/3; four standard errors of
    // leeway.
    assertEquals(0, mean, 4 * 0.1044 / Math.sqrt(3 * 2400));
    assertEquals(0.1044 * 0.1044 / 3, variance, 4 * 0.1044 * 0.1044 * Math.sqrt(4 / 45.0 / 2400));
  }

  @Test
  void sameSeedSameNumbersOtherSeedOrLayerOthers() {
    assertArrayEquals(draw(7, 2), draw(7, 2));
    assertFalse(Arrays.equals(draw(7, 2), draw(8, 2)));
    assertFalse(Arrays.equals(draw(7, 2), draw(7, 0)));
  }

  private static float[] draw(long seed, int layerIndex) {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      var value = GlorotUniform.initialValue(Ops.create(graph), CONV2, seed, layerIndex);
      try (var result = session.runner().fetch(value).run()) {
        float[] copy = new float[(int) CONV2.size()];
        ((TFloat32) result.get(0)).asRawTensor().data().asFloats().read(copy);
        return copy;
      }
    }
  }
}
