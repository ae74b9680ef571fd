package io.github.lenet.data;

import java.time.Duration;

/** A moment by which something must be done. */
final class Deadline {
  private final Duration patience;
  private final long start = System.nanoTime();

  private Deadline(Duration patience) {
    this.patience = patience;
  }

  static Deadline in(Duration patience) {
    return new Deadline(patience);
  }

  /** How long from the start to the deadline. */
  Duration patience() {
    return patience;
  }

  boolean passed() {
    return remaining().isZero();
  }

  Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - start);
  }

  /** What is left, zero when the moment has passed. */
  Duration remaining() {
    Duration left = patience.minus(elapsed());
    return left.isNegative() ? Duration.ZERO : left;
  }

  /**
   * The shorter of a duration and what is left, but not zero: a request cannot wait for nothing.
   */
  Duration atMost(Duration duration) {
    Duration left = remaining();
    Duration shorter = left.compareTo(duration) < 0 ? left : duration;
    return shorter.isZero() ? Duration.ofMillis(1) : shorter;
  }
}
