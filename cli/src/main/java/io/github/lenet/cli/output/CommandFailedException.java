package io.github.lenet.cli.output;

/** A command has said all it has to say, and the outcome is bad: the message is for the user. */
public final class CommandFailedException extends RuntimeException {

  private static final long serialVersionUID = 1;

  public CommandFailedException(String message) {
    super(message);
  }
}
