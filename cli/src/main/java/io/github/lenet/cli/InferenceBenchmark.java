package io.github.lenet.cli;

import io.github.lenet.model.LeNetClassifier;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.stream.Stream;

/**
 * Measures how long predictions take, called as applications call them. The classifier stays the
 * caller's; closing ends the threads.
 */
final class InferenceBenchmark implements AutoCloseable {

  /** By each caller in a round: ten lie beyond the 99th percentile. */
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
   * What a round gave.
   *
   * @param imagesPerSecond all images in one call
   * @param medianMicroseconds of one image, asked for by one caller
   * @param p99Microseconds their 99th percentile
   * @param predictionsPerSecondOfOneCaller one image after another
   * @param predictionsPerSecond the same by all callers at a time, together
   */
  record Round(
      double imagesPerSecond,
      double medianMicroseconds,
      double p99Microseconds,
      double predictionsPerSecondOfOneCaller,
      double predictionsPerSecond) {

    /** How much more all callers get than one, measured one after the other. */
    double scaling() {
      return predictionsPerSecond / predictionsPerSecondOfOneCaller;
    }
  }

  Round round() {
    long start = System.nanoTime();
    // The classifier's parallel stream stays on the threads that its caller's task runs on.
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

  /** One image after another: how long each took, in nanoseconds. */
  private long[] predict() {
    long[] nanos = new long[PREDICTIONS];
    for (int i = 0; i < PREDICTIONS; i++) {
      long start = System.nanoTime();
      classifier.predict(images.get(i % images.size()), 1);
      nanos[i] = System.nanoTime() - start;
    }
    return nanos;
  }

  /** The smallest value that so many in a hundred do not exceed (nearest rank). */
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
