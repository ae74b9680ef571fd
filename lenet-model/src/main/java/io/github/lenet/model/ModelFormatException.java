package io.github.lenet.model;

import java.io.IOException;

/** Thrown when a model to load is missing, corrupt or of another kind. */
public final class ModelFormatException extends IOException {

  private static final long serialVersionUID = 1;

  ModelFormatException(String message) {
    super(message);
  }

  ModelFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
