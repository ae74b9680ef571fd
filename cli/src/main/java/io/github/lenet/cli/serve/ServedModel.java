package io.github.lenet.cli.serve;

import io.github.lenet.model.LeNetClassifier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * The model that is served under one name, in the version that is current at the moment.
 *
 * <p>Whoever works with a version holds a {@link Lease} on it meanwhile.
 */
final class ServedModel implements AutoCloseable {

  private final String name;
  private final Servable current;

  ServedModel(String name, Servable current) {
    this.name = Objects.requireNonNull(name, "name");
    this.current = Objects.requireNonNull(current, "current");
  }

  /**
   * Serves the network that comes with the library, as version 1.
   *
   * @throws IOException if it can't be read
   */
  static ServedModel pretrained(String name, Batching batching, ServingMetrics metrics)
      throws IOException {
    try (LeNetClassifier classifier = LeNetClassifier.pretrained()) {
      return new ServedModel(name, new Servable(1, classifier));
    }
  }

  /**
   * Serves a model from the disk; where it lies among numbered versions, always the newest one that
   * is complete.
   *
   * @param path a run directory, a SavedModel, or a directory of them by number
   * @param events told, in words for people, what is loaded, dropped or can't be read after the
   *     start
   * @throws IOException if there is none that can be read
   */
  static ServedModel watch(
      String name, Path path, Batching batching, ServingMetrics metrics, Consumer<String> events)
      throws IOException {
    try (LeNetClassifier classifier = LeNetClassifier.load(path)) {
      return new ServedModel(name, new Servable(1, classifier));
    }
  }

  /** As in {@code /v1/models/NAME}. */
  String name() {
    return name;
  }

  /**
   * Something that was or is being served.
   *
   * @param state LOADING, AVAILABLE, UNLOADING or END
   */
  record VersionStatus(long version, State state) {}

  /** Where a version stands, in TensorFlow Serving's words. */
  enum State {
    LOADING,
    AVAILABLE,
    UNLOADING,
    END
  }

  /** All versions that were loaded since the start, the newest first. */
  List<VersionStatus> statuses() {
    return List.of(new VersionStatus(current.version(), State.AVAILABLE));
  }

  /**
   * Takes hold of the version that is served.
   *
   * @param version which one it has to be, if any
   * @return the version, which stays loaded until the lease is closed; empty if it is not served
   */
  Optional<Lease> lease(OptionalLong version) {
    return version.isPresent() && version.getAsLong() != current.version()
        ? Optional.empty()
        : Optional.of(new Lease(current));
  }

  /** Keeps a version loaded. */
  static final class Lease implements AutoCloseable {

    private final Servable servable;

    private Lease(Servable servable) {
      this.servable = servable;
    }

    /** What is leased. */
    Servable servable() {
      return servable;
    }

    /**
     * Asks the network, together with others who ask the same signature at about the same time.
     *
     * @param key one of the servable's signatures
     * @param inputs all of the signature's, with the same number of rows, at least one
     * @return the signature's outputs, by name, in its order, with as many rows
     * @throws StatusException if they can't be computed
     */
    Map<String, HeapTensor> predict(String key, Map<String, HeapTensor> inputs)
        throws StatusException {
      return servable.run(key, inputs);
    }

    @Override
    public void close() {}
  }

  @Override
  public void close() {
    current.close();
  }
}
