package io.github.lenet.cli.output;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lenet.training.evaluation.ClassificationReport;
import io.github.lenet.training.evaluation.ConfusionMatrix;
import java.util.List;
import java.util.Locale;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * A classification report as text and as JSON.
 *
 * @param report the report
 */
public record ClassificationTables(ClassificationReport report) {

  /** {@return loss and accuracy, a table of the classes, and the confusion matrix} */
  public String text() {
    ConfusionMatrix matrix = report.confusionMatrix();
    List<String> names = matrix.classNames();
    int width = names.stream().mapToInt(String::length).max().orElse(0);
    StringBuilder text = new StringBuilder();
    text.append(
        format(
            "loss %.4f, accuracy %.4f (%,d correct)%n%n",
            report.meanLoss(), report.accuracy(), matrix.correct()));
    width = Math.max(width, "class".length());
    String row = "%-" + width + "s  %9s  %6s  %6s  %8s%n";
    text.append(format(row, "class", "precision", "recall", "F1", "support"));
    for (int label = 0; label < names.size(); label++) {
      text.append(
          format(
              row,
              names.get(label),
              metric(matrix.precision(label)),
              metric(matrix.recall(label)),
              metric(matrix.f1(label)),
              format("%,d", matrix.support(label))));
    }
    text.append(
        format(
            row,
            "macro avg",
            metric(mean(matrix::precision)),
            metric(mean(matrix::recall)),
            metric(mean(matrix::f1)),
            format("%,d", matrix.total())));
    return text.append(format("%n")).append(counts(matrix, width)).toString();
  }

  /** {@return the confusion matrix: a row per expected class, a column per predicted class} */
  private static String counts(ConfusionMatrix matrix, int width) {
    int classes = matrix.classNames().size();
    int digits = Integer.toString(matrix.total()).length();
    int numberWidth = Integer.toString(classes - 1).length();
    StringBuilder text = new StringBuilder(" ".repeat(numberWidth + 1 + width));
    IntStream.range(0, classes).forEach(i -> text.append(format("  %" + digits + "d", i)));
    text.append(format("%n"));
    for (int label = 0; label < classes; label++) {
      text.append(
          format("%" + numberWidth + "d %-" + width + "s", label, matrix.classNames().get(label)));
      for (int predicted = 0; predicted < classes; predicted++) {
        int count = matrix.count(label, predicted);
        text.append(format("  %" + digits + "s", count == 0 ? "." : count));
      }
      text.append(format("%n"));
    }
    return text.toString();
  }

  /** {@return the mean over the classes that have this metric} */
  private double mean(IntToDoubleFunction metric) {
    return IntStream.range(0, report.confusionMatrix().classNames().size())
        .mapToDouble(metric)
        .filter(value -> !Double.isNaN(value))
        .average()
        .orElse(Double.NaN);
  }

  private static String metric(double value) {
    return Double.isNaN(value) ? "-" : format("%.3f", value);
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  /** Adds the same numbers to a JSON object. */
  public ObjectNode addTo(ObjectNode json) {
    ConfusionMatrix matrix = report.confusionMatrix();
    json.put("images", matrix.total()).put("correct", matrix.correct());
    json.put("loss", report.meanLoss()).put("accuracy", report.accuracy());
    ArrayNode classes = json.putArray("classes");
    for (int label = 0; label < matrix.classNames().size(); label++) {
      ObjectNode row = classes.addObject().put("name", matrix.classNames().get(label));
      put(row, "precision", matrix.precision(label));
      put(row, "recall", matrix.recall(label));
      put(row, "f1", matrix.f1(label));
      row.put("support", matrix.support(label));
    }
    ArrayNode rows = json.putArray("confusion_matrix");
    matrix.counts().forEach(counts -> counts.forEach(rows.addArray()::add));
    return json;
  }

  /** Writes NaN as null, because JSON has no NaN. */
  private static void put(ObjectNode json, String name, double value) {
    if (Double.isNaN(value)) {
      json.putNull(name);
    } else {
      json.put(name, value);
    }
  }
}
