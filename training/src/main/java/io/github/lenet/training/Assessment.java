package io.github.lenet.training;

import io.github.lenet.data.ImageDataset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * How well a finished model does on labelled images, and where it goes wrong.
 *
 * @param meanLoss softmax cross-entropy in nats, mean over the images
 * @param confusion what was taken for what
 * @param mistakes the wrong answers, the most confident ones first
 */
public record Assessment(double meanLoss, ConfusionMatrix confusion, List<Mistake> mistakes) {

  /** Copies the list. */
  public Assessment {
    Objects.requireNonNull(confusion, "confusion");
    mistakes = List.copyOf(mistakes);
  }

  /**
   * A wrong answer.
   *
   * @param image its place in the data set
   * @param label what it shows
   * @param answer what it was taken for
   * @param probability of the answer, as the model gave it
   */
  public record Mistake(int image, int label, int answer, float probability) {}

  /**
   * Compares a model's answers with the labels.
   *
   * @param probabilities for each image that of each class, {@code [n][classes]}
   * @param images the images, in the same order
   * @return what can be said about them
   * @throws IllegalArgumentException if the sizes do not fit
   */
  public static Assessment of(float[][] probabilities, ImageDataset images) {
    int n = images.size();
    if (probabilities.length != n) {
      throw new IllegalArgumentException(
          "probabilities (%d) and images (%d) must be as many".formatted(probabilities.length, n));
    }
    int[] labels = new int[n];
    int[] answers = new int[n];
    double loss = 0;
    List<Mistake> mistakes = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      float[] row = probabilities[i];
      if (row.length != images.classCount()) {
        throw new IllegalArgumentException(
            "probabilities[%d] (%d) must be one for each of %d classes"
                .formatted(i, row.length, images.classCount()));
      }
      labels[i] = images.label(i);
      answers[i] = highest(row);
      // A probability too small for a float32 is 0; the smallest one that is not is no better.
      loss -= Math.log(Math.max(row[labels[i]], Float.MIN_VALUE));
      if (answers[i] != labels[i]) {
        mistakes.add(new Mistake(i, labels[i], answers[i], row[answers[i]]));
      }
    }
    mistakes.sort(Comparator.comparingDouble(Mistake::probability).reversed());
    return new Assessment(
        loss / n, ConfusionMatrix.of(images.classNames(), labels, answers), mistakes);
  }

  private static int highest(float[] row) {
    int highest = 0;
    for (int i = 1; i < row.length; i++) {
      highest = row[i] > row[highest] ? i : highest;
    }
    return highest;
  }

  /**
   * The share of correct answers.
   *
   * @return 0 to 1
   */
  public double accuracy() {
    return (double) confusion.correct() / confusion.total();
  }
}
