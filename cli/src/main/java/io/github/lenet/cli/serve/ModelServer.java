package io.github.lenet.cli.serve;

import io.github.lenet.data.DatasetCache;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** A model behind HTTP, from the port to the network; whoever starts it closes it. */
public final class ModelServer implements AutoCloseable {

  /** Ports below are the system's. */
  private static final int FIRST_FREE_PORT = 1024;

  private final Settings settings;
  private final InetAddress host;
  private final HttpFrontend front;
  private final ServedModel model;

  /**
   * What is served, and where.
   *
   * @param model a run directory, a SavedModel, or a directory of them by number; empty: the
   *     network that comes with the program
   * @param name as in {@code /v1/models/NAME}
   * @param host a name or an address of this machine
   * @param port 0: any that is free
   * @param batchWindow how long the first of several requests waits for others
   * @param maxBatchSize as many images at most go through the network at once
   * @param dataDirectory where the page's test images are, if not in the cache
   * @param origin whose pages may ask in a browser; {@code *} for all
   */
  public record Settings(
      Optional<Path> model,
      String name,
      String host,
      int port,
      Duration batchWindow,
      int maxBatchSize,
      Optional<Path> dataDirectory,
      Optional<String> origin) {

    /** What is usual where nothing else is said. */
    public static final Duration BATCH_WINDOW = Batcher.Settings.DEFAULT.window();

    /** What is usual where nothing else is said. */
    public static final int MAX_BATCH_SIZE = Batcher.Settings.DEFAULT.maxRows();

    public Settings {
      Objects.requireNonNull(model, "model");
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(host, "host");
      Objects.requireNonNull(batchWindow, "batchWindow");
      Objects.requireNonNull(dataDirectory, "dataDirectory");
      Objects.requireNonNull(origin, "origin");
    }

    private Batcher.Settings batching() {
      return new Batcher.Settings(
          maxBatchSize, batchWindow, Batcher.Settings.DEFAULT.maxQueuedRows());
    }
  }

  /**
   * Loads the model and handles requests from then on.
   *
   * @param events told, in words for people, what happens while it serves
   * @throws IOException if the port can't be had or the model can't be read
   */
  public ModelServer(Settings settings, Consumer<String> events) throws IOException {
    this.settings = settings;
    host = resolve(settings.host());
    ServingMetrics metrics = new ServingMetrics(settings.name());
    front = bind(host, settings, metrics); // before the model: what fails soon is told soon
    try {
      model = load(settings, metrics, events);
    } catch (IOException | RuntimeException | Error e) {
      front.close();
      throw e;
    }
    TestImages images = new TestImages(settings.dataDirectory(), DatasetCache.defaultDirectory());
    front.start(
        new RestApi(model, metrics)::handle, new Page(model, images)::handle, settings.origin());
  }

  private static InetAddress resolve(String host) throws IOException {
    try {
      return InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw new IOException(
          "host %s: cannot be found: name an address of this machine with --host, such as 127.0.0.1"
              .formatted(host),
          e);
    }
  }

  private static HttpFrontend bind(InetAddress host, Settings settings, ServingMetrics metrics)
      throws IOException {
    int port = settings.port();
    try {
      return new HttpFrontend(
          new InetSocketAddress(host, port), HttpFrontend.Limits.DEFAULT, metrics);
    } catch (SocketException e) {
      String problem = "port %d on %s ".formatted(port, settings.host());
      if (!host.isAnyLocalAddress() && NetworkInterface.getByInetAddress(host) == null) {
        problem =
            "host %s: is not this machine's: name an address of its own with --host, or"
                .formatted(settings.host());
        throw new IOException(problem + " 0.0.0.0 for all it has", e);
      }
      if (port < FIRST_FREE_PORT
          && String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains("permission")) {
        throw new IOException(
            problem
                + "is the system's: choose one from %d on with --port".formatted(FIRST_FREE_PORT),
            e);
      }
      if (e instanceof BindException) {
        throw new IOException(
            problem
                + "is taken: stop what listens there, or choose another with --port (0: any that is"
                + " free)",
            e);
      }
      throw new IOException(problem + "cannot be had: " + e.getMessage(), e);
    }
  }

  private static ServedModel load(
      Settings settings, ServingMetrics metrics, Consumer<String> events) throws IOException {
    return settings.model().isPresent()
        ? ServedModel.watch(
            settings.name(),
            settings.model().get(),
            ServedModel.POLL_INTERVAL,
            settings.batching(),
            metrics,
            events)
        : ServedModel.pretrained(settings.name(), settings.batching(), metrics);
  }

  /** The server's address, as in {@code http://127.0.0.1:8501/}. */
  public String url() {
    String host = settings.host();
    return "http://%s:%d/"
        .formatted(host.contains(":") ? "[" + host + "]" : host, front.address().getPort());
  }

  /** Whether only this machine can reach it. */
  public boolean isLoopback() {
    return host.isLoopbackAddress();
  }

  /** Which version of the model is served at the moment. */
  public long version() {
    try (ServedModel.Version lease = model.lease(OptionalLong.empty()).orElseThrow()) {
      return lease.servable().version();
    }
  }

  /** Takes no more requests, finishes those in flight, and gives everything back. */
  @Override
  public void close() {
    front.close();
    model.close();
  }
}
