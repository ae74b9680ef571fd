package io.github.lenet.training;

/**
 * Loss and accuracy on a set of images.
 *
 * @param meanLoss softmax cross-entropy in nats, mean over the images
 * @param correct number of correct predictions: images whose largest logit is that of the label
 * @param total number of images
 */
public record Metrics(double meanLoss, int correct, int total) {

  /** Checks the counts. */
  public Metrics {
    if (total <= 0 || correct < 0 || correct > total) {
      throw new IllegalArgumentException(correct + " correct of " + total);
    }
  }

  /** {@return the accuracy: correct predictions over all, 0 to 1} */
  public double accuracy() {
    return (double) correct / total;
  }

  /** Combines the metrics of several batches, each weighted by its size. */
  static final class Accumulator {
    private double summedLoss;
    private int correct;
    private int total;

    void add(Metrics batch) {
      summedLoss += batch.meanLoss * batch.total;
      correct += batch.correct;
      total += batch.total;
    }

    Metrics result() {
      return new Metrics(summedLoss / total, correct, total);
    }
  }
}
