package io.github.lenet.training.evaluation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A confusion matrix: how many images of each class a model predicted as each class.
 *
 * @param classNames the names of the classes
 * @param counts {@code counts.get(expected).get(predicted)}: how many images of the class {@code
 *     expected} were predicted as {@code predicted}; square, one row and column per class
 */
public record ConfusionMatrix(List<String> classNames, List<List<Integer>> counts) {

  /** Copies the lists, and checks that the matrix is square and counts something. */
  public ConfusionMatrix {
    classNames = List.copyOf(classNames);
    counts = counts.stream().map(List::copyOf).toList();
    int classes = classNames.size();
    if (counts.size() != classes || counts.stream().anyMatch(row -> row.size() != classes)) {
      throw new IllegalArgumentException(
          "counts must have %d rows of %d numbers".formatted(classes, classes));
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
   * @param predicted the predicted class of each; as many
   * @return the matrix
   */
  public static ConfusionMatrix of(List<String> classNames, int[] expected, int[] predicted) {
    if (expected.length != predicted.length) {
      throw new IllegalArgumentException(
          "expected (%d) and predicted (%d) must be as many"
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
   * The images of one class that were predicted as one class.
   *
   * @param expected their class
   * @param predicted the class they were predicted as
   * @return how many
   */
  public int count(int expected, int predicted) {
    return counts.get(expected).get(predicted);
  }

  /**
   * The support of a class: the images of it.
   *
   * @param label the class
   * @return how many there are of it
   */
  public int support(int label) {
    return counts.get(label).stream().mapToInt(Integer::intValue).sum();
  }

  /**
   * The images that were predicted as a class.
   *
   * @param label the class
   * @return how many there are
   */
  public int predictions(int label) {
    return counts.stream().mapToInt(row -> row.get(label)).sum();
  }

  /**
   * All images.
   *
   * @return how many there are
   */
  public int total() {
    return counts.stream().flatMap(List::stream).mapToInt(Integer::intValue).sum();
  }

  /**
   * The diagonal.
   *
   * @return how many images were classified correctly
   */
  public int correct() {
    int correct = 0;
    for (int label = 0; label < classNames.size(); label++) {
      correct += count(label, label);
    }
    return correct;
  }

  /**
   * Of the images predicted as a class, the fraction that is of this class.
   *
   * @param label the class
   * @return 0 to 1; NaN if none was predicted as it
   */
  public double precision(int label) {
    return (double) count(label, label) / predictions(label);
  }

  /**
   * Of the images of a class, the fraction that was predicted as it.
   *
   * @param label the class
   * @return 0 to 1; NaN if there is none of it
   */
  public double recall(int label) {
    return (double) count(label, label) / support(label);
  }

  /**
   * The harmonic mean of precision and recall: twice the correct ones over the images of the class
   * plus the images predicted as it.
   *
   * @param label the class
   * @return 0 to 1; NaN if there are neither
   */
  public double f1(int label) {
    return 2.0 * count(label, label) / (support(label) + predictions(label));
  }
}
