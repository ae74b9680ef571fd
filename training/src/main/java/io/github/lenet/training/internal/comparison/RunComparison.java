package io.github.lenet.training.internal.comparison;

import io.github.lenet.training.internal.figure.LineChart;
import io.github.lenet.training.internal.figure.LineChart.Axis;
import io.github.lenet.training.internal.figure.LineChart.Curve;
import io.github.lenet.training.internal.figure.LineChart.Point;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * Several runs side by side: their differences and their results.
 *
 * @param runs at least one run, each directory once
 */
public record RunComparison(List<RecordedRun> runs) {

  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException if there is no run, or a directory is there twice
   */
  public RunComparison {
    runs = List.copyOf(runs);
    if (runs.isEmpty()) {
      throw new IllegalArgumentException("runs (none) must be at least one");
    }
    Set<Path> directories = new LinkedHashSet<>();
    for (RecordedRun run : runs) {
      if (!directories.add(absolute(run))) {
        throw new IllegalArgumentException(run.directory() + ": is there twice");
      }
    }
  }

  private static Path absolute(RecordedRun run) {
    return run.directory().toAbsolutePath().normalize();
  }

  /**
   * Returns the names of the runs: the last part of each directory, or the whole path if the last
   * parts are not unique.
   *
   * @return one name per run
   */
  public List<String> names() {
    List<String> names = runs.stream().map(run -> absolute(run).getFileName().toString()).toList();
    return Set.copyOf(names).size() == names.size()
        ? names
        : runs.stream().map(run -> absolute(run).toString()).toList();
  }

  /**
   * {@return whether all runs were trained on the same data set and files; otherwise their metrics
   * cannot be compared}
   */
  public boolean isOnSameData() {
    return runs.stream().map(run -> List.of(run.dataset(), run.files())).distinct().count() == 1;
  }

  /**
   * Returns the options that differ between the runs, by their names in {@code config.json}.
   *
   * @param run one of the runs
   * @return its value of each of them; "-" if it has no such option
   */
  public Map<String, String> differences(RecordedRun run) {
    Set<String> names = new LinkedHashSet<>();
    runs.forEach(each -> names.addAll(each.options().keySet()));
    Map<String, String> differing = new LinkedHashMap<>();
    for (String name : names) {
      if (runs.stream().map(each -> each.options().getOrDefault(name, "-")).distinct().count()
          > 1) {
        differing.put(name, run.options().getOrDefault(name, "-"));
      }
    }
    return differing;
  }

  /**
   * Formats the runs as a table, with the differing options at the end of each line.
   *
   * @return lines that end in {@code \n}
   */
  public String table() {
    List<List<String>> rows = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("run"));
    head.addAll(columns());
    rows.add(head);
    for (int i = 0; i < runs.size(); i++) {
      List<String> row = new ArrayList<>(List.of(names().get(i)));
      row.addAll(cells(runs.get(i)));
      rows.add(row);
    }
    List<Integer> widths = new ArrayList<>();
    for (int column = 0; column < head.size(); column++) {
      int at = column;
      widths.add(rows.stream().mapToInt(row -> row.get(at).length()).max().orElseThrow());
    }
    StringBuilder table = new StringBuilder();
    for (int i = 0; i < rows.size(); i++) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < head.size(); column++) {
        String form = (column < 2 ? "%-" : "%") + widths.get(column) + "s  ";
        line.append(form.formatted(rows.get(i).get(column)));
      }
      line.append(i == 0 ? "" : remark(runs.get(i - 1)));
      table.append(line.toString().stripTrailing()).append('\n');
    }
    return table.toString();
  }

  private List<String> columns() {
    List<String> columns = new ArrayList<>(List.of("data", "epochs", "loss", "train acc"));
    if (isAnyValidated()) {
      columns.add("val acc");
    }
    columns.addAll(List.of("test acc", "images/sec", "seconds"));
    return columns;
  }

  private boolean isAnyValidated() {
    return runs.stream().anyMatch(RecordedRun::isValidated);
  }

  private List<String> cells(RecordedRun run) {
    List<String> cells = new ArrayList<>();
    cells.add(run.dataset());
    cells.add(
        run.epochs().size() == run.plannedEpochs()
            ? Integer.toString(run.epochs().size())
            : "%s of %s".formatted(run.epochs().size(), run.plannedEpochs()));
    cells.add(chosen(run, RecordedRun.Epoch::trainLoss));
    cells.add(chosen(run, RecordedRun.Epoch::trainAccuracy));
    if (isAnyValidated()) {
      cells.add(run.isValidated() ? chosen(run, RecordedRun.Epoch::validationAccuracy) : "-");
    }
    cells.add(
        run.testAccuracy().isPresent() ? format("%.3f", run.testAccuracy().getAsDouble()) : "-");
    cells.add(run.epochs().isEmpty() ? "-" : format("%,.0f", run.imagesPerSecond()));
    cells.add(run.epochs().isEmpty() ? "-" : format("%.1f", run.seconds()));
    return cells;
  }

  private static String chosen(RecordedRun run, ToDoubleFunction<RecordedRun.Epoch> value) {
    return run.selectedEpoch().map(epoch -> format("%.3f", value.applyAsDouble(epoch))).orElse("-");
  }

  private String remark(RecordedRun run) {
    return differences(run).entrySet().stream()
        .map(option -> option.getKey() + " " + option.getValue())
        .collect(Collectors.joining(", "));
  }

  /**
   * Draws the table and, below it, the losses and accuracies of all runs against epochs.
   *
   * @return an SVG document, 720 pixels wide, light or dark as the reader prefers
   */
  public String curves() {
    List<Curve> curves = new ArrayList<>();
    add(curves, new Axis("train loss", 0, 0), runs, RecordedRun.Epoch::trainLoss);
    addValidation(curves, new Axis("%s loss", 0, 0), RecordedRun.Epoch::validationLoss);
    add(curves, new Axis("train accuracy", 0, 1), runs, RecordedRun.Epoch::trainAccuracy);
    addValidation(curves, new Axis("%s accuracy", 0, 1), RecordedRun.Epoch::validationAccuracy);
    List<LineChart.Row> rows = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      RecordedRun run = runs.get(i);
      rows.add(new LineChart.Row(names().get(i), cells(run), remark(run)));
    }
    int epochs = runs.stream().mapToInt(RecordedRun::plannedEpochs).max().orElseThrow();
    return LineChart.draw(
        runs.size() == 1 ? "One run" : runs.size() + " runs",
        isOnSameData()
            ? "on " + runs.get(0).dataset()
            : "on different data: their numbers don't compare",
        epochs,
        curves,
        new LineChart.Table(columns(), rows));
  }

  /**
   * Adds a panel for runs evaluated on the test set, and another for runs with a validation split.
   */
  private void addValidation(
      List<Curve> curves, Axis axis, ToDoubleFunction<RecordedRun.Epoch> value) {
    for (boolean validated : new boolean[] {false, true}) {
      String label = axis.label().formatted(validated ? "validation" : "test");
      List<RecordedRun> some = runs.stream().filter(run -> run.isValidated() == validated).toList();
      add(curves, new Axis(label, axis.least(), axis.most()), some, value);
    }
  }

  private void add(
      List<Curve> curves,
      Axis axis,
      List<RecordedRun> some,
      ToDoubleFunction<RecordedRun.Epoch> value) {
    for (RecordedRun run : some) {
      List<Point> points =
          run.epochs().stream()
              .map(epoch -> new Point(epoch.number(), value.applyAsDouble(epoch)))
              .toList();
      curves.add(new Curve(names().get(runs.indexOf(run)), axis, points));
    }
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
