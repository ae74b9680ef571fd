package io.github.lenet.training;

import java.io.IOException;

/** What was to be read is no run directory, or a corrupt one. */
public final class RunFormatException extends IOException {

  private static final long serialVersionUID = 1;

  RunFormatException(String message) {
    super(message);
  }

  RunFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
