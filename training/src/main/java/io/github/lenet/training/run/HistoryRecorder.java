package io.github.lenet.training.run;

import io.github.lenet.training.BatchProgress;
import io.github.lenet.training.EpochResult;
import io.github.lenet.training.Metrics;
import io.github.lenet.training.TrainingListener;
import java.util.ArrayList;
import java.util.List;

/** Records a run's epochs and the points of its curves, for the listeners that write them. */
final class HistoryRecorder implements TrainingListener {

  /** The chapter's chart has a point every 50 batches. Short epochs have one every quarter. */
  private static final int BATCHES_PER_POINT = 50;

  private static final int POINTS_PER_EPOCH = 4;

  private final List<EpochResult> epochs;
  private final List<RunHistory.Point> points;

  /**
   * @param done the history of earlier processes
   */
  HistoryRecorder(RunHistory done) {
    epochs = new ArrayList<>(done.results());
    points = new ArrayList<>(done.points());
  }

  /** {@return whether the curves have a point after this batch} */
  static boolean isPoint(BatchProgress progress) {
    int interval = Math.max(1, Math.min(BATCHES_PER_POINT, progress.batches() / POINTS_PER_EPOCH));
    return progress.batch() % interval == 0 || progress.batch() == progress.batches();
  }

  @Override
  public void onBatch(BatchProgress progress) {
    if (isPoint(progress)) {
      double epoch = progress.epoch() - 1 + (double) progress.batch() / progress.batches();
      Metrics train = progress.train();
      points.add(new RunHistory.Point(epoch, train.meanLoss(), train.accuracy()));
    }
  }

  @Override
  public void onEpoch(EpochResult result) {
    epochs.add(result);
  }

  List<EpochResult> epochs() {
    return epochs;
  }

  List<RunHistory.Point> points() {
    return points;
  }

  /**
   * @param steps the gradient steps so far
   */
  RunHistory history(long steps) {
    return new RunHistory(steps, epochs.stream().map(RunHistory.Epoch::of).toList(), points);
  }
}
