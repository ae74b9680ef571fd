package io.github.lenet.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which classes a classifier takes for which, and the measures that follow from it.
 *
 * @param classNames the names of the classes
 * @param counts {@code counts.get(label).get(answer)}: how many images of the class {@code label}
 *     were taken for {@code answer}; square, one row and column per class
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
   * Counts.
   *
   * @param classNames the names of the classes
   * @param labels what each image shows, from 0 to the number of classes - 1
   * @param answers what each was taken for; as many
   * @return the matrix
   */
  public static ConfusionMatrix of(List<String> classNames, int[] labels, int[] answers) {
    if (labels.length != answers.length) {
      throw new IllegalArgumentException(
          "labels (%d) and answers (%d) must be as many".formatted(labels.length, answers.length));
    }
    int[][] counts = new int[classNames.size()][classNames.size()];
    for (int i = 0; i < labels.length; i++) {
      counts[labels[i]][answers[i]]++;
    }
    List<List<Integer>> rows = new ArrayList<>();
    for (int[] row : counts) {
      rows.add(Arrays.stream(row).boxed().toList());
    }
    return new ConfusionMatrix(classNames, rows);
  }

  /**
   * A number of the matrix.
   *
   * @param label what the images show
   * @param answer what they were taken for
   * @return how many
   */
  public int count(int label, int answer) {
    return counts.get(label).get(answer);
  }

  /**
   * The images of a class.
   *
   * @param label the class
   * @return how many there are of it
   */
  public int images(int label) {
    return counts.get(label).stream().mapToInt(Integer::intValue).sum();
  }

  /**
   * How often a class was the answer.
   *
   * @param answer the class
   * @return how many images were taken for it
   */
  public int answers(int answer) {
    return counts.stream().mapToInt(row -> row.get(answer)).sum();
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
   * @return how many images were taken for what they are
   */
  public int correct() {
    int correct = 0;
    for (int label = 0; label < classNames.size(); label++) {
      correct += count(label, label);
    }
    return correct;
  }

  /**
   * Of the images that were taken for a class, the share that are of it.
   *
   * @param label the class
   * @return 0 to 1; NaN if none was taken for it
   */
  public double precision(int label) {
    return (double) count(label, label) / answers(label);
  }

  /**
   * Of the images of a class, the share that were taken for it.
   *
   * @param label the class
   * @return 0 to 1; NaN if there is none of it
   */
  public double recall(int label) {
    return (double) count(label, label) / images(label);
  }

  /**
   * The harmonic mean of precision and recall: twice the correct ones over the images of the class
   * plus the images taken for it.
   *
   * @param label the class
   * @return 0 to 1; NaN if there are neither
   */
  public double f1(int label) {
    return 2.0 * count(label, label) / (images(label) + answers(label));
  }
}
