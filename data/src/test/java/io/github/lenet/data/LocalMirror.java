package io.github.lenet.data;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An HTTP server on this machine that serves a data set, well or as badly as a test wants. */
final class LocalMirror implements AutoCloseable {
  static {
    // Or each file takes 40 ms more: the server waits for an acknowledgement that waits for the
    // server.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, byte[]> files = new ConcurrentHashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private volatile HttpHandler behaviour = this::serve;

  LocalMirror() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/files/");
  }

  int port() {
    return server.getAddress().getPort();
  }

  LocalMirror serving(TinyDataset dataset) {
    files.putAll(dataset.gzip());
    return this;
  }

  LocalMirror serving(String name, byte[] bytes) {
    files.put(name, bytes);
    return this;
  }

  LocalMirror behaving(HttpHandler handler) {
    behaviour = handler;
    return this;
  }

  /** Each request: the file's name, and the range if one was asked for. */
  List<String> requests() {
    return requests;
  }

  /** Serves the file that is asked for, with ranges. */
  void serve(HttpExchange exchange) throws IOException {
    byte[] bytes = files.get(name(exchange));
    if (bytes == null) {
      answer(exchange, 404, new byte[0]);
      return;
    }
    String range = exchange.getRequestHeaders().getFirst("Range");
    if (range == null) {
      answer(exchange, 200, bytes);
      return;
    }
    int from = Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
    if (from >= bytes.length) {
      answer(exchange, 416, new byte[0]);
      return;
    }
    exchange
        .getResponseHeaders()
        .set("Content-Range", "bytes " + from + "-" + (bytes.length - 1) + "/" + bytes.length);
    answer(exchange, 206, Arrays.copyOfRange(bytes, from, bytes.length));
  }

  /** Serves the file that is asked for, without ranges, a few bytes at a time. */
  void serveSlowly(HttpExchange exchange, int bytesAtATime, long pauseInMillis) throws IOException {
    byte[] bytes = file(exchange);
    exchange.sendResponseHeaders(200, bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      for (int at = 0; at < bytes.length; at += bytesAtATime) {
        out.write(bytes, at, Math.min(bytesAtATime, bytes.length - at));
        out.flush();
        Thread.sleep(pauseInMillis);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  byte[] file(HttpExchange exchange) {
    return files.get(name(exchange));
  }

  static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    if (body.length > 0) {
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(body);
      }
    }
    exchange.close();
  }

  static String name(HttpExchange exchange) {
    String path = exchange.getRequestURI().getPath();
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private void handle(HttpExchange exchange) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    requests.add(name(exchange) + (range == null ? "" : " " + range));
    behaviour.handle(exchange);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
