package io.github.lenet.model.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lenet.model.OwnGraphs;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

@ExtendWith(OwnGraphs.class)
class DropoutTest {

  @Test
  void setsItsPartToZeroAndEnlargesTheRest() {
    float[] values = afterDropout(0.2, 7, 1, 3);

    int zeros = 0;
    for (float value : values) {
      zeros += value == 0 ? 1 : 0;
      assertEquals(value == 0 ? 0 : 3 / 0.8, value, 1e-6);
    }
    assertEquals(2000, zeros, 4 * Math.sqrt(10_000 * 0.2 * 0.8)); // four standard errors
  }

  @Test
  void leavesAllAsItIsAtRateZero() {
    float[] whole = new float[10_000];
    Arrays.fill(whole, 3);
    assertArrayEquals(whole, afterDropout(0, 7, 1, 3));
  }

  @Test
  void sameSeedStepAndLayerSameChoice() {
    float[] choice = afterDropout(0.5, 7, 1, 3);
    assertArrayEquals(choice, afterDropout(0.5, 7, 1, 3));
    assertFalse(Arrays.equals(choice, afterDropout(0.5, 8, 1, 3)));
    assertFalse(Arrays.equals(choice, afterDropout(0.5, 7, 2, 3)));
    assertFalse(Arrays.equals(choice, afterDropout(0.5, 7, 1, 4)));
  }

  @Test
  void refusesARateThatLeavesNothing() {
    try (Graph graph = new Graph()) {
      var step = Ops.create(graph).constant(1L);
      assertEquals(
          "rate (1.0) must be at least 0 and less than 1",
          assertThrows(IllegalArgumentException.class, () -> new Dropout(1, 0, step)).getMessage());
    }
  }

  /** Ten thousand threes. */
  private static float[] afterDropout(double rate, long seed, long step, int layerIndex) {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      var threes = tf.fill(tf.constant(Shape.of(100, 100)), tf.constant(3f));
      var value = new Dropout(rate, seed, tf.constant(step)).apply(tf, threes, layerIndex);
      try (var result = session.runner().fetch(value).run()) {
        float[] copy = new float[10_000];
        ((TFloat32) result.get(0)).asRawTensor().data().asFloats().read(copy);
        return copy;
      }
    }
  }
}
