package io.github.lenet.training.device;

import java.io.IOException;

/** Thrown if a requested GPU is missing or unusable. */
final class DeviceUnavailableException extends IOException {

  private static final long serialVersionUID = 1;

  DeviceUnavailableException(String message) {
    super(message);
  }
}
