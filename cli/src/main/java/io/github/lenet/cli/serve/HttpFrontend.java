package io.github.lenet.cli.serve;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.CrossOriginHandler;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * The side that clients see: reads requests, within limits, and sends responses.
 *
 * <p>The port is taken by the constructor. Requests are handled from {@link #start} to {@link
 * #close}, each in a thread of its own. Jetty speaks HTTP/1.1, and refuses what is none.
 */
final class HttpFrontend implements AutoCloseable {

  private static final System.Logger LOGGER = System.getLogger(HttpFrontend.class.getName());

  private static final String API = "/v1/";
  private static final String HEALTH = "/healthz";
  private static final String METRICS = "/monitoring/prometheus/metrics";

  /** Clients connected at a time; each has a thread while it asks. */
  static final int MAX_CONNECTIONS = 256;

  private static final int MAX_HEADER_BYTES = 32 << 10;

  /** Longer responses are sent while they are made; longer bodies get memory as they come. */
  private static final int BUFFER_BYTES = 64 << 10;

  /** As much of a refused body is read before the client is cut off. */
  private static final long MAX_BYTES_SKIPPED = 256 << 20;

  /**
   * What a client may ask of the server.
   *
   * @param bodyBytes length of a request's body, unpacked
   * @param allBodiesBytes memory for the bodies of all requests in flight
   * @param idle time for which a connection may be silent, between requests and within one
   * @param transfer time for a request's body to come in, for its response to be taken, and for a
   *     client that was refused to stop sending
   * @param stopping time for requests in flight when the server stops
   */
  record Limits(
      int bodyBytes, long allBodiesBytes, Duration idle, Duration transfer, Duration stopping) {

    static final Limits DEFAULT =
        new Limits(
            16 << 20,
            Math.max(32 << 20, Runtime.getRuntime().maxMemory() / 4),
            Duration.ofSeconds(30),
            Duration.ofSeconds(60),
            Duration.ofSeconds(30));
  }

  /** Handles a request; the API and the page each have one. */
  interface RequestHandler {
    HttpResponse handle(HttpRequest request);
  }

  private final Limits limits;
  private final ServingMetrics metrics;
  private final Server server;
  private final ServerConnector connector;
  private final InetSocketAddress address;
  private final AtomicLong bytesHeld = new AtomicLong();

  /**
   * Takes the port.
   *
   * @throws IOException if it can't be had
   */
  HttpFrontend(InetSocketAddress address, Limits limits, ServingMetrics metrics)
      throws IOException {
    this.limits = limits;
    this.metrics = metrics;
    QueuedThreadPool threads = new QueuedThreadPool(MAX_CONNECTIONS + 16);
    threads.setName("lenet-http");
    threads.setDaemon(true);
    threads.setReservedThreads(0); // 1.1 times the requests/s of the default: they wait for batches
    server = new Server(threads);
    server.setStopTimeout(limits.stopping().toMillis());
    server.setErrorHandler(this::handleError);
    server.addBean(new NetworkConnectionLimit(MAX_CONNECTIONS, server));
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setRequestHeaderSize(MAX_HEADER_BYTES);
    http.setUriCompliance(UriCompliance.UNSAFE); // paths are compared as sent, and name no files
    connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
    connector.setIdleTimeout(limits.idle().toMillis());
    server.addConnector(connector);
    ServerSocketChannel socket = ServerSocketChannel.open();
    try {
      connector.open(socket.bind(address, MAX_CONNECTIONS));
      this.address = (InetSocketAddress) socket.getLocalAddress();
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  /** Where it listens. */
  InetSocketAddress address() {
    return address;
  }

  /**
   * Handles requests from now on.
   *
   * @param origin whose pages may ask in a browser, such as {@code https://example.org}; {@code *}
   *     for all
   */
  void start(RequestHandler api, RequestHandler page, Optional<String> origin) {
    CrossOriginHandler cors = new CrossOriginHandler();
    cors.setAllowedOriginPatterns(
        origin.map(name -> name.equals("*") ? name : Pattern.quote(name)).stream()
            .collect(Collectors.toSet()));
    cors.setAllowedMethods(Set.of("GET", "POST"));
    cors.setAllowedHeaders(Set.of("*"));
    cors.setAllowCredentials(false);
    cors.setDeliverPreflightRequests(origin.isEmpty());
    GracefulHandler graceful = new GracefulHandler();
    graceful.setHandler(cors);
    cors.setHandler(
        new Handler.Abstract() {
          @Override
          public boolean handle(Request request, Response response, Callback callback) {
            serve(request, response, callback, asked -> route(asked, api, page));
            return true;
          }
        });
    server.setHandler(graceful);
    try {
      server.start();
    } catch (Exception e) {
      throw new IllegalStateException("the HTTP server does not start", e);
    }
  }

  private HttpResponse route(HttpRequest request, RequestHandler api, RequestHandler page) {
    String path = request.path();
    if (path.regionMatches(true, 0, API, 0, API.length())) {
      return api.handle(request);
    }
    boolean isHealth = path.equals(HEALTH);
    if (!isHealth && !path.equals(METRICS)) {
      return page.handle(request);
    }
    if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
      return error(405, "%s: expected GET or HEAD".formatted(path), Map.of("Allow", "GET, HEAD"));
    }
    if (isHealth) {
      return text(200, "text/plain; charset=utf-8", "ok\n");
    }
    return request.query().isEmpty()
        ? text(200, ServingMetrics.CONTENT_TYPE, metrics.toText())
        : text(
            400,
            "text/plain",
            "Unexpected path: %s. Should be %s".formatted(path + request.query(), METRICS));
  }

  private static HttpResponse text(int status, String contentType, String text) {
    return HttpResponse.of(status, contentType, text.getBytes(StandardCharsets.UTF_8));
  }

  /** As TensorFlow Serving has them; the message needs no escapes. */
  private static HttpResponse error(int status, String message, Map<String, String> headers) {
    byte[] json = "{\n    \"error\": \"%s\"\n}".formatted(message).getBytes(StandardCharsets.UTF_8);
    return new HttpResponse(status, HttpResponse.JSON, headers, out -> out.write(json));
  }

  /** A request that is not read to its end; the connection has no further use. */
  private static final class RefusedException extends Exception {

    private static final long serialVersionUID = 1;

    private final int status;

    RefusedException(int status, String message) {
      super(message, null, false, false);
      this.status = status;
    }
  }

  /** Reads a request, and sends what becomes of it. */
  private void serve(
      Request request, Response response, Callback callback, RequestHandler handler) {
    try {
      try {
        send(response, response(request, handler));
      } catch (RefusedException e) {
        response.getHeaders().put(HttpHeader.CONNECTION, "close");
        send(response, error(e.status, e.getMessage(), Map.of()));
        skip(request);
      }
      callback.succeeded();
    } catch (IOException e) {
      callback.failed(e); // nobody is there any more
    } catch (RuntimeException | Error e) {
      LOGGER.log(Level.ERROR, "a request failed", e);
      callback.failed(e); // closes the connection if the response has begun
    }
  }

  private HttpResponse response(Request request, RequestHandler handler) throws RefusedException {
    String encoding = request.getHeaders().get(HttpHeader.CONTENT_ENCODING);
    boolean isGzip = "gzip".equalsIgnoreCase(encoding);
    if (encoding != null && !isGzip && !encoding.equalsIgnoreCase("identity")) {
      throw new RefusedException(415, "Content-Encoding: expected gzip or identity");
    }
    if (request.getMethod().equals("TRACE")) {
      throw new RefusedException(501, "TRACE is not implemented");
    }
    AtomicLong held = new AtomicLong();
    try {
      byte[] body = readBody(request, held);
      if (isGzip) {
        body = unpack(body, held);
      }
      HttpURI uri = request.getHttpURI();
      return handler.handle(
          new HttpRequest(
              request.getMethod(),
              uri.getPath(),
              uri.getQuery() == null ? "" : "?" + uri.getQuery(),
              Objects.requireNonNullElse(request.getHeaders().get(HttpHeader.ORIGIN), ""),
              body));
    } finally {
      bytesHeld.addAndGet(-held.get());
    }
  }

  private byte[] readBody(Request request, AtomicLong held) throws RefusedException {
    RefusedException tooLong =
        new RefusedException(
            413, "the body is too long: expected at most %d bytes".formatted(limits.bodyBytes()));
    if (request.getLength() > limits.bodyBytes()) {
      throw tooLong;
    }
    try {
      return read(Content.Source.asInputStream(request), request.getLength(), held, tooLong);
    } catch (IOException e) {
      throw e.getCause() instanceof TimeoutException
          ? new RefusedException(408, "the body comes too slowly")
          : new RefusedException(400, "the body breaks off, or is not in sound chunks");
    }
  }

  private byte[] unpack(byte[] packed, AtomicLong held) throws RefusedException {
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(packed))) {
      String tooLong = "it unpacks to more than %d bytes".formatted(limits.bodyBytes());
      return read(in, packed.length, held, corruptGzip(tooLong));
    } catch (IOException e) {
      throw corruptGzip(e instanceof EOFException ? "it is truncated" : e.getMessage());
    }
  }

  private static RefusedException corruptGzip(String why) {
    return new RefusedException(400, "the gzip body cannot be unpacked: " + why);
  }

  /**
   * Reads all there is, into memory that is asked for as bytes come in.
   *
   * @param expected how many bytes are announced; -1 if that is not known
   * @param held counts the bytes that this request has in {@link #bytesHeld}
   * @param tooLong thrown if there are more than a body may have
   */
  private byte[] read(InputStream in, long expected, AtomicLong held, RefusedException tooLong)
      throws IOException, RefusedException {
    long start = System.nanoTime();
    // One byte more, to see the end of a short body without another array.
    byte[] body = new byte[(int) Math.min(Math.max(512, expected + 1), BUFFER_BYTES)];
    int length = 0;
    for (int n; (n = in.read(body, length, body.length - length)) >= 0; ) {
      length += n;
      if (length > limits.bodyBytes()) {
        throw tooLong;
      }
      held.addAndGet(n);
      if (bytesHeld.addAndGet(n) > limits.allBodiesBytes()) {
        throw new RefusedException(503, "too many requests at once: try again later");
      }
      if (System.nanoTime() - start > limits.transfer().toNanos()) {
        throw new RefusedException(408, "the body comes too slowly");
      }
      if (length == body.length) {
        body = Arrays.copyOf(body, (int) Math.min(2L * length, limits.bodyBytes() + 1L));
      }
    }
    return Arrays.copyOf(body, length);
  }

  /** Sends headers and body. */
  private void send(Response to, HttpResponse response) throws IOException {
    HttpFields.Mutable headers = to.getHeaders();
    headers.put("X-Content-Type-Options", "nosniff");
    headers.put(HttpHeader.CACHE_CONTROL, "no-store");
    headers.put(HttpHeader.CONTENT_TYPE, response.contentType());
    response.headers().forEach(headers::put);
    to.setStatus(response.status());
    // Before it is sent: a client that has its response finds it counted.
    metrics.countResponse(response.status());
    OutputStream out =
        Content.Sink.asOutputStream(
            Content.Sink.asBuffered(
                to, server.getByteBufferPool(), false, BUFFER_BYTES, BUFFER_BYTES));
    response.body().writeTo(new DeadlineOutput(out));
    out.close(); // not where writing has failed: what breaks off must not look whole
  }

  /** Gives up on a client that takes its response too slowly. */
  private final class DeadlineOutput extends FilterOutputStream {

    private final long deadline = System.nanoTime() + limits.transfer().toNanos();

    DeadlineOutput(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (System.nanoTime() - deadline > 0) {
        throw new IOException("the response is taken too slowly");
      }
      out.write(bytes, offset, length);
    }
  }

  /**
   * Goes on reading for a while: a client that sends all before it reads would not see its response
   * if the connection were closed meanwhile.
   */
  private void skip(Request request) throws IOException {
    long start = System.nanoTime();
    InputStream in = Content.Source.asInputStream(request);
    byte[] skipped = new byte[BUFFER_BYTES];
    long count = 0;
    for (int n; (n = in.read(skipped)) >= 0 && count < MAX_BYTES_SKIPPED; count += n) {
      if (System.nanoTime() - start > limits.transfer().toNanos()) {
        return;
      }
    }
  }

  /** What Jetty refuses, in the form of all other errors. */
  private boolean handleError(Request request, Response response, Callback callback) {
    int status = response.getStatus();
    String message = status == 500 ? "internal error" : HttpStatus.getMessage(status);
    try {
      send(response, error(status, message, Map.of()));
      callback.succeeded();
    } catch (IOException e) {
      callback.failed(e);
    }
    return true;
  }

  /** Takes no more connections, finishes what is in flight, and closes what is open. */
  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) {
      LOGGER.log(Level.WARNING, "gave up waiting for requests in flight", e);
    }
    connector.close(); // if it was never started
  }
}
