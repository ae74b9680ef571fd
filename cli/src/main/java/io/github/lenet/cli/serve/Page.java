package io.github.lenet.cli.serve;

/** The page to try the model. */
final class Page {

  private final ServedModel model;

  Page(ServedModel model) {
    this.model = model;
  }

  /** Answers; 404 for what it does not know. */
  HttpAnswer handle(HttpRequest request) {
    return HttpAnswer.of(404, "text/plain; charset=utf-8", model.name().getBytes());
  }
}
