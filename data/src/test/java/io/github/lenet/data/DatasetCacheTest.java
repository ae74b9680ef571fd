package io.github.lenet.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.lenet.data.internal.EnvironmentProxies;
import io.github.lenet.data.internal.Sha256;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class DatasetCacheTest {
  private static final String LABELS = "t10k-labels-idx1-ubyte.gz";
  private static final String IMAGES = "train-images-idx3-ubyte.gz";
  static final EnvironmentProxies NO_PROXY =
      new EnvironmentProxies(Map.of(), ProxySelector.of(null));
  static final Downloader.Options QUICK =
      new Downloader.Options(
          Duration.ofSeconds(2), Duration.ofMillis(400), 3, Duration.ofMillis(10), NO_PROXY);

  @TempDir Path directory;
  private LocalMirror good;
  private LocalMirror bad;
  private TinyDataset tiny;

  @BeforeEach
  void startTwoMirrorsOfWhichTheFirstWillBeBad() throws IOException {
    good = new LocalMirror();
    bad = new LocalMirror();
    tiny = TinyDataset.at(bad.address(), good.address());
    good.serving(tiny);
    bad.serving(tiny);
  }

  @AfterEach
  void stop() {
    good.close();
    bad.close();
  }

  private DatasetCache cache() {
    return cache(DownloadListener.NONE);
  }

  private DatasetCache cache(DownloadListener listener) {
    return new DatasetCache(directory, false, listener, QUICK);
  }

  private Path cached(String name) {
    return directory.resolve("tiny").resolve(name);
  }

  private void assertWhole() throws IOException {
    for (Map.Entry<String, byte[]> file : tiny.gzip().entrySet()) {
      assertArrayEquals(file.getValue(), Files.readAllBytes(cached(file.getKey())));
    }
    assertNoPart();
  }

  private void assertNoPart() throws IOException {
    try (var files = Files.list(directory.resolve("tiny"))) {
      assertEquals(List.of(), files.filter(file -> file.toString().endsWith(".part")).toList());
    }
  }

  // What goes well.

  @Test
  void downloadsEverythingOnceAndThenNothing() throws IOException {
    Map<DatasetFile, Path> paths = cache().fetch(tiny.source());
    assertEquals(tiny.source().files(), List.copyOf(paths.keySet()));
    assertWhole();
    assertEquals(4, bad.requests().size());
    assertEquals(paths, cache().fetch(tiny.source()));
    assertEquals(4, bad.requests().size());
    assertEquals(List.of(), good.requests());
  }

  @Test
  void fetchesTheSmallFilesFirst() throws IOException {
    cache().fetch(tiny.source());
    assertTrue(bad.requests().get(0).contains("labels"));
    assertTrue(bad.requests().get(1).contains("labels"));
    assertEquals(IMAGES, bad.requests().get(3));
  }

  @Test
  void whatWasFetchedLoads() throws IOException {
    DatasetSplits splits = cache().load(tiny.source());
    byte[] raw = tiny.raw().get(IMAGES);
    assertArrayEquals(Arrays.copyOfRange(raw, 16, 16 + 784), splits.train().image(0));
    assertEquals("tiny", splits.provenance().id());
  }

  @Test
  void tellsTheListener() throws IOException {
    bad.behaving(exchange -> LocalMirror.answer(exchange, 404, new byte[0]));
    List<String> events = new ArrayList<>();
    cache(
            new DownloadListener() {
              @Override
              public void onStart(DatasetFile file, URI from) {
                events.add("start " + from.getPort());
              }

              @Override
              public void onProgress(DatasetFile file, long bytesSoFar) {
                events.add("progress " + bytesSoFar);
              }

              @Override
              public void onRetry(DatasetFile file, URI from, String why) {
                events.add("retry " + from.getPort() + " " + why);
              }

              @Override
              public void onDone(DatasetFile file, URI from) {
                events.add("done " + from);
              }
            })
        .fetch(tiny.source());
    assertEquals(
        List.of(
            "start " + bad.port(),
            "retry " + bad.port() + " HTTP 404",
            "start " + good.port(),
            "progress " + tiny.gzip().get(LABELS).length,
            "done " + good.address() + LABELS),
        events.subList(0, 5));
  }

  @Test
  void followsARedirect() throws IOException {
    bad.behaving(
        exchange -> {
          exchange
              .getResponseHeaders()
              .set("Location", good.address().resolve(LocalMirror.name(exchange)).toString());
          LocalMirror.answer(exchange, 302, new byte[0]);
        });
    cache().fetch(TinyDataset.at(bad.address()).source());
    assertWhole();
  }

  @Test
  void neverFollowsARedirectToAnotherProtocol() {
    bad.behaving(
        exchange -> {
          exchange.getResponseHeaders().set("Location", "https://127.0.0.1:1/");
          LocalMirror.answer(exchange, 302, new byte[0]);
        });
    TinyDataset alone = TinyDataset.at(bad.address());
    DownloadException e =
        assertThrows(DownloadException.class, () -> cache().fetch(alone.source()));
    assertTrue(
        e.getMessage().contains("(HTTP 302, a redirect that is not followed)"), e::getMessage);
  }

  @Test
  void acceptsAMirrorThatCompressesAnew() throws IOException {
    byte[] again = compressedAnew();
    bad.serving(IMAGES, again);
    Map<DatasetFile, Path> paths = cache().fetch(tiny.source());
    assertArrayEquals(again, Files.readAllBytes(cached(IMAGES)));
    assertEquals(List.of(), good.requests());
    DatasetSplits splits = Catalogue.load(tiny.source(), paths);
    assertEquals(Sha256.of(again), splits.provenance().files().get(0).sha256());
    assertEquals(
        tiny.source().trainImages().rawSha256(), splits.provenance().files().get(0).rawSha256());
  }

  @Test
  void rejectsWhatUnpacksToTheFileAndMore() throws IOException {
    byte[] more = TinyDataset.gzip(concatenated(tiny.raw().get(LABELS), new byte[200_000]), 9);
    bad.serving(LABELS, more);
    cache().fetch(tiny.source());
    assertWhole();
    assertTrue(good.requests().contains(LABELS));
  }

  /** Two gzip members: noise does not compress, and is stored at any level in the same way. */
  private byte[] compressedAnew() {
    byte[] raw = tiny.raw().get(IMAGES);
    byte[] again =
        concatenated(
            TinyDataset.gzip(Arrays.copyOf(raw, 1_000), 0),
            TinyDataset.gzip(Arrays.copyOfRange(raw, 1_000, raw.length), 0));
    assertFalse(Arrays.equals(tiny.gzip().get(IMAGES), again));
    return again;
  }

  private static byte[] concatenated(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  @Test
  void acceptsAProxyThatUnpacks() throws IOException {
    bad.serving(IMAGES, tiny.raw().get(IMAGES));
    assertEquals(20, cache().load(tiny.source()).train().size());
    assertEquals(List.of(), good.requests());
  }

  // Mirrors that fail.

  @Test
  void takesTheNextMirrorAfterANotFoundAndStaysWithIt() throws IOException {
    bad.behaving(exchange -> LocalMirror.answer(exchange, 404, new byte[0]));
    cache().fetch(tiny.source());
    assertWhole();
    assertEquals(1, bad.requests().size());
    assertEquals(4, good.requests().size());
  }

  @Test
  void triesAgainAfterAServerError() throws IOException {
    AtomicInteger failures = new AtomicInteger(2);
    bad.behaving(
        exchange -> {
          if (failures.getAndDecrement() > 0) {
            LocalMirror.answer(exchange, 503, new byte[0]);
          } else {
            bad.serve(exchange);
          }
        });
    cache().fetch(TinyDataset.at(bad.address()).source());
    assertWhole();
    assertEquals(6, bad.requests().size());
  }

  @Test
  void doesNotTryAgainWhatWillNotPass() {
    bad.behaving(exchange -> LocalMirror.answer(exchange, 404, new byte[0]));
    TinyDataset alone = TinyDataset.at(bad.address());
    assertThrows(DownloadException.class, () -> cache().fetch(alone.source()));
    assertEquals(1, bad.requests().size());
  }

  @Test
  void saysThatARedirectWithoutAnAddressIsNotFollowed() {
    bad.behaving(exchange -> LocalMirror.answer(exchange, 300, new byte[0]));
    good.behaving(exchange -> LocalMirror.answer(exchange, 404, new byte[0]));
    String message =
        assertThrows(DownloadException.class, () -> cache().fetch(tiny.source())).getMessage();
    assertTrue(message.contains("(HTTP 300, a redirect that is not followed)"), message);
    assertTrue(message.contains("(HTTP 404)"), message);
  }

  @Test
  void theWrongContentIsAskedForOnceOnly() {
    for (DatasetFile file : tiny.source().files()) {
      bad.serving(file.name(), new byte[] {1, 2, 3});
      good.serving(file.name(), new byte[] {1, 2, 3});
    }
    assertThrows(DownloadException.class, () -> cache().fetch(tiny.source()));
    assertEquals(1, bad.requests().size());
    assertEquals(1, good.requests().size());
  }

  @Test
  void aServerThatIsNotThereIsAskedOnceOnly() {
    good.close();
    bad.close();
    AtomicInteger tries = new AtomicInteger();
    DownloadListener counting =
        new DownloadListener() {
          @Override
          public void onStart(DatasetFile file, URI from) {
            tries.incrementAndGet();
          }
        };
    assertThrows(DownloadException.class, () -> cache(counting).fetch(tiny.source()));
    assertEquals(2, tries.get());
  }

  @Test
  void givesUpAfterThreeRounds() {
    bad.behaving(exchange -> LocalMirror.answer(exchange, 500, new byte[0]));
    good.behaving(exchange -> LocalMirror.answer(exchange, 429, new byte[0]));
    assertThrows(DownloadException.class, () -> cache().fetch(tiny.source()));
    assertEquals(3, bad.requests().size());
    assertEquals(3, good.requests().size());
  }

  @Test
  void namesEachMirrorAndWhyItFailedInOneLine() throws IOException {
    bad.behaving(exchange -> LocalMirror.answer(exchange, 404, new byte[0]));
    int closedPort;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closedPort = socket.getLocalPort();
    }
    URI closed = URI.create("http://127.0.0.1:" + closedPort + "/");
    TinyDataset none = TinyDataset.at(bad.address(), closed);
    DownloadException e = assertThrows(DownloadException.class, () -> cache().fetch(none.source()));
    assertEquals(
        "Tiny's %s cannot be downloaded: %s (HTTP 404); %s (connection refused). %s"
            .formatted(LABELS, bad.address(), closed, Downloader.WHAT_TO_DO),
        e.getMessage());
  }

  @Test
  void rejectsTheWrongContentAndTakesTheNextMirror() throws IOException {
    byte[] wrong = tiny.gzip().get(IMAGES).clone();
    wrong[wrong.length / 2] ^= 1;
    bad.serving(IMAGES, wrong);
    cache().fetch(tiny.source());
    assertWhole();
    assertEquals(List.of(IMAGES), good.requests());
  }

  @Test
  void rejectsAWebPageThatIsServedWithSuccess() {
    bad.behaving(exchange -> LocalMirror.answer(exchange, 200, "<html>Please log in".getBytes()));
    TinyDataset alone = TinyDataset.at(bad.address());
    DownloadException e =
        assertThrows(DownloadException.class, () -> cache().fetch(alone.source()));
    assertTrue(e.getMessage().contains("wrong content: found an unknown file"), e::getMessage);
    assertFalse(Files.exists(cached(LABELS)));
  }

  @Test
  void cutsOffABodyThatDoesNotEnd() throws IOException {
    AtomicInteger sent = new AtomicInteger();
    bad.behaving(
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          byte[] block = new byte[8_192];
          try (var out = exchange.getResponseBody()) {
            while (sent.addAndGet(block.length) < 200_000_000) {
              out.write(block);
            }
          }
        });
    cache().fetch(tiny.source());
    assertWhole();
    assertTrue(sent.get() < 100_000_000, "the connection was dropped after " + sent);
  }

  /** What it says of the length, and how many bytes more than the file has, or fewer, it sends. */
  @ParameterizedTest
  @CsvSource({
    "'Content-Length: %1$d', -5, 'too short, and says so'",
    "'Content-Length: %1$d', 5, 'too long, and says so'",
    "'Content-Length: %2$d', -5, 'shorter than it says'",
    "'Content-Length: 100000000', 0, 'much shorter than it says'",
    "'X-Length: none', -5, 'too short, and says nothing'",
    "'X-Length: none', 5, 'too long, and says nothing'"
  })
  void leavesAServerThatLiesAboutTheLength(String header, int more, String lie) throws Exception {
    byte[] file = tiny.gzip().get(LABELS);
    byte[] body = Arrays.copyOf(file, file.length + more);
    String head =
        "HTTP/1.1 200 OK\r\nConnection: close\r\n%s\r\n\r\n"
            .formatted(header.formatted(body.length, file.length));
    try (ServerSocket liar = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Thread thread = new Thread(() -> answerAll(liar, head, body));
      thread.start();
      URI address = URI.create("http://127.0.0.1:" + liar.getLocalPort() + "/");
      cache().fetch(TinyDataset.at(address, good.address()).source());
    }
    assertWhole();
    assertTrue(good.requests().get(0).startsWith(LABELS), lie);
  }

  /** The hash decides, not what a server says. */
  @Test
  void acceptsTheFileWhateverItsLengthIsSaidToBe() throws Exception {
    byte[] file = tiny.gzip().get(LABELS);
    String head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\n";
    try (ServerSocket liar = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Thread thread = new Thread(() -> answerAll(liar, head, file));
      thread.start();
      URI address = URI.create("http://127.0.0.1:" + liar.getLocalPort() + "/");
      cache().fetch(TinyDataset.at(address, good.address()).source());
    }
    assertWhole();
  }

  private static void answerAll(ServerSocket server, String head, byte[] body) {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        BufferedReader request =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
        String line;
        while ((line = request.readLine()) != null && !line.isEmpty()) {}
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().write(body);
      } catch (IOException e) {
        // The client has hung up, or the test is over.
      }
    }
  }

  /** As a cache that goes by file names alone would serve MNIST for Fashion-MNIST. */
  @Test
  void rejectsTheFilesOfAnotherDatasetThatDifferInNothingButThePixels() throws IOException {
    byte[] other = tiny.raw().get(IMAGES).clone();
    for (int i = 16; i < other.length; i++) {
      other[i] ^= (byte) 0xff;
    }
    bad.serving(IMAGES, TinyDataset.gzip(other, 9));
    TinyDataset alone = TinyDataset.at(bad.address());
    DownloadException e =
        assertThrows(DownloadException.class, () -> cache().fetch(alone.source()));
    assertTrue(e.getMessage().contains("wrong content: found an unknown file"), e::getMessage);
    assertFalse(Files.exists(cached(IMAGES)));

    cache().fetch(tiny.source());
    assertWhole();
  }

  @Test
  void leavesAServerThatStallsInTheMiddleOfABody() throws IOException {
    CountDownLatch end = new CountDownLatch(1);
    bad.behaving(exchange -> stallAfter(exchange, 10, end));
    cache().fetch(tiny.source());
    end.countDown();
    assertWhole();
  }

  @Test
  void leavesAServerThatNeverAnswers() throws IOException {
    CountDownLatch end = new CountDownLatch(1);
    bad.behaving(exchange -> await(end));
    cache().fetch(tiny.source());
    end.countDown();
    assertWhole();
  }

  @Test
  void leavesAServerThatHangsUp() throws IOException {
    try (ServerSocket rude = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  while (true) {
                    Socket socket = rude.accept();
                    socket.setSoLinger(true, 0);
                    socket.close();
                  }
                } catch (IOException e) {
                  // The test is over.
                }
              });
      thread.start();
      URI address = URI.create("http://127.0.0.1:" + rude.getLocalPort() + "/");
      cache().fetch(TinyDataset.at(address, good.address()).source());
    }
    assertWhole();
  }

  // Continuing.

  @Test
  void continuesAtTheNextMirrorWhereTheFirstBrokeOff() throws IOException {
    bad.behaving(
        exchange -> {
          byte[] bytes = bad.file(exchange);
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes, 0, bytes.length - 20);
          exchange.getResponseBody().flush();
          exchange.close();
        });
    cache().fetch(tiny.source());
    assertWhole();
    int length = tiny.gzip().get(LABELS).length;
    assertEquals(LABELS + " bytes=" + (length - 20) + "-", good.requests().get(0));
  }

  @Test
  void continuesWhatAnEarlierProcessLeftBehind() throws IOException {
    byte[] bytes = tiny.gzip().get(IMAGES);
    leave(IMAGES, Arrays.copyOf(bytes, 5_000));
    cache().fetch(tiny.source());
    assertWhole();
    assertEquals(IMAGES + " bytes=5000-", bad.requests().get(3));
  }

  @Test
  void adoptsAFileThatWasWholeButNotYetMoved() throws IOException {
    leave(IMAGES, tiny.gzip().get(IMAGES));
    cache().fetch(tiny.source());
    assertWhole();
    assertEquals(3, bad.requests().size());
  }

  @Test
  void startsOverWhenTheLeftoverIsOfAnotherFile() throws IOException {
    leave(IMAGES, new byte[5_000]);
    cache().fetch(tiny.source());
    assertWhole();
    assertEquals(List.of(IMAGES + " bytes=5000-", IMAGES), bad.requests().subList(3, 5));
  }

  @Test
  void startsOverWhenTheLeftoverIsLongerThanTheFile() throws IOException {
    leave(IMAGES, new byte[100_000]);
    cache().fetch(tiny.source());
    assertWhole();
    assertEquals(IMAGES, bad.requests().get(3));
  }

  @Test
  void takesTheWholeFileFromAServerThatKnowsNoRanges() throws IOException {
    leave(IMAGES, Arrays.copyOf(tiny.gzip().get(IMAGES), 5_000));
    bad.behaving(exchange -> LocalMirror.answer(exchange, 200, bad.file(exchange)));
    cache().fetch(tiny.source());
    assertWhole();
    assertEquals(4, bad.requests().size());
  }

  @Test
  void startsOverWhenTheRangeIsRefused() throws IOException {
    leave(IMAGES, Arrays.copyOf(tiny.gzip().get(IMAGES), 5_000));
    bad.behaving(
        exchange -> {
          if (exchange.getRequestHeaders().containsKey("Range")) {
            LocalMirror.answer(exchange, 416, new byte[0]);
          } else {
            bad.serve(exchange);
          }
        });
    cache().fetch(tiny.source());
    assertWhole();
    assertEquals(5, bad.requests().size());
  }

  @Test
  void startsOverWhenTheMirrorsFileHasAnotherLength() throws IOException {
    leave(IMAGES, Arrays.copyOf(tiny.gzip().get(IMAGES), 5_000));
    byte[] again = compressedAnew();
    bad.serving(IMAGES, again);
    cache().fetch(tiny.source());
    assertArrayEquals(again, Files.readAllBytes(cached(IMAGES)));
    assertNoPart();
  }

  // The cache.

  @Test
  void fetchesACorruptFileAnew() throws IOException {
    cache().fetch(tiny.source());
    Files.write(cached(IMAGES), Arrays.copyOf(tiny.gzip().get(IMAGES), 1_000));
    cache().fetch(tiny.source());
    assertWhole();
    assertEquals(5, bad.requests().size());
  }

  @Test
  void offlineUsesWhatIsThere() throws IOException {
    tiny.writeTo(directory.resolve("tiny"));
    new DatasetCache(directory, true, DownloadListener.NONE, QUICK).fetch(tiny.source());
    assertEquals(List.of(), bad.requests());
  }

  @Test
  void offlineSaysWhatIsMissingOrCorruptAndAsksNobody() throws IOException {
    tiny.writeTo(directory.resolve("tiny"));
    Files.delete(cached(LABELS));
    Files.write(cached(IMAGES), new byte[3]);
    DatasetCache offline = new DatasetCache(directory, true, DownloadListener.NONE, QUICK);
    DownloadException e = assertThrows(DownloadException.class, () -> offline.fetch(tiny.source()));
    assertTrue(e.getMessage().contains(LABELS + " (missing)"), e::getMessage);
    assertTrue(e.getMessage().contains(IMAGES + " (corrupt)"), e::getMessage);
    assertEquals(List.of(), bad.requests());
  }

  @Test
  void verifiesWithoutNetworkOrWriting() throws IOException {
    tiny.writeTo(directory.resolve("tiny"));
    Files.delete(cached(LABELS));
    Files.write(cached(IMAGES), new byte[3]);
    List<FileStatus> states = cache().verify(tiny.source());
    assertEquals(
        List.of(
            FileStatus.State.CORRUPT,
            FileStatus.State.OK,
            FileStatus.State.OK,
            FileStatus.State.MISSING),
        states.stream().map(FileStatus::state).toList());
    assertTrue(states.get(0).detail().contains("found an unknown file of 3 bytes"));
    assertEquals("", states.get(1).detail());
    assertEquals(cached(LABELS), states.get(3).path());
    assertEquals(List.of(), bad.requests());
    assertFalse(Files.exists(cached(LABELS)));
    assertFalse(Files.exists(cached(".lock")));
  }

  @Test
  void verifyingCreatesNoDirectory() {
    DatasetCache nowhere =
        new DatasetCache(directory.resolve("a"), false, DownloadListener.NONE, QUICK);
    assertEquals(FileStatus.State.MISSING, nowhere.verify(tiny.source()).get(0).state());
    assertFalse(Files.exists(directory.resolve("a")));
  }

  @Test
  void aWholeCacheMayBeReadOnly() throws IOException {
    tiny.writeTo(directory.resolve("tiny"));
    cache().fetch(tiny.source());
    assertFalse(Files.exists(cached(".lock")), "not even a lock is taken");
  }

  @Test
  void saysThatTheDirectoryCannotBeWritten() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    DatasetCache cache =
        new DatasetCache(file.resolve("below"), false, DownloadListener.NONE, QUICK);
    IOException e = assertThrows(IOException.class, () -> cache.fetch(tiny.source()));
    assertTrue(e.getMessage().contains("the cache cannot be written"), e::getMessage);
    assertTrue(e.getMessage().contains("LENET_CACHE"), e::getMessage);
    assertEquals(List.of(), bad.requests());
  }

  @Test
  void saysThatTheDirectoryIsReadOnly() throws IOException {
    assumeTrue(Files.getFileStore(directory).supportsFileAttributeView("posix"));
    Path folder = Files.createDirectory(directory.resolve("tiny"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("r-xr-xr-x"));
    assumeFalse(Files.isWritable(folder), "root can write everywhere");
    IOException e = assertThrows(IOException.class, () -> cache().fetch(tiny.source()));
    assertTrue(e.getMessage().contains("the cache cannot be written"), e::getMessage);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void saysThatTheDiskIsFullAndTriesNoOtherMirror() throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full));
    Files.createDirectories(directory.resolve("tiny"));
    Files.createSymbolicLink(cached(LABELS + ".part"), full);
    IOException e = assertThrows(IOException.class, () -> cache().fetch(tiny.source()));
    assertTrue(e.getMessage().contains("the cache cannot be written: No space"), e::getMessage);
    assertEquals(1, bad.requests().size());
    assertEquals(List.of(), good.requests());
    assertFalse(Files.exists(cached(LABELS)));
  }

  /** Between two pieces of the last file, by somebody else. */
  @Test
  void saysThatTheCacheIsGone() {
    bad.behaving(
        exchange -> {
          if (!LocalMirror.name(exchange).equals(IMAGES)) {
            bad.serve(exchange);
            return;
          }
          byte[] bytes = bad.file(exchange);
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes, 0, 1_000);
          exchange.getResponseBody().flush();
          await(() -> Files.exists(cached(IMAGES + ".part")));
          delete(directory.resolve("tiny"));
          exchange.getResponseBody().write(bytes, 1_000, bytes.length - 1_000);
          exchange.close();
        });
    IOException e = assertThrows(IOException.class, () -> cache().fetch(tiny.source()));
    assertTrue(e.getMessage().startsWith(cached(IMAGES).toString()), e::getMessage);
    assertTrue(e.getMessage().contains("the cache cannot be written: "), e::getMessage);
    assertEquals(4, bad.requests().size());
    assertEquals(List.of(), good.requests());
    assertFalse(Files.exists(directory.resolve("tiny")));
  }

  private static void await(BooleanSupplier condition) {
    for (int i = 0; i < 500 && !condition.getAsBoolean(); i++) {
      sleep(10);
    }
    assertTrue(condition.getAsBoolean());
  }

  private static void delete(Path tree) throws IOException {
    try (Stream<Path> paths = Files.walk(tree)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  @Test
  void severalThreadsDownloadOnceAndAllSucceed() throws Exception {
    bad.behaving(
        exchange -> {
          sleep(30);
          bad.serve(exchange);
        });
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  cache().fetch(tiny.source());
                } catch (IOException | RuntimeException e) {
                  failures.add(e);
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(List.of(), failures);
    assertEquals(4, bad.requests().size());
    assertWhole();
  }

  @Test
  void whoeverWaitsForAnotherDownloadIsToldOnce() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    bad.behaving(
        exchange -> {
          asked.countDown();
          await(end);
          bad.serve(exchange);
        });
    Downloader.Options patient =
        new Downloader.Options(
            Duration.ofSeconds(20), Duration.ofSeconds(20), 1, Duration.ZERO, NO_PROXY);
    List<String> waits = Collections.synchronizedList(new ArrayList<>());
    DownloadListener listener =
        new DownloadListener() {
          @Override
          public void onWait(DatasetSource source) {
            waits.add(source.id());
            end.countDown();
          }
        };
    Thread first =
        new Thread(
            () ->
                assertDoesNotThrow(
                    () ->
                        new DatasetCache(directory, false, DownloadListener.NONE, patient)
                            .fetch(tiny.source())));
    first.start();
    asked.await();
    new DatasetCache(directory, false, listener, patient).fetch(tiny.source());
    first.join();
    assertEquals(List.of("tiny"), waits);
    assertEquals(4, bad.requests().size());
    assertWhole();
  }

  @Test
  void anInterruptEndsTheDownload() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    bad.behaving(
        exchange -> {
          asked.countDown();
          await(end);
        });
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    Thread thread =
        new Thread(
            () -> {
              try {
                cache().fetch(tiny.source());
              } catch (IOException e) {
                failures.add(e);
              }
            });
    thread.start();
    asked.await();
    thread.interrupt();
    thread.join();
    end.countDown();
    assertEquals("java.io.InterruptedIOException", failures.get(0).getClass().getName());
    assertEquals(List.of(), good.requests());
  }

  // The default directory.

  @Test
  void theEnvironmentNamesTheDirectory() {
    Path home = Path.of("/home/me").toAbsolutePath();
    Path cache = Path.of("/data/cache").toAbsolutePath();
    assertEquals(
        Path.of("mine"),
        DatasetCache.defaultDirectory(
            Map.of("LENET_CACHE", "mine", "XDG_CACHE_HOME", cache.toString()), "Linux", home));
    assertEquals(
        cache.resolve("lenet"),
        DatasetCache.defaultDirectory(Map.of("XDG_CACHE_HOME", cache.toString()), "Linux", home));
    assertEquals(
        home.resolve(".cache/lenet"),
        DatasetCache.defaultDirectory(Map.of("XDG_CACHE_HOME", "relative"), "Linux", home));
    assertEquals(
        home.resolve(".cache/lenet"), DatasetCache.defaultDirectory(Map.of(), "Linux", home));
  }

  @Test
  void theDirectoryGoesByTheSystem() {
    Path home = Path.of("/home/me").toAbsolutePath();
    Path local = Path.of("/local").toAbsolutePath();
    assertEquals(
        home.resolve("Library/Caches/lenet"),
        DatasetCache.defaultDirectory(Map.of(), "Mac OS X", home));
    assertEquals(
        local.resolve("lenet"),
        DatasetCache.defaultDirectory(
            Map.of("LOCALAPPDATA", local.toString()), "Windows 11", home));
    assertEquals(
        home.resolve("AppData/Local/lenet"),
        DatasetCache.defaultDirectory(Map.of(), "Windows 11", home));
  }

  private void leave(String name, byte[] bytes) throws IOException {
    Files.createDirectories(directory.resolve("tiny"));
    Files.write(cached(name + ".part"), bytes);
  }

  static void stallAfter(
      com.sun.net.httpserver.HttpExchange exchange, int bytes, CountDownLatch end)
      throws IOException {
    exchange.sendResponseHeaders(200, 100_000);
    exchange.getResponseBody().write(new byte[bytes]);
    exchange.getResponseBody().flush();
    await(end);
    exchange.close();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
