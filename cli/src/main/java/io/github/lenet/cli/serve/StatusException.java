package io.github.lenet.cli.serve;

import java.util.Objects;
import org.tensorflow.exceptions.TFResourceExhaustedException;

/** A request that can't be answered: why, for whoever sent it. */
final class StatusException extends Exception {

  private static final long serialVersionUID = 1;

  private final StatusCode code;

  /**
   * Without a stack trace, which would cost more than the response, and is of no use here.
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

  /** What a failure means to whoever sent the request; anything but memory is nobody's business. */
  static StatusException of(Throwable failure) {
    return failure instanceof OutOfMemoryError || failure instanceof TFResourceExhaustedException
        ? new StatusException(
            StatusCode.RESOURCE_EXHAUSTED,
            "The server is out of memory. Send fewer rows at a time, or try again later.")
        : new StatusException(StatusCode.INTERNAL, "internal error");
  }

  StatusCode code() {
    return code;
  }
}
