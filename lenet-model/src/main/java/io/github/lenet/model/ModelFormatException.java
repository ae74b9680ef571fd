package io.github.lenet.model;

import java.io.IOException;

/** What was to be loaded is no model, a corrupt one, or one of another kind. */
public final class ModelFormatException extends IOException {

  private static final long serialVersionUID = 1;

  ModelFormatException(String message) {
    super(message);
  }

  ModelFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
