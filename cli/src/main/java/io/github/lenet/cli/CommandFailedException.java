package io.github.lenet.cli;

/** A command has said all it has to say, and the outcome is bad: the message is for the user. */
final class CommandFailedException extends RuntimeException {

  private static final long serialVersionUID = 1;

  CommandFailedException(String message) {
    super(message);
  }
}
