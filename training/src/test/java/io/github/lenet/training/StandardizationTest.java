package io.github.lenet.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.LeNet;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.OwnGraphs;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TUint8;

@ExtendWith(OwnGraphs.class)
class StandardizationTest {

  @Test
  void measuresAllPixels() {
    byte[] pixels = {0, 0, 51, (byte) 255, (byte) 204, 0, 0, 0}; // 0, 0, 0.2, 1, 0.8, 0, 0, 0
    ImageDataset images =
        ImageDataset.of(2, 2, pixels, new byte[] {0, 1}, List.of("first", "second"));

    Standardization measured = Standardization.of(images);

    assertEquals(0.25, measured.mean(), 1e-12);
    // mean of squares 1.68 / 8 = 0.21; less 0.0625
    assertEquals(Math.sqrt(0.1475), measured.standardDeviation(), 1e-12);
  }

  @Test
  void refusesImagesWithoutAnyDifference() {
    ImageDataset white =
        ImageDataset.of(1, 2, new byte[] {-1, -1}, new byte[] {0}, List.of("white"));
    assertThrows(IllegalArgumentException.class, () -> Standardization.of(white));
  }

  /** Against standardising the pixels themselves, padding and all. */
  @Test
  void thePlainNetworkGivesWhatTheOtherGivesForStandardisedPixels() {
    LeNetConfig config = LeNetConfig.classic();
    Standardization standardization = new Standardization(0.286, 0.353);
    ImageDataset bars = Images.bars(5, 3);
    try (Graph graph = new Graph();
        Session session = new Session(graph);
        var batch = bars.batches(5).iterator().next()) {
      Ops tf = Ops.create(graph);
      LeNet standardized = LeNet.build(tf, config, 4);
      Operand<TUint8> images = tf.constant(batch.images());
      Operand<TFloat32> plain =
          standardization.plain(tf, standardized).forward(tf.withSubScope("a"), images).logits();

      Operand<TFloat32> scaled =
          tf.math.mul(tf.dtypes.cast(images, TFloat32.class), tf.constant(1 / 255f));
      Operand<TFloat32> padded =
          tf.pad(
              tf.reshape(scaled, tf.constant(Shape.of(5, 28, 28, 1))),
              tf.constant(new int[][] {{0, 0}, {2, 2}, {2, 2}, {0, 0}}),
              tf.constant(0f));
      Operand<TFloat32> standard =
          tf.math.div(tf.math.sub(padded, tf.constant(0.286f)), tf.constant(0.353f));
      Operand<TFloat32> conv1 =
          tf.math.sigmoid(
              tf.nn.biasAdd(
                  tf.nn.conv2d(
                      standard,
                      standardized.parameters().get("conv1/kernel"),
                      List.of(1L, 1L, 1L, 1L),
                      "VALID"),
                  standardized.parameters().get("conv1/bias")));
      Operand<TFloat32> found =
          standardization
              .plain(tf, standardized)
              .forward(tf.withSubScope("b"), images)
              .layer("conv1");
      session.initialize();
      try (var result = session.runner().fetch(conv1).fetch(found).fetch(plain).run()) {
        assertArrayEquals(values(result.get(0)), values(result.get(1)), 1e-5f);
        assertEquals(Shape.of(5, 10), result.get(2).shape());
      }
    }
  }

  private static float[] values(org.tensorflow.Tensor tensor) {
    float[] values = new float[(int) tensor.shape().size()];
    ((TFloat32) tensor).asRawTensor().data().asFloats().read(values);
    return values;
  }
}
