package io.github.lenet.training;

/** One number, moved by the formulas as they are printed. */
final class Textbook {
  private final Optimizer rule;
  private final double momentum;
  private final double weightDecay;
  private double weight;
  private double first;
  private double second;

  Textbook(Optimizer rule, double momentum, double weightDecay, double weight) {
    this.rule = rule;
    this.momentum = momentum;
    this.weightDecay = weightDecay;
    this.weight = weight;
  }

  double weight() {
    return weight;
  }

  /** Of the steps 1, 2 and so on. */
  void step(int step, double rate, double lossGradient) {
    double gradient = lossGradient + weightDecay * weight;
    switch (rule) {
      case SGD:
        weight -= rate * gradient;
        break;
      case MOMENTUM:
        first = momentum * first + gradient;
        weight -= rate * first;
        break;
      case NESTEROV:
        first = momentum * first + gradient;
        weight -= rate * (gradient + momentum * first);
        break;
      default:
        first = momentum * first + (1 - momentum) * lossGradient;
        second = 0.999 * second + 0.001 * lossGradient * lossGradient;
        // ε as at the end of the paper's section 2, where it is called ε̂.
        double correction = Math.sqrt(1 - Math.pow(0.999, step)) / (1 - Math.pow(momentum, step));
        weight -= rate * (weightDecay * weight + correction * first / (Math.sqrt(second) + 1e-7));
    }
  }
}
