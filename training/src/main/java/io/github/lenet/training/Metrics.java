package io.github.lenet.training;

/**
 * Loss and accuracy on a set of images.
 *
 * @param meanLoss softmax cross-entropy in nats, mean over the images
 * @param correct images whose largest logit is that of their label
 * @param total images in all
 */
public record Metrics(double meanLoss, int correct, int total) {

  /** Checks the counts. */
  public Metrics {
    if (total <= 0 || correct < 0 || correct > total) {
      throw new IllegalArgumentException(correct + " correct of " + total);
    }
  }

  /**
   * The accuracy: correct predictions over all.
   *
   * @return 0 to 1
   */
  public double accuracy() {
    return (double) correct / total;
  }

  /** The metrics of several batches as one, each weighted by its size. */
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
