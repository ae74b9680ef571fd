package io.github.lenet.training;

/** One number, moved by the formulas as they are printed. */
final class Textbook {
  private final Optimizer optimizer;
  private final double weightDecay;
  private double weight;
  private double first;
  private double second;

  Textbook(Optimizer optimizer, double weightDecay, double weight) {
    this.optimizer = optimizer;
    this.weightDecay = weightDecay;
    this.weight = weight;
  }

  double weight() {
    return weight;
  }

  /** Of the steps 1, 2 and so on. */
  void step(int step, double rate, double lossGradient) {
    double gradient = lossGradient + weightDecay * weight;
    if (optimizer instanceof Optimizer.Momentum momentum) {
      first = momentum.momentum() * first + gradient;
      weight -= rate * first;
    } else if (optimizer instanceof Optimizer.Nesterov nesterov) {
      first = nesterov.momentum() * first + gradient;
      weight -= rate * (gradient + nesterov.momentum() * first);
    } else if (optimizer instanceof Optimizer.Adam adam) {
      first = adam.beta1() * first + (1 - adam.beta1()) * lossGradient;
      second = 0.999 * second + 0.001 * lossGradient * lossGradient;
      // ε as at the end of the paper's section 2, where it is called ε̂.
      double correction = Math.sqrt(1 - Math.pow(0.999, step)) / (1 - Math.pow(adam.beta1(), step));
      weight -= rate * (weightDecay * weight + correction * first / (Math.sqrt(second) + 1e-7));
    } else {
      weight -= rate * gradient;
    }
  }
}
