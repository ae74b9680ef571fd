package io.github.lenet.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lenet.model.OwnGraphs;
import java.util.Random;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TUint8;

/** Both ways, that for GPUs as well, are computed on the CPU here. */
@ExtendWith(OwnGraphs.class)
class CrossEntropyTest {

  private static final int IMAGES = 37;

  /**
   * The loss against its definition in double, the logitsGradient against the loss's differences.
   */
  @ParameterizedTest
  @CsvSource({"false, 1, 10", "true, 1, 10", "false, 30, 3", "true, 30, 3", "true, 0, 2"})
  void isItsDefinitionAndTheSlopeIsItsDerivative(boolean onGpu, double spread, int classes) {
    double[][] logits = new double[IMAGES][classes];
    int[] labels = new int[IMAGES];
    Random random = new Random(classes);
    for (int i = 0; i < IMAGES; i++) {
      labels[i] = random.nextInt(classes);
      for (int k = 0; k < classes; k++) {
        logits[i][k] = (float) (spread * random.nextGaussian());
      }
    }
    double ofMean = 1.0 / 50;
    Measured measured = measure(logits, labels, (float) ofMean, onGpu);

    double loss = loss(logits, labels) * ofMean;
    assertEquals(loss, measured.loss(), 2e-6 * Math.max(1, loss));
    double step = 1e-5;
    for (int i = 0; i < IMAGES; i++) {
      for (int k = 0; k < classes; k++) {
        double before = logits[i][k];
        logits[i][k] = before + step;
        double above = loss(logits, labels);
        logits[i][k] = before - step;
        double below = loss(logits, labels);
        logits[i][k] = before;
        assertEquals((above - below) / (2 * step) * ofMean, measured.logitsGradient()[i][k], 1e-7);
      }
    }
  }

  /** Where the exponential of a logit is no float any more. */
  @ParameterizedTest
  @CsvSource({"false", "true"})
  void staysFinite(boolean onGpu) {
    double[][] logits = {{1e4, -1e4, 0}, {-1e4, -1e4, -1e4}, {90, 0, -90}};
    Measured measured = measure(logits, new int[] {1, 2, 0}, 0.5f, onGpu);

    assertEquals((2e4 + Math.log(3)) / 2, measured.loss(), 1e-2);
    float[][] expected = {{0.5f, -0.5f, 0}, {1 / 6f, 1 / 6f, -1 / 3f}, {0, 0, 0}};
    for (int i = 0; i < 3; i++) {
      for (int k = 0; k < 3; k++) {
        assertEquals(expected[i][k], measured.logitsGradient()[i][k], 1e-6f);
      }
    }
  }

  private record Measured(float loss, float[][] logitsGradient) {}

  private static Measured measure(double[][] logits, int[] labels, float ofMean, boolean onGpu) {
    int classes = logits[0].length;
    float[][] floats = new float[logits.length][classes];
    byte[] bytes = new byte[labels.length];
    for (int i = 0; i < logits.length; i++) {
      bytes[i] = (byte) labels[i];
      for (int k = 0; k < classes; k++) {
        floats[i][k] = (float) logits[i][k];
      }
    }
    try (Graph graph = new Graph();
        Session session = new Session(graph);
        TFloat32 fedLogits = TFloat32.tensorOf(StdArrays.ndCopyOf(floats));
        TUint8 fedLabels = TUint8.vectorOf(bytes)) {
      Ops tf = Ops.create(graph);
      Operand<TFloat32> in =
          tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, classes)));
      Operand<TUint8> truth = tf.placeholder(TUint8.class, Placeholder.shape(Shape.of(-1)));
      CrossEntropy built = CrossEntropy.of(tf, truth, in, tf.constant(ofMean), classes, onGpu);
      try (var result =
          session
              .runner()
              .feed(in, fedLogits)
              .feed(truth, fedLabels)
              .fetch(built.scaledLoss())
              .fetch(built.logitsGradient())
              .run()) {
        TFloat32 slopes = (TFloat32) result.get(1);
        float[][] logitsGradient = new float[logits.length][classes];
        StdArrays.copyFrom(slopes, logitsGradient);
        return new Measured(((TFloat32) result.get(0)).getFloat(), logitsGradient);
      }
    }
  }

  /** Of all images together: the logarithm of the sum of exponentials, less the right logit. */
  private static double loss(double[][] logits, int[] labels) {
    double sum = 0;
    for (int i = 0; i < logits.length; i++) {
      double largest = Double.NEGATIVE_INFINITY;
      for (double logit : logits[i]) {
        largest = Math.max(largest, logit);
      }
      double exponentials = 0;
      for (double logit : logits[i]) {
        exponentials += Math.exp(logit - largest);
      }
      sum += largest + Math.log(exponentials) - logits[i][labels[i]];
    }
    return sum;
  }
}
