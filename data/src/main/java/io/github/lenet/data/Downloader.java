package io.github.lenet.data;

import io.github.lenet.data.internal.EnvironmentProxies;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLException;

/**
 * Downloads the files of one data set. The caller holds the cache's lock.
 *
 * <p>A file is written to {@code NAME.part}, forced to the disk, verified by hash, and then moved
 * atomically. A file with the final name is therefore complete. A {@code .part} file left by a lost
 * connection or a killed process is continued with a Range request. If the checksum does not match,
 * the file is downloaded again from the start.
 *
 * <p>If a mirror fails, the next one is tried. Mirrors with a temporary failure (5xx, 408, 429, a
 * stalled response, a lost connection) are tried again after a pause.
 *
 * <p>The HTTP client is {@link HttpURLConnection}, because it has a timeout for every single read.
 * It follows redirects, except from one protocol to another.
 */
final class Downloader {
  private static final System.Logger LOG = System.getLogger(Downloader.class.getPackageName());
  private static final int BUFFER_SIZE = 1 << 16;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int RANGE_NOT_SATISFIABLE = 416;

  static final String WHAT_TO_DO =
      "Check the network and the proxy, or use a directory with the files.";

  /**
   * Timeouts, retries and proxies.
   *
   * @param connectTimeout the longest time to establish a connection
   * @param readTimeout the longest wait for a response or for the next piece of its body
   * @param rounds the most attempts per mirror; only temporary failures are retried
   * @param backoff the pause before the second round; it doubles for each further round
   * @param proxies chooses the proxy of an address
   */
  record Options(
      Duration connectTimeout,
      Duration readTimeout,
      int rounds,
      Duration backoff,
      EnvironmentProxies proxies) {

    /** {@return the default options; an unreachable mirror costs a few seconds} */
    static Options standard() {
      return new Options(
          Duration.ofSeconds(5),
          Duration.ofSeconds(15),
          3,
          Duration.ofSeconds(1),
          EnvironmentProxies.ofSystem());
    }
  }

  private final DatasetSource source;
  private final Options options;
  private final DownloadListener listener;

  /** Best first. A mirror that delivered a file moves to the front. */
  private final List<URI> mirrors;

  Downloader(DatasetSource source, Options options, DownloadListener listener) {
    this.source = source;
    this.options = options;
    this.listener = listener;
    this.mirrors = new ArrayList<>(source.mirrors());
  }

  /**
   * Downloads a file.
   *
   * @param target the path of the file; an existing file is replaced
   * @throws DownloadException if every mirror fails
   * @throws CacheWriteException if the file cannot be written
   */
  void download(DatasetFile file, Path target) throws IOException {
    Path part = target.resolveSibling(file.name() + ".part");
    if (isWholeAlready(file, part)) {
      move(part, target);
      return;
    }
    Map<URI, String> failures = new LinkedHashMap<>();
    List<URI> turn = List.copyOf(mirrors);
    Duration pause = options.backoff();
    for (int round = 1; ; round++) {
      List<URI> again = new ArrayList<>();
      for (URI mirror : turn) {
        URI address = mirror.resolve(file.name());
        listener.onStart(file, address);
        try {
          transfer(file, address, part);
          move(part, target);
          mirrors.remove(mirror);
          mirrors.add(0, mirror);
          listener.onDone(file, address);
          return;
        } catch (IOException e) {
          // An interrupt closes the file's channel at once, but not the connection.
          if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("interrupted while downloading " + address);
          }
          if (e instanceof CacheWriteException) {
            throw e;
          }
          String why = reason(e);
          failures.put(mirror, why);
          LOG.log(System.Logger.Level.DEBUG, "{0}: {1}", address, why);
          if (mayPass(e)) {
            again.add(mirror);
          }
          listener.onRetry(file, address, why);
        }
      }
      if (again.isEmpty() || round == options.rounds()) {
        throw allFailed(file, failures);
      }
      pause(pause);
      pause = pause.multipliedBy(2);
      turn = again;
    }
  }

  /** Looks for a complete part file of a process that was killed before the move. */
  private boolean isWholeAlready(DatasetFile file, Path part) throws IOException {
    if (!Files.exists(part) || Files.size(part) < file.sizeInBytes()) {
      return false;
    }
    try {
      CachedFile.verify(source, file, part);
      return true;
    } catch (ChecksumException e) {
      delete(part);
      return false;
    }
  }

  /** Downloads the rest of {@code part} and verifies it. */
  private void transfer(DatasetFile file, URI address, Path part) throws IOException {
    long have = Files.exists(part) ? Files.size(part) : 0;
    HttpURLConnection connection = request(address, have);
    if (have > 0 && !isUsable(connection, have, file)) {
      // The range does not match this mirror's file: start over.
      connection.disconnect();
      have = 0;
      connection = request(address, 0);
    }
    int status = connection.getResponseCode();
    // A server without range support sends the whole file.
    long from = status == HttpURLConnection.HTTP_OK ? 0 : have;
    try {
      if (status != HttpURLConnection.HTTP_OK
          && !(status == HttpURLConnection.HTTP_PARTIAL && have > 0)) {
        throw new UnexpectedStatusException(status);
      }
      receive(file, connection, part, from);
      verify(file, part);
    } catch (ChecksumException | TooLongException e) {
      delete(part);
      if (from == 0) {
        throw e;
      }
      // The two pieces belong to different files. The part is deleted, so this happens only once.
      transfer(file, address, part);
    } finally {
      connection.disconnect();
    }
  }

  /** Verifies the part file. If it cannot be read, that is not the mirror's fault. */
  private void verify(DatasetFile file, Path part) throws IOException {
    try {
      CachedFile.verify(source, file, part);
    } catch (ChecksumException e) {
      throw e;
    } catch (IOException e) {
      throw CacheWriteException.of(part, e);
    }
  }

  private HttpURLConnection request(URI address, long from) throws IOException {
    Proxy proxy = options.proxies().proxyFor(address);
    HttpURLConnection connection = (HttpURLConnection) address.toURL().openConnection(proxy);
    connection.setAuthenticator(options.proxies().authenticator());
    connection.setConnectTimeout((int) options.connectTimeout().toMillis());
    connection.setReadTimeout((int) options.readTimeout().toMillis());
    connection.setUseCaches(false);
    connection.setRequestProperty("User-Agent", "lenet-data");
    // Requests the .gz file itself, without a second compression for transport.
    connection.setRequestProperty("Accept-Encoding", "identity");
    if (from > 0) {
      connection.setRequestProperty("Range", "bytes=" + from + "-");
    }
    try {
      connection.connect();
    } catch (SocketTimeoutException e) {
      throw new NoConnectionException("no connection in time", proxy, e);
    } catch (ConnectException e) {
      throw new NoConnectionException("connection refused", proxy, e);
    } catch (UnknownHostException e) {
      throw new NoConnectionException("unknown host", proxy, e);
    }
    return connection;
  }

  /** {@return false if the response has another range or file size, or its status is 416} */
  private static boolean isUsable(HttpURLConnection response, long have, DatasetFile file)
      throws IOException {
    if (response.getResponseCode() != HttpURLConnection.HTTP_PARTIAL) {
      return response.getResponseCode() != RANGE_NOT_SATISFIABLE;
    }
    String range = String.valueOf(response.getHeaderField("Content-Range"));
    return range.startsWith("bytes " + have + "-")
        && (range.endsWith("/*") || range.endsWith("/" + file.sizeInBytes()));
  }

  private void receive(DatasetFile file, HttpURLConnection response, Path part, long from)
      throws IOException {
    long announced = response.getContentLengthLong();
    byte[] buffer = new byte[BUFFER_SIZE];
    try (InputStream body = response.getInputStream();
        PartFile out = new PartFile(part, from)) {
      int read;
      while ((read = body.read(buffer)) >= 0) {
        if (out.size() + read > file.largestSizeInBytes()) {
          throw new TooLongException(file.largestSizeInBytes());
        }
        out.write(buffer, read);
        listener.onProgress(file, out.size());
      }
      out.force();
      if (announced >= 0 && out.size() - from < announced) { // not checked by HttpURLConnection
        throw new IOException("connection lost");
      }
    }
  }

  private static void move(Path part, Path target) throws IOException {
    try {
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw CacheWriteException.of(target, e);
    }
  }

  private static void delete(Path part) throws IOException {
    try {
      Files.deleteIfExists(part);
    } catch (IOException e) {
      throw CacheWriteException.of(part, e);
    }
  }

  private static void pause(Duration duration) throws IOException {
    try {
      Thread.sleep(duration.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting to try again");
    }
  }

  private static boolean mayPass(IOException e) {
    if (e instanceof UnexpectedStatusException unexpected) {
      return unexpected.mayPass();
    }
    return !(e instanceof ChecksumException
        || e instanceof TooLongException
        || e instanceof SSLException
        || e instanceof NoConnectionException);
  }

  private String reason(IOException e) {
    if (e instanceof SocketTimeoutException) {
      return "no data for " + options.readTimeout().toMillis() / 1e3 + " s";
    }
    if (e instanceof SSLException) {
      return "no trusted connection: " + e.getMessage();
    }
    if (e instanceof ChecksumException) {
      // The exception's message names the .part file, which is deleted by now.
      String message = e.getMessage();
      return "wrong content: found "
          + message.substring(message.lastIndexOf("found ") + 6, message.lastIndexOf(". "));
    }
    return String.valueOf(e.getMessage());
  }

  private DownloadException allFailed(DatasetFile file, Map<URI, String> failures) {
    List<String> lines = new ArrayList<>();
    failures.forEach((mirror, why) -> lines.add(mirror + " (" + why + ")"));
    return new DownloadException(
        "%s's %s cannot be downloaded: %s. %s"
            .formatted(
                source.title(),
                file.name(),
                lines.isEmpty() ? "there is no mirror" : String.join("; ", lines),
                WHAT_TO_DO));
  }

  /** Thrown when a server cannot be reached. It is not tried again. */
  private static final class NoConnectionException extends IOException {
    private static final long serialVersionUID = 1;

    NoConnectionException(String what, Proxy proxy, IOException cause) {
      super(
          proxy.type() == Proxy.Type.DIRECT ? what : what + " by the proxy " + proxy.address(),
          cause);
    }
  }

  /** Thrown when a response has an unexpected HTTP status. */
  private static final class UnexpectedStatusException extends IOException {
    private static final long serialVersionUID = 1;
    private final int status;

    UnexpectedStatusException(int status) {
      super(
          status / 100 == 3
              ? "HTTP " + status + ", a redirect that is not followed"
              : "HTTP " + status);
      this.status = status;
    }

    boolean mayPass() {
      return status >= HttpURLConnection.HTTP_INTERNAL_ERROR
          || status == TOO_MANY_REQUESTS
          || status == HttpURLConnection.HTTP_CLIENT_TIMEOUT;
    }
  }

  /** Thrown when a body is longer than the file can be. */
  private static final class TooLongException extends IOException {
    private static final long serialVersionUID = 1;

    TooLongException(long limit) {
      super(String.format(Locale.ROOT, "more than %,d bytes", limit));
    }
  }
}
