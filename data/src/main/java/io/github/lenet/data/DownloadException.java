package io.github.lenet.data;

import java.io.IOException;

/**
 * Thrown when a file cannot be had: one line that names each mirror and why it failed, or says that
 * the download is too slow to wait for.
 */
public final class DownloadException extends IOException {
  private static final long serialVersionUID = 1;

  DownloadException(String message) {
    super(message);
  }
}
