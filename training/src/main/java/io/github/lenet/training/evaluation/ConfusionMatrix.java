package io.github.lenet.training.evaluation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A confusion matrix: how many images of each class a model predicted as each class.
 *
 * @param classNames the names of the classes
 * @param counts {@code counts.get(expected).get(predicted)} is the number of images of class {@code
 *     expected} that were predicted as {@code predicted}; square, one row and column per class
 */
public record ConfusionMatrix(List<String> classNames, List<List<Integer>> counts) {

  /** Copies the lists and checks that the matrix is square and no count is negative. */
  public ConfusionMatrix {
    classNames = List.copyOf(classNames);
    counts = counts.stream().map(List::copyOf).toList();
    int classes = classNames.size();
    if (counts.size() != classes || counts.stream().anyMatch(row -> row.size() != classes)) {
      throw new IllegalArgumentException(
          "counts must have %s rows of %s numbers".formatted(classes, classes));
    }
    if (counts.stream().flatMap(List::stream).anyMatch(count -> count < 0)) {
      throw new IllegalArgumentException("counts must not be negative");
    }
  }

  /**
   * Counts pairs of expected and predicted classes.
   *
   * @param classNames the names of the classes
   * @param expected the class of each image, from 0 to the number of classes - 1
   * @param predicted the predicted class of each image
   * @return the matrix
   */
  public static ConfusionMatrix of(List<String> classNames, int[] expected, int[] predicted) {
    if (expected.length != predicted.length) {
      throw new IllegalArgumentException(
          "expected (%s) and predicted (%s) must have the same size"
              .formatted(expected.length, predicted.length));
    }
    int[][] counts = new int[classNames.size()][classNames.size()];
    for (int i = 0; i < expected.length; i++) {
      counts[expected[i]][predicted[i]]++;
    }
    List<List<Integer>> rows = new ArrayList<>();
    for (int[] row : counts) {
      rows.add(Arrays.stream(row).boxed().toList());
    }
    return new ConfusionMatrix(classNames, rows);
  }

  /**
   * {@return the number of images of one class that were predicted as another or the same}
   *
   * @param expected the class of the images
   * @param predicted their predicted class
   */
  public int count(int expected, int predicted) {
    return counts.get(expected).get(predicted);
  }

  /**
   * {@return the support of a class: the number of its images}
   *
   * @param label the class
   */
  public int support(int label) {
    return counts.get(label).stream().mapToInt(Integer::intValue).sum();
  }

  /**
   * {@return the number of images that were predicted as a class}
   *
   * @param label the class
   */
  public int predictions(int label) {
    return counts.stream().mapToInt(row -> row.get(label)).sum();
  }

  /** {@return the number of images} */
  public int total() {
    return counts.stream().flatMap(List::stream).mapToInt(Integer::intValue).sum();
  }

  /** {@return the number of correctly classified images: the sum of the diagonal} */
  public int correct() {
    int correct = 0;
    for (int label = 0; label < classNames.size(); label++) {
      correct += count(label, label);
    }
    return correct;
  }

  /**
   * Returns the fraction of the images predicted as a class that belong to it.
   *
   * @param label the class
   * @return 0 to 1; NaN if no image was predicted as the class
   */
  public double precision(int label) {
    return (double) count(label, label) / predictions(label);
  }

  /**
   * Returns the fraction of the images of a class that were predicted as it.
   *
   * @param label the class
   * @return 0 to 1; NaN if the class has no images
   */
  public double recall(int label) {
    return (double) count(label, label) / support(label);
  }

  /**
   * Returns the harmonic mean of precision and recall. It is twice the correct predictions, divided
   * by the sum of the class's support and predictions.
   *
   * @param label the class
   * @return 0 to 1; NaN if support and predictions are 0
   */
  public double f1(int label) {
    return 2.0 * count(label, label) / (support(label) + predictions(label));
  }
}
