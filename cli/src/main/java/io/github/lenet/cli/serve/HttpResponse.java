package io.github.lenet.cli.serve;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.Objects;

/**
 * What is sent back.
 *
 * @param status of HTTP
 * @param contentType its header
 * @param headers further ones, by name; they win over those that every response has
 * @param body writes what follows the headers
 */
record HttpResponse(int status, String contentType, Map<String, String> headers, Body body) {

  static final String JSON = "application/json";

  /** Writes bytes; long ones are sent while they are made. */
  interface Body {
    void writeTo(OutputStream out) throws IOException;
  }

  HttpResponse {
    Objects.requireNonNull(contentType, "contentType");
    headers = Map.copyOf(headers);
    Objects.requireNonNull(body, "body");
  }

  HttpResponse(int status, String contentType, Body body) {
    this(status, contentType, Map.of(), body);
  }

  static HttpResponse of(int status, String contentType, byte[] body) {
    return new HttpResponse(status, contentType, out -> out.write(body));
  }
}
