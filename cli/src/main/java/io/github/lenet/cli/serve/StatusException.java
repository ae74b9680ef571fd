package io.github.lenet.cli.serve;

import java.util.Objects;
import org.tensorflow.exceptions.TFResourceExhaustedException;

/** A request that can't be answered: why, for whoever sent it. */
final class StatusException extends Exception {

  private static final long serialVersionUID = 1;

  private final Code code;

  /**
   * What can become of a request, in TensorFlow's words, and the HTTP status that TensorFlow
   * Serving gives for it ({@code http_server.cc}).
   */
  enum Code {
    OK(200),
    INVALID_ARGUMENT(400),
    NOT_FOUND(404),
    RESOURCE_EXHAUSTED(429),
    UNAVAILABLE(503),
    INTERNAL(500);

    private final int http;

    Code(int http) {
      this.http = http;
    }

    /** Of the response. */
    int http() {
      return http;
    }
  }

  /**
   * Without a stack trace, which would cost more than the response, and is of no use here.
   *
   * @param message for the client; holds nothing that it did not send or may not know
   */
  StatusException(Code code, String message) {
    super(message, null, false, false);
    this.code = Objects.requireNonNull(code, "code");
  }

  static StatusException invalid(String message) {
    return new StatusException(Code.INVALID_ARGUMENT, message);
  }

  /** What a failure means to whoever sent the request; anything but memory is nobody's business. */
  static StatusException of(Throwable failure) {
    return failure instanceof OutOfMemoryError || failure instanceof TFResourceExhaustedException
        ? new StatusException(
            Code.RESOURCE_EXHAUSTED,
            "The server is out of memory. Send fewer rows at a time, or try again later.")
        : new StatusException(Code.INTERNAL, "internal error");
  }

  Code code() {
    return code;
  }
}
