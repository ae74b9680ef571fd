package io.github.lenet.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

@ExtendWith(OwnGraphs.class)
class InitializerTest {

  private static final Shape CONV2 = Shape.of(5, 5, 6, 16);

  /** Fans as Keras counts them: the receptive field times channels in, and times channels out. */
  @ParameterizedTest
  @CsvSource({"5,5,1,6, 25,150", "5,5,6,16, 150,400", "3,3,16,32, 144,288"})
  void fansCountTheReceptiveFieldOnce(int k, int k2, int in, int out, int fanIn, int fanOut) {
    Shape kernel = Shape.of(k, k2, in, out);
    assertEquals(
        Math.sqrt(6.0 / (fanIn + fanOut)), Initializer.GLOROT_UNIFORM.limit(kernel), 1e-15);
    assertEquals(Math.sqrt(6.0 / fanIn), Initializer.HE_UNIFORM.limit(kernel), 1e-15);
    assertEquals(2.0 / (fanIn + fanOut), Initializer.GLOROT_NORMAL.variance(kernel), 1e-15);
    assertEquals(2.0 / fanIn, Initializer.HE_NORMAL.variance(kernel), 1e-15);
  }

  @Test
  void limitOfADenseKernelIsThePapers() {
    assertEquals(
        Math.sqrt(6.0 / (400 + 120)), Initializer.GLOROT_UNIFORM.limit(Shape.of(400, 120)), 1e-15);
  }

  /**
   * Bounds and standard deviations for fans of 150 and 400: sqrt(6/550), sqrt(2/550), sqrt(6/150),
   * sqrt(2/150). Kurtosis: 9/5 of the uniform distribution, 2.3655 of the normal one that is cut
   * off at ±2, whose standard deviation is 0.8796 of the whole one's.
   */
  @ParameterizedTest
  @CsvSource({
    "GLOROT_UNIFORM, 0.104447, 0.060302, 1.8",
    "GLOROT_NORMAL, 0.137109, 0.060302, 2.3655",
    "HE_UNIFORM, 0.2, 0.115470, 1.8",
    "HE_NORMAL, 0.262544, 0.115470, 2.3655"
  })
  void drawsConv2WithinItsBoundAndFillsIt(
      Initializer initializer, double bound, double deviation, double kurtosis) {
    float[] values = draw(initializer, 7, 2);

    double largest = moment(values, 1, true);
    assertTrue(largest <= bound * 1.00001, "largest " + largest);
    assertTrue(largest > 0.97 * bound, "largest " + largest);
    // Four standard errors of leeway.
    double variance = deviation * deviation;
    assertEquals(0, moment(values, 1, false), 4 * deviation / Math.sqrt(2400));
    assertEquals(
        variance, moment(values, 2, false), 4 * variance * Math.sqrt((kurtosis - 1) / 2400));
    assertEquals(kurtosis, moment(values, 4, false) / Math.pow(moment(values, 2, false), 2), 0.2);
  }

  private static double moment(float[] values, int power, boolean largest) {
    var powers = IntStream.range(0, values.length).mapToDouble(i -> Math.pow(values[i], power));
    return largest ? powers.map(Math::abs).max().orElseThrow() : powers.average().orElseThrow();
  }

  @Test
  void sameSeedSameNumbersOtherSeedOrLayerOthers() {
    for (Initializer initializer : Initializer.values()) {
      assertArrayEquals(draw(initializer, 7, 2), draw(initializer, 7, 2));
      assertFalse(Arrays.equals(draw(initializer, 7, 2), draw(initializer, 8, 2)));
      assertFalse(Arrays.equals(draw(initializer, 7, 2), draw(initializer, 7, 0)));
    }
  }

  private static float[] draw(Initializer initializer, long seed, int layerIndex) {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      var value = initializer.initialValue(Ops.create(graph), CONV2, seed, layerIndex);
      try (var result = session.runner().fetch(value).run()) {
        float[] copy = new float[(int) CONV2.size()];
        ((TFloat32) result.get(0)).asRawTensor().data().asFloats().read(copy);
        return copy;
      }
    }
  }
}
