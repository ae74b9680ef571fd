package io.github.lenet.training.device;

import java.io.IOException;

/** A GPU was asked for that is not there or can't be used. */
final class DeviceUnavailableException extends IOException {

  private static final long serialVersionUID = 1;

  DeviceUnavailableException(String message) {
    super(message);
  }
}
