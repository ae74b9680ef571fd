package io.github.lenet.training.device;

import java.util.Optional;

/** Finds out whether a GPU can be used; behind an interface so that tests need none. */
@FunctionalInterface
interface GpuProbe {

  /**
   * Why a GPU can't be used.
   *
   * @param gpu which, and with which settings: those of the first session on a GPU stay for the
   *     whole process
   * @return the reason in a sentence without a full stop; empty if it can be used
   */
  Optional<String> unavailableReason(DeviceSelection gpu);
}
