package io.github.lenet.cli.output;

/** Signals that a command failed. The message is shown to the user as it is. */
public final class CommandFailedException extends RuntimeException {

  private static final long serialVersionUID = 1;

  public CommandFailedException(String message) {
    super(message);
  }
}
