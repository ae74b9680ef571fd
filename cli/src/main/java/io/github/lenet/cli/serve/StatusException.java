package io.github.lenet.cli.serve;

import java.util.Objects;

/** A request that can't be answered: why, for whoever sent it. */
final class StatusException extends Exception {

  private static final long serialVersionUID = 1;

  private final StatusCode code;

  /**
   * Without a stack trace, which would cost more than the answer, and is of no use here.
   *
   * @param message for the client; holds nothing that it did not send or may not know
   */
  StatusException(StatusCode code, String message) {
    super(message, null, false, false);
    this.code = Objects.requireNonNull(code, "code");
  }

  static StatusException invalid(String message) {
    return new StatusException(StatusCode.INVALID_ARGUMENT, message);
  }

  StatusCode code() {
    return code;
  }
}
