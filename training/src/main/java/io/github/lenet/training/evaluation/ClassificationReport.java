package io.github.lenet.training.evaluation;

import io.github.lenet.data.ImageDataset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * Loss, confusion matrix and misclassified images of a model on labeled images.
 *
 * @param meanLoss softmax cross-entropy in nats, mean over the images
 * @param confusionMatrix how many images of each class were predicted as each class
 * @param misclassified the misclassified images, in descending order of the predicted probability
 */
public record ClassificationReport(
    double meanLoss, ConfusionMatrix confusionMatrix, List<Misclassified> misclassified) {

  /** Copies the list. */
  public ClassificationReport {
    Objects.requireNonNull(confusionMatrix, "confusionMatrix");
    misclassified = List.copyOf(misclassified);
  }

  /**
   * An image whose predicted class is not the expected one.
   *
   * @param index index of the image in the data set
   * @param expected class of the image
   * @param predicted class with the highest probability
   * @param probability probability of the predicted class
   */
  public record Misclassified(int index, int expected, int predicted, float probability) {}

  /**
   * Compares predictions with labels.
   *
   * @param probabilities the probability of each class for each image, {@code [n][classes]}
   * @param images the images, in the same order
   * @return the report
   * @throws IllegalArgumentException if the sizes do not fit
   */
  public static ClassificationReport of(float[][] probabilities, ImageDataset images) {
    int n = images.size();
    if (probabilities.length != n) {
      throw new IllegalArgumentException(
          "probabilities (%s) and images (%s) must have the same size"
              .formatted(probabilities.length, n));
    }
    int[] expected = new int[n];
    int[] predicted = new int[n];
    double loss = 0;
    List<Misclassified> misclassified = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      float[] row = probabilities[i];
      if (row.length != images.classCount()) {
        throw new IllegalArgumentException(
            "probabilities[%s] (%s) must be one for each of %s classes"
                .formatted(i, row.length, images.classCount()));
      }
      expected[i] = images.label(i);
      predicted[i] = highest(row);
      // A probability too small for a float32 is 0. MIN_VALUE keeps its logarithm finite.
      loss -= Math.log(Math.max(row[expected[i]], Float.MIN_VALUE));
      if (predicted[i] != expected[i]) {
        misclassified.add(new Misclassified(i, expected[i], predicted[i], row[predicted[i]]));
      }
    }
    misclassified.sort(Comparator.comparingDouble(Misclassified::probability).reversed());
    return new ClassificationReport(
        loss / n, ConfusionMatrix.of(images.classNames(), expected, predicted), misclassified);
  }

  private static int highest(float[] row) {
    int highest = 0;
    for (int i = 1; i < row.length; i++) {
      highest = row[i] > row[highest] ? i : highest;
    }
    return highest;
  }

  /** {@return the accuracy: correctly classified images over all, 0 to 1} */
  public double accuracy() {
    return (double) confusionMatrix.correct() / confusionMatrix.total();
  }
}
