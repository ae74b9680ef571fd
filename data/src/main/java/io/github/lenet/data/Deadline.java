package io.github.lenet.data;

import java.time.Duration;

/** A moment by which something must be done. */
final class Deadline {
  private static final Duration FOREVER = Duration.ofDays(365);

  private final Duration patience;
  private final long start = System.nanoTime();

  private Deadline(Duration patience) {
    this.patience = patience;
  }

  static Deadline in(Duration patience) {
    return new Deadline(patience);
  }

  static Deadline never() {
    return new Deadline(FOREVER);
  }

  /** How long from the start to the deadline. */
  Duration patience() {
    return patience;
  }

  boolean passed() {
    return remaining().isZero();
  }

  /** What is left, zero when the moment has passed. */
  Duration remaining() {
    Duration left = patience.minusNanos(System.nanoTime() - start);
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
