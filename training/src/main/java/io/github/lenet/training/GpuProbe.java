package io.github.lenet.training;

import java.util.Optional;

/** Finds out whether a GPU can be used; behind an interface so that tests need none. */
@FunctionalInterface
interface GpuProbe {

  /**
   * Why the GPU can't be used.
   *
   * @param index counted from 0
   * @return the reason in a sentence without a full stop; empty if it can be used
   */
  Optional<String> whyNot(int index);
}
