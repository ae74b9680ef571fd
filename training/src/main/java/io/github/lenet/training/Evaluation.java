package io.github.lenet.training;

/**
 * How well the network does on a set of images.
 *
 * @param meanLoss softmax cross-entropy in nats, mean over the images
 * @param correct images whose largest logit is that of their label
 * @param total images in all
 */
public record Evaluation(double meanLoss, int correct, int total) {

  /** Checks the counts. */
  public Evaluation {
    if (total <= 0 || correct < 0 || correct > total) {
      throw new IllegalArgumentException(correct + " correct of " + total);
    }
  }

  /**
   * The share of correct answers.
   *
   * @return 0 to 1
   */
  public double accuracy() {
    return (double) correct / total;
  }
}
