package io.github.lenet.training.internal.io;

import java.io.IOException;
import java.nio.file.Path;

/** What was to be read is no run directory, or a corrupt one. */
public final class RunFormatException extends IOException {

  private static final long serialVersionUID = 1;

  /**
   * Makes the exception.
   *
   * @param message what was read, what is wrong with it, and what to do
   */
  public RunFormatException(String message) {
    super(message);
  }

  /**
   * Makes the exception.
   *
   * @param message what was read, what is wrong with it, and what to do
   * @param cause why
   */
  public RunFormatException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * A directory without the configuration of a run.
   *
   * @param directory that was to be a run's
   * @param cause that the file is missing
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
