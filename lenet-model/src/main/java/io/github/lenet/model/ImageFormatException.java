package io.github.lenet.model;

import java.io.IOException;

/** Thrown when an image cannot be decoded or is too large. */
public final class ImageFormatException extends IOException {

  private static final long serialVersionUID = 1;

  ImageFormatException(String message) {
    super(message);
  }

  ImageFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
