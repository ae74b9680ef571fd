package io.github.lenet.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lenet.model.LeNetConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingConfigTest {

  @Test
  void defaultsAreTheChapters() {
    TrainingConfig defaults = TrainingConfig.defaults();

    assertEquals(LeNetConfig.classic(), defaults.model());
    assertEquals(10, defaults.epochs());
    assertEquals(256, defaults.batchSize());
    assertEquals(0.9, defaults.learningRate());
  }

  @Test
  void namesTheValueThatDoesNotFit() {
    assertEquals("epochs (0) must be positive", message(0, 256, 0.9));
    assertEquals("batchSize (-1) must be positive", message(10, -1, 0.9));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -0.1, Double.NaN, Double.POSITIVE_INFINITY, 1e300, 1e-50})
  void theLearningRateIsAPositiveFloat(double learningRate) {
    assertEquals(
        "learningRate (" + learningRate + ") must be a positive, finite number",
        message(10, 256, learningRate));
  }

  @Test
  void aReplicaHasAtLeastThirtyTwoPictures() {
    assertEquals(2, replicas(256, 2));
    assertEquals(8, replicas(256, 64));
    assertEquals(1, replicas(63, 4));
    assertEquals(1, replicas(1, 4));
  }

  private static int replicas(int batchSize, int threads) {
    return new TrainingConfig(LeNetConfig.classic(), 1, batchSize, 0.1, 1, threads).replicas();
  }

  private static String message(int epochs, int batchSize, double learningRate) {
    return assertThrows(
            IllegalArgumentException.class,
            () -> new TrainingConfig(LeNetConfig.classic(), epochs, batchSize, learningRate, 1, 2))
        .getMessage();
  }
}
