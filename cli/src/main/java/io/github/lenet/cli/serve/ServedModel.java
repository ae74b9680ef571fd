package io.github.lenet.cli.serve;

import io.github.lenet.model.LeNetModel;
import io.github.lenet.model.internal.SavedModelVersions;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The model that is served under one name, in the version that is current at the moment.
 *
 * <p>Whoever works with a version has leased it meanwhile: a version that is not current any more
 * is unloaded when the last of them has let go.
 */
final class ServedModel implements AutoCloseable {

  /** As often as TensorFlow Serving looks into the directory by default. */
  static final Duration POLL_INTERVAL = Duration.ofSeconds(1);

  /** Versions that are gone are remembered for the status, but not without end. */
  private static final int MOST_STATUSES = 100;

  private final String name;
  private final Batcher.Settings batching;
  private final ServingMetrics metrics;
  private final Consumer<String> events;

  private final NavigableMap<Long, VersionStatus> states = new TreeMap<>(Comparator.reverseOrder());
  private Version current;

  // Of the thread that watches.
  private ScheduledExecutorService watcher;
  private final Map<Long, String> refused = new HashMap<>();
  private String trouble = "";

  private ServedModel(
      String name, Batcher.Settings batching, ServingMetrics metrics, Consumer<String> events) {
    this.name = Objects.requireNonNull(name, "name");
    this.batching = Objects.requireNonNull(batching, "batching");
    this.metrics = Objects.requireNonNull(metrics, "metrics");
    this.events = Objects.requireNonNull(events, "events");
  }

  /** Where a version stands, in TensorFlow Serving's words. */
  enum State {
    LOADING,
    AVAILABLE,
    UNLOADING,
    END
  }

  /**
   * A version, and where it stands.
   *
   * @param error why it cannot be served; empty if nothing is wrong with it
   */
  record VersionStatus(long version, State state, String error) {}

  /**
   * Serves the network that comes with the library, as version 1.
   *
   * @throws IOException if it can't be read
   */
  static ServedModel pretrained(String name, Batcher.Settings batching, ServingMetrics metrics)
      throws IOException {
    Servable servable = warm(new Servable(1, LeNetModel.pretrained()), batching, name);
    return of(name, servable, batching, metrics);
  }

  /** Serves one version, which it closes. */
  static ServedModel of(
      String name, Servable servable, Batcher.Settings batching, ServingMetrics metrics) {
    ServedModel served = new ServedModel(name, batching, metrics, event -> {});
    served.swap(servable);
    return served;
  }

  /**
   * Serves a model from the disk. Where it lies among numbered versions, it is always the highest
   * number that can be read: one that is added is loaded, warmed up, and takes over; when it goes
   * away, the next lower one does. The last one stays, whatever becomes of its files.
   *
   * @param path a run directory, a SavedModel, or a directory of them by number
   * @param pollInterval how long after a look at the directory the next one is
   * @param events told, in words for people, what is loaded, and what can't be read
   * @throws IOException if there is none that can be read
   */
  static ServedModel watch(
      String name,
      Path path,
      Duration pollInterval,
      Batcher.Settings batching,
      ServingMetrics metrics,
      Consumer<String> events)
      throws IOException {
    ServedModel served = new ServedModel(name, batching, metrics, events);
    Optional<Path> directory = SavedModelVersions.directory(path);
    if (directory.isEmpty()) {
      served.swap(served.load(numberOf(path), path)); // or says what is wrong with it
      return served;
    }
    Path versions = directory.get();
    served.look(versions);
    if (served.current == null) {
      throw new IOException(
          versions
              + ": none of its versions can be read, for the reasons above. Export one again.");
    }
    served.watcher =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "lenet-watch");
              thread.setDaemon(true);
              return thread;
            });
    long pause = pollInterval.toMillis();
    served.watcher.scheduleWithFixedDelay(
        () -> served.lookAgain(versions), pause, pause, TimeUnit.MILLISECONDS);
    return served;
  }

  /** A SavedModel's number is its directory's name, where that is one. */
  private static long numberOf(Path path) {
    String name = path.toAbsolutePath().normalize().getFileName().toString();
    return name.matches("[0-9]{1,18}") ? Long.parseLong(name) : 1;
  }

  private void lookAgain(Path versions) {
    try {
      look(versions);
      trouble = "";
    } catch (IOException | RuntimeException e) {
      if (!trouble.equals(e.toString())) {
        trouble = e.toString();
        events.accept(
            "%s: cannot be read (%s); version %d stays"
                .formatted(versions, e, current.servable.version()));
      }
    }
  }

  /** Serves the highest version that can be read, if that is not done already. */
  private void look(Path versions) throws IOException {
    NavigableMap<Long, Path> found = SavedModelVersions.list(versions);
    for (Map.Entry<Long, Path> version : found.descendingMap().entrySet()) {
      if (current != null && current.servable.version() == version.getKey()) {
        return;
      }
      String files = fingerprint(version.getValue());
      if (!files.equals(refused.get(version.getKey()))) {
        try {
          swap(load(version.getKey(), version.getValue()));
          return;
        } catch (IOException | RuntimeException e) {
          refused.put(version.getKey(), files); // until its files change
          set(version.getKey(), State.END, String.valueOf(e.getMessage()));
          events.accept("version %d is not served: %s".formatted(version.getKey(), e.getMessage()));
        }
      }
    }
  }

  /** Changes when a file is added, written or removed. */
  private static String fingerprint(Path directory) throws IOException {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> files = Files.walk(directory, FileVisitOption.FOLLOW_LINKS)) {
      for (Path file : files.sorted().toList()) {
        all.append(file).append(' ').append(Files.size(file)).append(' ');
        all.append(Files.getLastModifiedTime(file)).append('\n');
      }
    }
    return all.toString();
  }

  /** Loads a version, and runs it once, which costs more than all later runs. */
  private Servable load(long version, Path path) throws IOException {
    set(version, State.LOADING, "");
    return warm(new Servable(version, LeNetModel.load(path)), batching, path.toString());
  }

  private static Servable warm(Servable servable, Batcher.Settings batching, String what)
      throws IOException {
    try {
      servable.warmUp(batching.maxRows());
      return servable;
    } catch (StatusException | RuntimeException e) {
      servable.close();
      throw new IOException("%s: does not work: %s".formatted(what, e.getMessage()), e);
    }
  }

  private synchronized void swap(Servable servable) {
    Version before = current;
    current = new Version(servable);
    set(servable.version(), State.AVAILABLE, "");
    events.accept("version %d is served".formatted(servable.version()));
    if (before != null) {
      before.retire();
    }
  }

  /** As in {@code /v1/models/NAME}. */
  String name() {
    return name;
  }

  /** All versions that were tried since the start, the newest first. */
  synchronized List<VersionStatus> statuses() {
    return List.copyOf(states.values());
  }

  private synchronized void set(long version, State state, String error) {
    states.put(version, new VersionStatus(version, state, error));
    if (states.size() > MOST_STATUSES) {
      long oldest = states.lastKey();
      boolean served = current != null && current.servable.version() == oldest;
      states.remove(served ? states.lowerKey(oldest) : oldest);
    }
  }

  /**
   * Takes hold of the version that is served.
   *
   * @param version which one it has to be, if any
   * @return the version, which stays loaded until it is closed; empty if it is not served, or
   *     nothing is any more
   */
  synchronized Optional<Version> lease(OptionalLong version) {
    if (current.retired
        || version.isPresent() && version.getAsLong() != current.servable.version()) {
      return Optional.empty();
    }
    current.leases++;
    return Optional.of(current);
  }

  /** A loaded version, in the hands of those who work with it. */
  final class Version implements AutoCloseable {

    private final Servable servable;
    private final Batcher batcher;
    private int leases;
    private boolean retired;

    private Version(Servable servable) {
      this.servable = servable;
      batcher = new Batcher(servable, batching, metrics);
    }

    /** What is served. */
    Servable servable() {
      return servable;
    }

    /**
     * Runs the network, in one batch with concurrent requests for the same signature.
     *
     * @see Batcher#predict
     */
    Map<String, HeapTensor> predict(String key, Map<String, HeapTensor> inputs)
        throws StatusException {
      return batcher.predict(key, inputs);
    }

    /** Lets go; once for each {@link ServedModel#lease}. */
    @Override
    public void close() {
      synchronized (ServedModel.this) {
        leases--;
        unloadIfUnused();
      }
    }

    private void retire() {
      synchronized (ServedModel.this) {
        retired = true;
        set(servable.version(), State.UNLOADING, "");
        unloadIfUnused();
      }
    }

    private void unloadIfUnused() {
      if (retired && leases == 0) {
        servable.close();
        if (current == this || current.servable.version() != servable.version()) {
          set(servable.version(), State.END, ""); // or it has been loaded again meanwhile
        }
      }
    }
  }

  /** Stops looking for versions; the last one is closed when nobody works with it any more. */
  @Override
  public void close() {
    if (watcher != null) {
      watcher.shutdownNow();
    }
    current.retire();
  }
}
