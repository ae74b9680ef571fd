package io.github.lenet.cli.serve;

import java.nio.charset.StandardCharsets;

/** TensorFlow Serving's REST API. */
final class RestApi {

  private final ServedModel model;
  private final ServingMetrics metrics;

  RestApi(ServedModel model, ServingMetrics metrics) {
    this.model = model;
    this.metrics = metrics;
  }

  /** Answers; what goes wrong is part of the answer. */
  HttpAnswer handle(HttpRequest request) {
    return HttpAnswer.of(501, HttpAnswer.JSON, model.name().getBytes(StandardCharsets.UTF_8));
  }
}
