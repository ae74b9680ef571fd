package io.github.lenet.cli.serve;

import java.util.Objects;

/** What has been asked, and how long it took, for Prometheus. */
final class ServingMetrics {

  private final String modelName;

  ServingMetrics(String modelName) {
    this.modelName = Objects.requireNonNull(modelName, "modelName");
  }

  /** What TensorFlow Serving measures apart. */
  enum Api {
    PREDICT,
    CLASSIFY
  }

  /**
   * Counts a request to the network that has been answered.
   *
   * @param nanos from its last byte read to the answer made
   */
  void countRequest(Api api, StatusCode status, long nanos) {}

  /** Counts a run of the network. */
  void countBatch(int rows) {}

  /** All of it, in Prometheus' text format. */
  String toText() {
    return modelName;
  }
}
