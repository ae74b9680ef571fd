package io.github.lenet.training.device;

import java.util.Optional;

/** Checks whether a GPU is usable. It is an interface so that tests need no GPU. */
@FunctionalInterface
interface GpuProbe {

  /**
   * Returns the reason why a GPU is unavailable.
   *
   * @param gpu the GPU and its settings. The first session on a GPU decides the settings for the
   *     whole process.
   * @return the reason in a sentence without a full stop; empty if the GPU is usable
   */
  Optional<String> unavailableReason(DeviceSelection gpu);
}
