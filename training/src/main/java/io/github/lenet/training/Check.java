package io.github.lenet.training;

/** Checks numbers of configurations. */
final class Check {

  private Check() {}

  static void positive(String name, int value) {
    if (value <= 0) {
      throw new IllegalArgumentException(name + " (" + value + ") must be positive");
    }
  }

  /** Checks that a value is at least 0 and less than 1, also as a float32. */
  static void fraction(String name, double value) {
    if (!(value >= 0 && (float) value < 1)) {
      throw new IllegalArgumentException(
          name + " (" + value + ") must be at least 0 and less than 1");
    }
  }

  /** Checks that a learning rate is positive and finite, also as a float32. */
  static void learningRate(double value) {
    if (!((float) value > 0) || !Float.isFinite((float) value)) {
      throw new IllegalArgumentException(
          "learningRate (" + value + ") must be a positive, finite number");
    }
  }
}
