package io.github.lenet.data;

import java.time.Duration;
import java.util.Objects;

/**
 * How long a data set may take to come before something else is done instead.
 *
 * @param start until the first byte arrives, and until the speed is known
 * @param whole for the whole download
 */
record Patience(Duration start, Duration whole) {
  private static final Duration FOREVER = Duration.ofDays(365);

  Patience {
    Objects.requireNonNull(start, "start");
    Objects.requireNonNull(whole, "whole");
  }

  static Patience endless() {
    return new Patience(FOREVER, FOREVER);
  }
}
