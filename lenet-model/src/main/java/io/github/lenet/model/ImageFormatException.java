package io.github.lenet.model;

import java.io.IOException;

/** An image that cannot be decoded, or is too large to be. */
public final class ImageFormatException extends IOException {

  private static final long serialVersionUID = 1;

  ImageFormatException(String message) {
    super(message);
  }

  ImageFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
