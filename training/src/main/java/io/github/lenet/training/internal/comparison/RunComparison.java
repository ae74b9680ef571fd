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
 * Several runs side by side: in what they differ, and what came of it.
 *
 * @param runs at least one, each directory once
 */
public record RunComparison(List<RecordedRun> runs) {

  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException if there is no run, or one is there twice
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
   * What the runs are called: by the last part of their directories, or by all of it where that is
   * not enough to tell them apart.
   *
   * @return a name per run
   */
  public List<String> names() {
    List<String> names = runs.stream().map(run -> absolute(run).getFileName().toString()).toList();
    return Set.copyOf(names).size() == names.size()
        ? names
        : runs.stream().map(run -> absolute(run).toString()).toList();
  }

  /**
   * Whether all runs were trained on the same files; otherwise their numbers cannot be compared.
   *
   * @return true if data sets and hashes agree
   */
  public boolean isOnSameData() {
    return runs.stream().map(run -> List.of(run.dataset(), run.files())).distinct().count() == 1;
  }

  /**
   * The options that are not the same in all runs, by their names in {@code config.json}.
   *
   * @param run one of the runs
   * @return what it has for each; "-" if it knows no such option
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
   * The runs as a table for people, options that differ at the end of each line.
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
            : "%d of %d".formatted(run.epochs().size(), run.plannedEpochs()));
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
   * The table, and below it train and test loss and accuracy of all runs against epochs.
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

  /** A panel for the runs that were measured on the test set, another one for the validated. */
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
