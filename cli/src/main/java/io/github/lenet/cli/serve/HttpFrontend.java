package io.github.lenet.cli.serve;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Phaser;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * The side that clients see: takes requests off the wire, within limits, and sends responses.
 *
 * <p>It is bound when it is made, and handles requests from {@link #start} to {@link #close}. The
 * JDK's server does the rest: it refuses what is no HTTP, and requests of which two readers could
 * think differently where they end.
 */
final class HttpFrontend implements AutoCloseable {

  private static final System.Logger LOGGER = System.getLogger(HttpFrontend.class.getName());

  private static final String API = "/v1/";
  private static final String HEALTH = "/healthz";
  private static final String METRICS = "/monitoring/prometheus/metrics";

  /** Longer responses are sent while they are made. */
  private static final int LONGEST_HELD = 64 << 10;

  private static final int SKIPPED_AT_ONCE = 64 << 10;

  /** As much of what nobody wants is read, before the client is cut off. */
  private static final long LONGEST_SKIPPED = 256 << 20;

  /** Handles a request; the API and the page each have one. */
  interface Handler {
    HttpResponse handle(HttpRequest request);
  }

  private final HttpServer server;
  private final HttpLimits limits;
  private final ServingMetrics metrics;
  private final ThreadPoolExecutor threads;
  private final AtomicLong bytesHeld = new AtomicLong();

  /** The server itself is a party until it stops. */
  private final Phaser inFlight = new Phaser(1);

  private boolean started;
  private volatile boolean stopping;

  /**
   * Takes the port.
   *
   * @throws IOException if it can't be had
   */
  HttpFrontend(InetSocketAddress address, HttpLimits limits, ServingMetrics metrics)
      throws IOException {
    this.limits = Objects.requireNonNull(limits, "limits");
    this.metrics = Objects.requireNonNull(metrics, "metrics");
    HttpLimits.setJdkProperties();
    server = HttpServer.create(address, HttpLimits.CONNECTIONS);
    threads = threads();
  }

  /**
   * A thread for each request at once, so that slow clients do not keep others waiting. Twice as
   * many as connections: a connection's next request may come before the thread of the last has
   * come home.
   */
  private static ThreadPoolExecutor threads() {
    AtomicInteger count = new AtomicInteger();
    return new ThreadPoolExecutor(
        0,
        2 * HttpLimits.CONNECTIONS,
        30,
        TimeUnit.SECONDS,
        new SynchronousQueue<>(),
        task -> {
          Thread thread = new Thread(task, "lenet-http-" + count.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        });
  }

  /** Where it listens. */
  InetSocketAddress address() {
    return server.getAddress();
  }

  /** Handles requests from now on. */
  synchronized void start(Handler api, Handler page) {
    Handler all = request -> route(request, api, page);
    server.createContext("/", exchange -> serve(exchange, all));
    server.setExecutor(threads);
    server.start();
    started = true;
  }

  private HttpResponse route(HttpRequest request, Handler api, Handler page) {
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
    if (!isHealth && !request.query().isEmpty()) {
      String found = METRICS + request.query();
      return text(400, "text/plain", "Unexpected path: %s. Should be %s".formatted(found, METRICS));
    }
    return isHealth
        ? text(stopping ? 503 : 200, "text/plain; charset=utf-8", stopping ? "stopping\n" : "ok\n")
        : text(200, ServingMetrics.CONTENT_TYPE, metrics.toText());
  }

  private static HttpResponse text(int status, String contentType, String text) {
    return HttpResponse.of(status, contentType, text.getBytes(StandardCharsets.UTF_8));
  }

  /** As TensorFlow Serving has them; the message is of this class, and needs no escapes. */
  private static HttpResponse error(int status, String message, Map<String, String> headers) {
    byte[] json = "{\n    \"error\": \"%s\"\n}".formatted(message).getBytes(StandardCharsets.UTF_8);
    return new HttpResponse(status, HttpResponse.JSON, headers, out -> out.write(json));
  }

  /**
   * Handles one request.
   *
   * @throws IOException if nobody is there any more, or a response has broken off: for the JDK's
   *     server, which then hangs up
   */
  private void serve(HttpExchange exchange, Handler handler) throws IOException {
    inFlight.register();
    try {
      HttpResponse response;
      boolean isRefused = false;
      boolean hasMore = false;
      try {
        requireSound(exchange);
        byte[] body = readBody(exchange);
        try {
          response = response(exchange, body, handler);
        } finally {
          bytesHeld.addAndGet(-body.length);
        }
      } catch (RefusedException e) {
        response = e.response;
        isRefused = true;
        hasMore = e.hasMore;
      }
      send(exchange, response, isRefused);
      if (hasMore) {
        linger(exchange.getRequestBody());
      }
      exchange.close();
    } catch (RuntimeException | Error e) {
      failed(e);
      throw new IOException("a response has broken off", e);
    } finally {
      inFlight.arriveAndDeregister();
    }
  }

  /** A request that is not read to its end; the connection has no further use. */
  private static final class RefusedException extends Exception {

    private static final long serialVersionUID = 1;

    private final transient HttpResponse response;

    /** Whether there may be more of the body, and where it ends can be told. */
    private final boolean hasMore;

    RefusedException(int status, String message) {
      this(status, message, true);
    }

    RefusedException(int status, String message, boolean hasMore) {
      super(message, null, false, false);
      response = error(status, message, Map.of());
      this.hasMore = hasMore;
    }
  }

  /** Refuses what the JDK's server lets pass, or did in early versions of Java 17. */
  private void requireSound(HttpExchange exchange) throws RefusedException {
    String protocol = exchange.getProtocol();
    if (!protocol.equals("HTTP/1.1") && !protocol.equals("HTTP/1.0")) {
      throw new RefusedException(505, "expected HTTP/1.1");
    }
    Headers headers = exchange.getRequestHeaders();
    int count = 0;
    long bytes = 0;
    for (Map.Entry<String, List<String>> header : headers.entrySet()) {
      for (String value : header.getValue()) {
        count++;
        bytes += header.getKey().length() + value.length() + 32;
      }
    }
    if (count > HttpLimits.HEADERS || bytes > HttpLimits.HEADER_BYTES) {
      throw new RefusedException(
          431,
          "expected at most %d headers in %d bytes"
              .formatted(HttpLimits.HEADERS, HttpLimits.HEADER_BYTES));
    }
    String length = headers.getFirst("Content-Length");
    if (length != null) {
      if (headers.containsKey("Transfer-Encoding") || headers.get("Content-Length").size() > 1) {
        throw new RefusedException(400, "expected one Content-Length or Transfer-Encoding");
      }
      // Java's parser would let +5 pass, and digits of other scripts.
      if (length.isEmpty() || !length.chars().allMatch(c -> c >= '0' && c <= '9')) {
        throw new RefusedException(400, "Content-Length: expected digits");
      }
      if (Long.parseLong(length) > limits.bodyBytes()) {
        throw tooLong();
      }
    }
    String encoding = headers.getFirst("Content-Encoding");
    if (encoding != null && !encoding.equalsIgnoreCase("identity") && !isGzip(encoding)) {
      throw new RefusedException(415, "Content-Encoding: expected gzip or identity");
    }
    if (exchange.getRequestMethod().equals("TRACE")) {
      throw new RefusedException(501, "TRACE is not implemented");
    }
  }

  private static boolean isGzip(String encoding) {
    return "gzip".equalsIgnoreCase(encoding);
  }

  private RefusedException tooLong() {
    return new RefusedException(
        413, "the body is too long: expected at most %d bytes".formatted(limits.bodyBytes()));
  }

  /**
   * Reads the body into memory that is asked for as bytes come in, not as they are announced. What
   * it takes is counted in {@link #bytesHeld}; the caller gives it back.
   */
  private byte[] readBody(HttpExchange exchange) throws IOException, RefusedException {
    if (!isGzip(exchange.getRequestHeaders().getFirst("Content-Encoding"))) {
      return readBody(exchange, exchange.getRequestBody(), false);
    }
    try (InputStream in = unpacked(exchange.getRequestBody())) {
      return readBody(exchange, in, true);
    }
  }

  private byte[] readBody(HttpExchange exchange, InputStream in, boolean isGzip)
      throws RefusedException {
    String announced = exchange.getRequestHeaders().getFirst("Content-Length");
    // One byte more, to see the end of the body without another array.
    int first = announced == null ? 512 : Math.min(Integer.parseInt(announced) + 1, LONGEST_HELD);
    byte[] body = new byte[first];
    int held = 0;
    try {
      int length = 0;
      for (int n; (n = read(in, body, length)) >= 0; ) {
        length += n;
        if (length > limits.bodyBytes()) {
          throw isGzip
              ? corruptGzip("it unpacks to more than %d bytes".formatted(limits.bodyBytes()))
              : tooLong();
        }
        held += n;
        if (bytesHeld.addAndGet(n) > limits.allBodiesBytes()) {
          throw new RefusedException(503, "too many requests at once: try again later");
        }
        if (length == body.length) {
          body = Arrays.copyOf(body, (int) Math.min(2L * length, limits.bodyBytes() + 1L));
        }
      }
      byte[] whole = length == body.length ? body : Arrays.copyOf(body, length);
      held = 0; // the caller's
      return whole;
    } finally {
      bytesHeld.addAndGet(-held);
    }
  }

  /** Closing it leaves the body open: what a refused client still sends is read from there. */
  private static InputStream unpacked(InputStream body) throws RefusedException {
    InputStream open =
        new FilterInputStream(body) {
          @Override
          public void close() {}
        };
    try {
      return new GZIPInputStream(open, 8192);
    } catch (IOException e) {
      throw corruptGzip(e);
    }
  }

  private static RefusedException corruptGzip(IOException e) {
    return corruptGzip(e instanceof EOFException ? "it is truncated" : e.getMessage());
  }

  private static RefusedException corruptGzip(String why) {
    return new RefusedException(400, "the gzip body cannot be unpacked: " + why);
  }

  private static int read(InputStream in, byte[] into, int offset) throws RefusedException {
    try {
      return in.read(into, offset, into.length - offset);
    } catch (ZipException | EOFException e) {
      throw corruptGzip(e);
    } catch (IOException | IndexOutOfBoundsException e) { // the latter: a chunk of 2^31 bytes
      // If nobody is there any more, saying so will fail, too, and that is the end of it.
      throw new RefusedException(400, "the body breaks off, or is not in sound chunks", false);
    }
  }

  /**
   * Asks the handler; whatever goes wrong there is for the log, and none of the client's business.
   */
  private HttpResponse response(HttpExchange exchange, byte[] body, Handler handler) {
    String target = target(exchange);
    int query = target.indexOf('?');
    String origin = exchange.getRequestHeaders().getFirst("Origin");
    try {
      return handler.handle(
          new HttpRequest(
              exchange.getRequestMethod(),
              query < 0 ? target : target.substring(0, query),
              query < 0 ? "" : target.substring(query),
              origin == null ? "" : origin,
              body));
    } catch (RuntimeException | Error e) {
      return failed(e);
    }
  }

  /** Path and query as sent. Java takes the first part of {@code //healthz/v1} for a host. */
  private static String target(HttpExchange exchange) {
    URI uri = exchange.getRequestURI();
    if (uri.toString().startsWith("/")) {
      return uri.toString();
    }
    // Proxies are asked with scheme and host.
    return uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
  }

  /** What the client gets to know; the rest is for the log. */
  private static HttpResponse failed(Throwable failure) {
    LOGGER.log(System.Logger.Level.ERROR, "a request failed", failure);
    return error(500, "internal error", Map.of());
  }

  /** Sends headers and body. */
  private void send(HttpExchange exchange, HttpResponse response, boolean isLast)
      throws IOException {
    // What is chunked may not end where another reader thinks it does (the JDK takes a length of
    // 2^32 for 0): nothing that follows it is read.
    boolean isAmbiguous = exchange.getRequestHeaders().containsKey("Transfer-Encoding");
    ResponseStream out = new ResponseStream(exchange, isLast || isAmbiguous);
    out.setResponse(response);
    try {
      response.body().writeTo(out);
    } catch (RuntimeException | Error e) {
      if (out.isUnderWay()) {
        throw e;
      }
      HttpResponse failed = failed(e);
      out.setResponse(failed);
      failed.body().writeTo(out);
    }
    out.finish();
  }

  /**
   * A response's body on its way: held back as long as it is short, so that its length is known.
   */
  private final class ResponseStream extends OutputStream {

    private final HttpExchange exchange;
    private final boolean isLast;
    private final boolean isHead;
    private HttpResponse response;
    private ByteArrayOutputStream held;
    private OutputStream body;
    private long length;

    ResponseStream(HttpExchange exchange, boolean isLast) {
      this.exchange = exchange;
      this.isLast = isLast;
      isHead = exchange.getRequestMethod().equals("HEAD");
    }

    /** Starts anew. */
    void setResponse(HttpResponse response) {
      this.response = response;
      held = new ByteArrayOutputStream(512);
      length = 0;
    }

    /** Whether the client has some of it, so that it is too late for another response. */
    boolean isUnderWay() {
      return body != null;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
      length += count;
      if (isHead) {
        return;
      }
      if (body == null && length <= LONGEST_HELD) {
        held.write(bytes, offset, count);
        return;
      }
      if (body == null) {
        body = start(0); // to the JDK: as long as it turns out to be
        held.writeTo(body);
      }
      body.write(bytes, offset, count);
    }

    /** Sends what is left. */
    void finish() throws IOException {
      if (body == null) {
        if (isHead) {
          exchange.getResponseHeaders().set("Content-Length", String.valueOf(length));
        }
        body = start(isHead || length == 0 ? -1 : length);
        if (length > 0 && !isHead) {
          held.writeTo(body);
        }
      }
      if (!isHead && length > 0) {
        body.flush();
      }
    }

    private OutputStream start(long contentLength) throws IOException {
      Headers headers = exchange.getResponseHeaders();
      headers.set("X-Content-Type-Options", "nosniff");
      headers.set("Cache-Control", "no-store");
      headers.set("Content-Type", response.contentType());
      response.headers().forEach(headers::set);
      if (isLast || stopping) {
        headers.set("Connection", "close");
      }
      // Before it is sent: a client that has its response finds it counted.
      metrics.countResponse(response.status());
      exchange.sendResponseHeaders(response.status(), contentLength);
      return exchange.getResponseBody();
    }
  }

  /**
   * Goes on reading for a while: a client that sends all before it reads would not see its response
   * if the connection were closed meanwhile.
   */
  private void linger(InputStream in) throws IOException {
    long start = System.nanoTime();
    byte[] skipped = new byte[SKIPPED_AT_ONCE];
    long count = 0;
    for (int n; (n = in.read(skipped)) >= 0 && count < LONGEST_SKIPPED; count += n) {
      if (System.nanoTime() - start > limits.lingering().toNanos()) {
        return;
      }
    }
  }

  /** Takes no more connections, finishes what is in flight, and closes what is open. */
  @Override
  public synchronized void close() {
    if (stopping) {
      return;
    }
    stopping = true;
    if (!started) {
      server.start(); // only its own thread gives the port back
    }
    // It stops listening at once, but JDK 17 then sleeps the whole time if there is nothing to wait
    // for: so it gets a thread of its own, and is told once more when all is done.
    Duration patience = limits.stopping();
    Thread listener = new Thread(() -> server.stop((int) patience.toSeconds()), "lenet-http-stop");
    listener.setDaemon(true);
    listener.start();
    try {
      inFlight.awaitAdvanceInterruptibly(
          inFlight.arriveAndDeregister(), patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      LOGGER.log(System.Logger.Level.WARNING, "gave up waiting for requests in flight");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    server.stop(0);
    threads.shutdown();
  }
}
