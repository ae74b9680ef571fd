package io.github.lenet.data;

import java.io.IOException;

/**
 * Thrown when a file cannot be downloaded. The one-line message names each mirror and its failure,
 * or says that downloading is off.
 */
public final class DownloadException extends IOException {
  private static final long serialVersionUID = 1;

  DownloadException(String message) {
    super(message);
  }
}
