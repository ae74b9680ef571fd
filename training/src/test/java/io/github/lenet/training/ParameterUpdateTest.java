package io.github.lenet.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.lenet.model.OwnGraphs;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;

@ExtendWith(OwnGraphs.class)
class ParameterUpdateTest {

  private static final double[] RATES = {0.1, 0.2, 0.05, 0.3, 0.01};

  /**
   * Five steps down the parabolas 3·kernel² and 0.5·bias², whose gradients are known, each with its
   * own learning rate, beside the formulas of the books.
   */
  @ParameterizedTest
  @MethodSource("optimizers")
  void stepsAreTheTextbooks(Optimizer optimizer, double weightDecay) {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Ops layer = tf.withSubScope("layer");
      Operand<TFloat32> kernel =
          layer.withName("kernel").variable(tf.constant(new float[][] {{1.5f}}));
      Operand<TFloat32> bias = layer.withName("bias").variable(tf.constant(new float[] {-2}));
      // Not square(): its gradient in C++ brings the process down.
      Operand<TFloat32> loss =
          tf.reduceSum(
              tf.math.add(
                  tf.math.mul(tf.constant(3f), tf.math.mul(kernel, kernel)),
                  tf.math.mul(tf.constant(0.5f), tf.math.mul(bias, bias))),
              tf.constant(new int[] {0, 1}));
      Operand<TFloat32> rate = scalar(tf);
      Operand<TFloat32> correction = scalar(tf);
      List<Operand<TFloat32>> gradients =
          Stream.of(
                  graph.addGradients(
                      loss.asOutput(), new Output<?>[] {kernel.asOutput(), bias.asOutput()}))
              .<Operand<TFloat32>>map(gradient -> gradient.expect(TFloat32.class))
              .toList();
      Op update =
          new ParameterUpdate(graph, optimizer, weightDecay)
              .step(List.of(kernel, bias), gradients, rate, correction, "update");
      session.initialize();
      Textbook expectedKernel = new Textbook(optimizer, weightDecay, 1.5);
      Textbook expectedBias = new Textbook(optimizer, 0, -2);
      for (int step = 1; step <= RATES.length; step++) {
        try (TFloat32 fedRate = TFloat32.scalarOf((float) RATES[step - 1]);
            TFloat32 fedCorrection =
                TFloat32.scalarOf((float) ParameterUpdate.biasCorrection(optimizer, step))) {
          session
              .runner()
              .feed(rate, fedRate)
              .feed(correction, fedCorrection)
              .addTarget(update)
              .run()
              .close();
        }
        expectedKernel.step(step, RATES[step - 1], 6 * expectedKernel.weight());
        expectedBias.step(step, RATES[step - 1], expectedBias.weight());
        try (var result = session.runner().fetch(kernel).fetch(bias).run()) {
          assertEquals(expectedKernel.weight(), ((TFloat32) result.get(0)).getFloat(0, 0), 2e-5);
          assertEquals(expectedBias.weight(), ((TFloat32) result.get(1)).getFloat(0), 2e-5);
        }
      }
      assertNotEquals(-2, expectedBias.weight(), 0.1);
    }
  }

  static Stream<Arguments> optimizers() {
    return Optimizers.ofEachKind(0.1, 0.1).stream()
        .flatMap(optimizer -> Stream.of(0, 0.1).map(decay -> Arguments.of(optimizer, decay)));
  }

  @Test
  void adamCorrectsTheBiasOfItsMeans() {
    // Kingma and Ba, algorithm 1, in the order of section 2's end: sqrt(1 - b2^t) / (1 - b1^t).
    Optimizer adam = Optimizer.adam(0.001);
    assertEquals(Math.sqrt(0.001) / 0.1, ParameterUpdate.biasCorrection(adam, 1), 1e-9);
    assertEquals(
        Math.sqrt(1 - 0.999 * 0.999) / 0.19, ParameterUpdate.biasCorrection(adam, 2), 1e-9);
    for (Optimizer other :
        List.of(Optimizer.sgd(0.1), Optimizer.momentum(0.1), Optimizer.nesterov(0.1))) {
      assertEquals(1, ParameterUpdate.biasCorrection(other, 1));
    }
  }

  private static Operand<TFloat32> scalar(Ops tf) {
    return tf.placeholder(TFloat32.class, Placeholder.shape(Shape.scalar()));
  }
}
