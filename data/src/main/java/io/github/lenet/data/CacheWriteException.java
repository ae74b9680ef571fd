package io.github.lenet.data;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Thrown when the cache cannot be written. Another mirror would not help. */
final class CacheWriteException extends IOException {
  private static final long serialVersionUID = 1;

  static final String CHOOSE_ANOTHER =
      "Make room or give write permission there, or name another cache directory in LENET_CACHE.";

  CacheWriteException(String message, IOException cause) {
    super(message, cause);
  }

  static CacheWriteException of(Path path, IOException cause) {
    return new CacheWriteException(
        "%s: the cache cannot be written: %s. %s".formatted(path, why(cause), CHOOSE_ANOTHER),
        cause);
  }

  static String why(IOException cause) {
    if (cause instanceof NoSuchFileException) {
      return "no such file or directory";
    }
    if (cause instanceof AccessDeniedException) {
      return "permission denied";
    }
    // A FileSystemException's message repeats the path.
    if (cause instanceof FileSystemException failure) {
      String kind = failure.getClass().getSimpleName().replace("Exception", "");
      return failure.getReason() != null ? failure.getReason() : kind + " " + failure.getFile();
    }
    return String.valueOf(cause.getMessage());
  }
}
