package io.github.lenet.cli.serve;

import java.util.Objects;

/**
 * A complete request.
 *
 * @param method as sent, such as {@code GET}
 * @param path as sent, percent-encoded, without the query
 * @param query as sent, with the question mark; empty without a query
 * @param origin the header of this name; empty without it
 * @param body not copied; empty without a body
 */
record HttpRequest(String method, String path, String query, String origin, byte[] body) {

  HttpRequest {
    Objects.requireNonNull(method, "method");
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(query, "query");
    Objects.requireNonNull(origin, "origin");
    Objects.requireNonNull(body, "body");
  }

  /** A request without query and origin. */
  HttpRequest(String method, String path, byte[] body) {
    this(method, path, "", "", body);
  }
}
