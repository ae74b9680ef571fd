package io.github.lenet.data;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Flow;
import javax.net.ssl.SSLException;

/**
 * Downloads the files of one data set. The caller holds the cache's lock.
 *
 * <p>A file is written beside its place as {@code NAME.part}, forced to the disk, verified by hash,
 * and then moved atomically: what bears the right name was whole when it got it. A {@code .part}
 * that was left behind, by a lost connection or by a killed process, is continued with a Range
 * request; if what comes out is wrong, it is fetched once more from the start.
 *
 * <p>Whatever goes wrong with a mirror, the next one is tried. Those whose failure may pass (5xx,
 * 429, a timeout, a lost connection) get another turn after a pause.
 */
final class Downloader {
  private static final System.Logger LOG = System.getLogger(Downloader.class.getPackageName());
  private static final int OK = 200;
  private static final int PARTIAL_CONTENT = 206;
  private static final int RANGE_NOT_SATISFIABLE = 416;

  private final DatasetSource source;
  private final DownloadOptions options;
  private final DownloadListener listener;
  private final HttpClient client;

  /** Best first: a mirror that delivered comes to the front for the files after. */
  private final List<URI> mirrors;

  Downloader(DatasetSource source, DownloadOptions options, DownloadListener listener) {
    this.source = source;
    this.options = options;
    this.listener = listener;
    this.mirrors = new ArrayList<>(source.mirrors());
    this.client = newClient(options);
  }

  static HttpClient newClient(DownloadOptions options) {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(options.connectTimeout())
            .proxy(options.proxies())
            // Follows redirects, but never from HTTPS to HTTP.
            .followRedirects(HttpClient.Redirect.NORMAL);
    if (options.proxies() instanceof EnvironmentProxySelector environment) {
      builder.authenticator(environment.authenticator());
    }
    return builder.build();
  }

  /**
   * Downloads a file.
   *
   * @param target where it goes; replaced if it exists
   * @param pace says when to give up, however the mirrors fare
   * @throws DownloadException if no mirror has it, or it does not come in time
   * @throws CacheWriteException if it cannot be written
   */
  void download(DatasetFile file, Path target, Pace pace) throws IOException {
    Path part = part(file, target);
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
          transfer(file, address, part, pace);
          move(part, target);
          mirrors.remove(mirror);
          mirrors.add(0, mirror);
          listener.onDone(file, address);
          return;
        } catch (CacheWriteException | InterruptedIOException | DownloadException e) {
          throw e;
        } catch (IOException e) {
          String why = reason(e);
          failures.put(mirror, why);
          LOG.log(System.Logger.Level.DEBUG, "{0}: {1}", address, why);
          if (pace.deadline().passed()) {
            throw tooLate(file, failures, pace.deadline());
          }
          pace.requireInTime(file, bytesToCome(file, target));
          if (mayPass(e)) {
            again.add(mirror);
          }
          listener.onRetry(file, address, why);
        }
      }
      if (again.isEmpty() || round == options.rounds()) {
        throw allFailed(file, failures);
      }
      pause(pace.deadline().atMost(pause));
      if (pace.deadline().passed()) {
        throw tooLate(file, failures, pace.deadline());
      }
      pause = pause.multipliedBy(2);
      turn = again;
    }
  }

  private static Path part(DatasetFile file, Path target) {
    return target.resolveSibling(file.name() + ".part");
  }

  /** How much of a file is not there yet, in bytes, not even in its {@code .part}. */
  static long bytesToCome(DatasetFile file, Path target) throws IOException {
    Path part = part(file, target);
    long have = Files.exists(part) ? Files.size(part) : 0;
    return Math.max(0, file.sizeInBytes() - have);
  }

  /** True for what a process left behind that was killed between the last byte and the move. */
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

  /** Brings {@code part} to its full length and verifies it. */
  private void transfer(DatasetFile file, URI address, Path part, Pace pace) throws IOException {
    long have = Files.exists(part) ? Files.size(part) : 0;
    HttpResponse<Flow.Publisher<List<ByteBuffer>>> response = send(address, have, pace);
    if (have > 0 && !isUsable(response, have, file)) {
      // The range does not fit this mirror's file: start over.
      new ResponseBody(response.body()).close();
      have = 0;
      response = send(address, 0, pace);
    }
    int status = response.statusCode();
    if (status != OK && !(status == PARTIAL_CONTENT && have > 0)) {
      new ResponseBody(response.body()).close();
      throw new UnexpectedStatusException(status);
    }
    // A server that knows no ranges sends everything.
    long from = status == OK ? 0 : have;
    try {
      receive(file, response.body(), part, from, pace);
      verify(file, part);
    } catch (ChecksumException | TooLongException e) {
      delete(part);
      if (from == 0) {
        throw e;
      }
      // The two pieces are not of the same file. The part is gone, so this happens only once.
      transfer(file, address, part, pace);
    }
  }

  /** That it can't be read, because somebody has removed it, say, is no fault of the mirror's. */
  private void verify(DatasetFile file, Path part) throws IOException {
    try {
      CachedFile.verify(source, file, part);
    } catch (ChecksumException e) {
      throw e;
    } catch (IOException e) {
      throw CacheWriteException.of(part, e);
    }
  }

  private HttpResponse<Flow.Publisher<List<ByteBuffer>>> send(URI address, long from, Pace pace)
      throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address)
            .timeout(pace.deadline().atMost(options.stallTimeout()))
            .header("User-Agent", "lenet-data")
            // The .gz file as it is, not once more compressed for the way.
            .header("Accept-Encoding", "identity");
    if (from > 0) {
      request.header("Range", "bytes=" + from + "-");
    }
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofPublisher());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while downloading " + address);
    }
  }

  /** Whether the response to a Range request can be used: from the right byte of a file as long. */
  private static boolean isUsable(HttpResponse<?> response, long have, DatasetFile file) {
    if (response.statusCode() == PARTIAL_CONTENT) {
      String range = response.headers().firstValue("Content-Range").orElse("");
      return range.startsWith("bytes " + have + "-")
          && (range.endsWith("/*") || range.endsWith("/" + file.sizeInBytes()));
    }
    return response.statusCode() != RANGE_NOT_SATISFIABLE;
  }

  private void receive(
      DatasetFile file, Flow.Publisher<List<ByteBuffer>> publisher, Path part, long from, Pace pace)
      throws IOException {
    try (ResponseBody body = new ResponseBody(publisher);
        PartFile out = new PartFile(part, from)) {
      Optional<List<ByteBuffer>> piece;
      while ((piece = body.next(pace.deadline().atMost(options.stallTimeout()))).isPresent()) {
        for (ByteBuffer bytes : piece.get()) {
          if (out.size() + bytes.remaining() > file.largestSizeInBytes()) {
            throw new TooLongException(file.largestSizeInBytes());
          }
          pace.add(bytes.remaining());
          out.write(bytes);
        }
        listener.onProgress(file, out.size());
        pace.requireInTime(file, file.sizeInBytes() - out.size());
      }
      out.force();
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
        || e instanceof ConnectException);
  }

  private static String reason(IOException e) {
    if (e instanceof HttpConnectTimeoutException) {
      return "no connection in time";
    }
    if (e instanceof ConnectException) {
      return isUnknownHost(e) ? "unknown host" : "connection refused";
    }
    if (e instanceof SSLException) {
      return "no trusted connection: " + e.getMessage();
    }
    if (e instanceof ChecksumException) {
      // Its own message names the .part file, which is gone by now.
      String message = e.getMessage();
      return "wrong content: found "
          + message.substring(message.lastIndexOf("found ") + 6, message.lastIndexOf(". "));
    }
    return String.valueOf(e.getMessage());
  }

  private static boolean isUnknownHost(Throwable failure) {
    return failure != null
        && (failure instanceof UnresolvedAddressException || isUnknownHost(failure.getCause()));
  }

  private DownloadException allFailed(DatasetFile file, Map<URI, String> failures) {
    return new DownloadException(
        "%s's %s cannot be downloaded: %s. %s"
            .formatted(source.title(), file.name(), list(failures), WHAT_TO_DO));
  }

  private DownloadException tooLate(
      DatasetFile file, Map<URI, String> failures, Deadline deadline) {
    return new DownloadException(
        "%s's %s was not there within %d s: %s. %s"
            .formatted(
                source.title(),
                file.name(),
                deadline.patience().toSeconds(),
                list(failures),
                WHAT_TO_DO));
  }

  static final String WHAT_TO_DO =
      "Check the network and the proxy, or give a directory that holds the files.";

  private static String list(Map<URI, String> failures) {
    List<String> lines = new ArrayList<>();
    failures.forEach((mirror, why) -> lines.add(mirror + " (" + why + ")"));
    return lines.isEmpty() ? "there is no mirror" : String.join("; ", lines);
  }

  /** A response that is not the file. */
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
      return status >= 500 || status == 429 || status == 408;
    }
  }

  /** A body that goes on after the file must have ended. */
  private static final class TooLongException extends IOException {
    private static final long serialVersionUID = 1;

    TooLongException(long limit) {
      super(String.format(Locale.ROOT, "more than %,d bytes", limit));
    }
  }
}
