package io.github.lenet.training.run;

import io.github.lenet.data.Provenance;
import io.github.lenet.model.internal.AtomicFile;
import io.github.lenet.training.EpochResult;
import io.github.lenet.training.Metrics;
import io.github.lenet.training.TrainingConfig;
import io.github.lenet.training.TrainingListener;
import io.github.lenet.training.internal.figure.LineChart;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Draws {@code curves.svg} after each epoch: losses, accuracies, and the learning rate if it
 * changes.
 *
 * @param directory the run directory
 * @param config the training settings
 * @param data the training data
 * @param history the history of the run
 */
record CurvesWriter(
    RunDirectory directory, TrainingConfig config, Provenance data, HistoryRecorder history)
    implements TrainingListener {

  static final String FILE = "curves.svg";

  @Override
  public void onEpoch(EpochResult result) throws IOException {
    write();
  }

  /** Draws the history so far. */
  void write() throws IOException {
    AtomicFile.write(directory.file(FILE), svg());
  }

  private String svg() {
    boolean validates = config.hasValidation();
    List<LineChart.Curve> curves = new ArrayList<>();
    curves.add(training("train loss", LineChart.Axis.LOSS, RunHistory.Point::loss));
    if (validates) {
      curves.add(evaluation("val loss", LineChart.Axis.LOSS, Metrics::meanLoss));
    }
    curves.add(training("train acc", LineChart.Axis.ACCURACY, RunHistory.Point::accuracy));
    curves.add(
        evaluation(validates ? "val acc" : "test acc", LineChart.Axis.ACCURACY, Metrics::accuracy));
    if (config.changesLearningRate()) { // at every point, so that a step is drawn as a step
      curves.add(
          training(
              "learning rate",
              new LineChart.Axis("learning rate", 0, 0),
              point -> config.learningRateAt(point.epoch())));
    }
    return LineChart.draw(
        "LeNet-5 on " + data.title(),
        data.isFallback() ? data.note() : settings(),
        config.epochs(),
        curves);
  }

  private LineChart.Curve training(
      String name, LineChart.Axis axis, ToDoubleFunction<RunHistory.Point> value) {
    return curve(name, axis, history.points(), RunHistory.Point::epoch, value);
  }

  private LineChart.Curve evaluation(
      String name, LineChart.Axis axis, ToDoubleFunction<Metrics> value) {
    return curve(
        name,
        axis,
        history.epochs(),
        EpochResult::epoch,
        result -> value.applyAsDouble(result.validation()));
  }

  private static <T> LineChart.Curve curve(
      String name,
      LineChart.Axis axis,
      List<T> values,
      ToDoubleFunction<T> epoch,
      ToDoubleFunction<T> value) {
    Function<T, LineChart.Point> point =
        each -> new LineChart.Point(epoch.applyAsDouble(each), value.applyAsDouble(each));
    return new LineChart.Curve(name, axis, values.stream().map(point).toList());
  }

  private String settings() {
    return String.format(
        Locale.ROOT,
        "%s, batch %d, learning rate %s, seed %d",
        data.title(),
        config.batchSize(),
        config.optimizer().learningRate(),
        config.seed());
  }
}
