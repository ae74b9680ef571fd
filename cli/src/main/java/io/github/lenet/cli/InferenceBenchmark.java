package io.github.lenet.cli;

import io.github.lenet.model.LeNetClassifier;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.stream.Stream;

/**
 * Measures the time of predictions, with the calls of an application. The caller owns the
 * classifier. Closing this ends the threads.
 */
final class InferenceBenchmark implements AutoCloseable {

  /** Predictions of each caller in a round. Ten of them lie beyond the 99th percentile. */
  private static final int PREDICTIONS = 1_000;

  private final LeNetClassifier classifier;
  private final List<byte[]> images;
  private final int callers;
  private final ForkJoinPool threads;

  InferenceBenchmark(LeNetClassifier classifier, List<byte[]> images, int callers) {
    this.classifier = classifier;
    this.images = images;
    this.callers = callers;
    threads = new ForkJoinPool(callers);
  }

  /**
   * The result of a round.
   *
   * @param imagesPerSecond rate with all images in one call
   * @param medianMicroseconds median time of one image with one caller
   * @param p99Microseconds 99th percentile of these times
   * @param predictionsPerSecondOfOneCaller rate of one caller, one image after another
   * @param predictionsPerSecond total rate of all callers at the same time
   */
  record Round(
      double imagesPerSecond,
      double medianMicroseconds,
      double p99Microseconds,
      double predictionsPerSecondOfOneCaller,
      double predictionsPerSecond) {

    /** {@return the rate of all callers relative to one, from separate measurements} */
    double scaling() {
      return predictionsPerSecond / predictionsPerSecondOfOneCaller;
    }
  }

  Round round() {
    long start = System.nanoTime();
    // The classifier's parallel stream runs in the pool of the calling task.
    threads.submit(() -> classifier.probabilities(images)).join();
    double imagesPerSecond = images.size() / secondsSince(start);

    start = System.nanoTime();
    long[] nanos = predict();
    double ofOne = PREDICTIONS / secondsSince(start);
    Arrays.sort(nanos);

    start = System.nanoTime();
    List<ForkJoinTask<long[]>> asking =
        Stream.generate(() -> threads.submit(this::predict)).limit(callers).toList();
    asking.forEach(ForkJoinTask::join);
    double ofAll = (double) callers * PREDICTIONS / secondsSince(start);
    return new Round(
        imagesPerSecond, percentile(nanos, 50) / 1e3, percentile(nanos, 99) / 1e3, ofOne, ofAll);
  }

  /** {@return the times of predictions, one image after another, in nanoseconds} */
  private long[] predict() {
    long[] nanos = new long[PREDICTIONS];
    for (int i = 0; i < PREDICTIONS; i++) {
      long start = System.nanoTime();
      classifier.predict(images.get(i % images.size()), 1);
      nanos[i] = System.nanoTime() - start;
    }
    return nanos;
  }

  /** {@return the percentile of sorted values by nearest rank} */
  static long percentile(long[] sorted, int percent) {
    return sorted[(sorted.length * percent + 99) / 100 - 1];
  }

  private static double secondsSince(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  @Override
  public void close() {
    threads.shutdown();
  }
}
