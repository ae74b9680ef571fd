package io.github.lenet.cli.serve;

import java.util.Objects;

/**
 * A request that has come in whole.
 *
 * @param method such as {@code GET}, as it was sent
 * @param path as it was sent, with its escapes, without the query
 * @param body not copied; empty if there was none
 */
record HttpRequest(String method, String path, byte[] body) {

  HttpRequest {
    Objects.requireNonNull(method, "method");
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(body, "body");
  }
}
