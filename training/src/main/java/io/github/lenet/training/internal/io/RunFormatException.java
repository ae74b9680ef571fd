package io.github.lenet.training.internal.io;

import java.io.IOException;
import java.nio.file.Path;

/** Thrown if a directory is no run directory, or a corrupt one. */
public final class RunFormatException extends IOException {

  private static final long serialVersionUID = 1;

  /**
   * Creates the exception.
   *
   * @param message the file, the problem and the remedy
   */
  public RunFormatException(String message) {
    super(message);
  }

  /**
   * Creates the exception.
   *
   * @param message the file, the problem and the remedy
   * @param cause the cause
   */
  public RunFormatException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * Creates the exception for a directory without the configuration of a run.
   *
   * @param directory the directory
   * @param cause the exception for the missing file
   * @return the exception
   */
  public static RunFormatException notARun(Path directory, Throwable cause) {
    return new RunFormatException(
        directory
            + ": is no run directory: expected config.json in it, found none. Name the directory of"
            + " a training run.",
        cause);
  }
}
