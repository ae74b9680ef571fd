package io.github.lenet.cli.serve;

/**
 * What can become of a request, in TensorFlow's words, and the HTTP status that TensorFlow Serving
 * gives for it ({@code http_server.cc}).
 */
enum StatusCode {
  OK(200),
  INVALID_ARGUMENT(400),
  NOT_FOUND(404),
  DEADLINE_EXCEEDED(504),
  RESOURCE_EXHAUSTED(429),
  UNAVAILABLE(503),
  UNIMPLEMENTED(501),
  INTERNAL(500);

  private final int http;

  StatusCode(int http) {
    this.http = http;
  }

  /** Of the response. */
  int http() {
    return http;
  }
}
