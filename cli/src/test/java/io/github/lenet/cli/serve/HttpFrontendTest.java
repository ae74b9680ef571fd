package io.github.lenet.cli.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.cli.serve.RawClient.Answer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HttpFrontendTest {

  /** Held, or it may be collected with its level. */
  private static final Logger LOGGER = Logger.getLogger(HttpFrontend.class.getName());

  private static final int LONGEST_BODY = 1 << 20;
  private static final int HUNDRED_MEGABYTES = 100 << 20;

  private static final HttpFrontend.Limits LIMITS =
      new HttpFrontend.Limits(
          LONGEST_BODY,
          2 * LONGEST_BODY,
          Duration.ofSeconds(30),
          Duration.ofSeconds(10),
          Duration.ofSeconds(10));

  private final ServingMetrics metrics = new ServingMetrics("lenet");
  private final CountDownLatch go = new CountDownLatch(1);
  private final BlockingQueue<String> arrived = new LinkedBlockingQueue<>();
  private HttpFrontend front;

  @BeforeEach
  void start() throws IOException {
    start(LIMITS);
  }

  private void start(HttpFrontend.Limits limits) throws IOException {
    start(limits, Optional.empty());
  }

  private void start(HttpFrontend.Limits limits, Optional<String> origin) throws IOException {
    front =
        new HttpFrontend(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), limits, metrics);
    front.start(this::api, HttpFrontendTest::page, origin);
  }

  @AfterEach
  void stop() {
    go.countDown();
    front.close();
    LOGGER.setLevel(null);
  }

  private HttpResponse api(HttpRequest request) {
    arrived.add(request.path());
    return switch (request.path()) {
      case "/v1/waits" -> {
        try {
          go.await();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
        yield json("waited");
      }
      case "/v1/fails" -> throw new IllegalStateException("a secret");
      case "/v1/breaks" ->
          new HttpResponse(
              200,
              HttpResponse.JSON,
              out -> {
                out.write(new byte[100_000]);
                throw new IllegalStateException("a secret");
              });
      case "/v1/long" -> HttpResponse.of(200, HttpResponse.JSON, new byte[1_000_000]);
      case "/v1/empty" -> HttpResponse.of(200, HttpResponse.JSON, new byte[0]);
      default -> json(request.method() + " " + request.body().length);
    };
  }

  private static HttpResponse json(String text) {
    return HttpResponse.of(200, HttpResponse.JSON, text.getBytes(StandardCharsets.UTF_8));
  }

  private static HttpResponse page(HttpRequest request) {
    byte[] text = ("page " + request.path()).getBytes(StandardCharsets.UTF_8);
    return request.path().equals("/")
        ? new HttpResponse(
            200, "text/html", Map.of("Cache-Control", "no-cache"), out -> out.write(text))
        : HttpResponse.of(404, "text/plain", text);
  }

  private RawClient client() throws IOException {
    return new RawClient(front.address());
  }

  private Answer ask(String request) throws IOException {
    try (RawClient client = client()) {
      return client.send(request).answer();
    }
  }

  private Answer get(String path) throws IOException {
    return ask("GET %s HTTP/1.1\r\nHost: x\r\n\r\n".formatted(path));
  }

  private void assertStillServes() throws IOException {
    assertEquals("ok\n", get("/healthz").body());
  }

  @Test
  void knowsWhoAnswersWhat() throws IOException {
    assertEquals("GET 0", get("/v1/models/lenet").body());
    assertEquals("GET 0", get("/V1/models/lenet?x=y").body());
    assertEquals("page /", get("/?x=y").body());
    assertEquals("page /healthz/", get("/healthz/").body());
    assertEquals("ok\n", get("/healthz").body());
    assertEquals("GET 0", get("http://x/v1/models/lenet").body());

    Answer answer = get("/monitoring/prometheus/metrics");
    assertEquals("text/plain; version=0.0.4; charset=utf-8", answer.headers().get("content-type"));
    assertTrue(answer.body().contains("\nlenet_http_responses_total{code=\"200\"} 5\n"));
    assertTrue(answer.body().contains("\nlenet_http_responses_total{code=\"404\"} 1\n"));
  }

  @Test
  void tellsBrowsersNotToGuessAndNotToKeep() throws IOException {
    for (String path : List.of("/", "/v1/models/lenet", "/healthz", "/nothing")) {
      assertEquals("nosniff", get(path).headers().get("x-content-type-options"));
    }
    assertEquals("no-store", get("/v1/models/lenet").headers().get("cache-control"));
    assertEquals("no-cache", get("/").headers().get("cache-control"), "the page's own word");
  }

  @Test
  void answersHeadAsGetWithoutTheBody() throws IOException {
    try (RawClient client = client()) {
      client.send("HEAD /v1/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      String all = client.everything();
      assertTrue(all.startsWith("HTTP/1.1 200 "), all);
      assertTrue(all.toLowerCase().contains("content-length: 6\r\n"), all);
      assertTrue(all.endsWith("\r\n\r\n"), "nothing after the headers");
    }
    try (RawClient client = client()) {
      client.send(
          "HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      assertEquals(2, client.everything().split("HTTP/1.1 200", -1).length - 1);
    }
  }

  @Test
  void saysWhichMethodsItKnows() throws IOException {
    Answer answer = ask("POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    assertEquals(405, answer.status());
    assertEquals("GET, HEAD", answer.headers().get("allow"));
  }

  @Test
  void answersManyRequestsOnOneConnection() throws IOException {
    try (RawClient client = client()) {
      for (int length : new int[] {0, 1, 511, 512, 65_536, 70_000, LONGEST_BODY}) {
        client.send(
            "POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n".formatted(length));
        assertEquals("POST " + length, client.send(new byte[length]).answer().body());
      }
      assertEquals(
          0, client.send("GET /v1/empty HTTP/1.1\r\nHost: x\r\n\r\n").answer().body().length());
      assertEquals("GET 0", client.send("GET /v1/x HTTP/1.1\r\nHost: x\r\n\r\n").answer().body());
    }
  }

  @Test
  void readsBodiesInChunksToTheirEnd() throws IOException {
    try (RawClient client = client()) {
      client.send("POST /v1/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
      client
          .send("3\r\nabc\r\n")
          .send("2\r\nde\r\n0\r\n\r\nGET /v1/next HTTP/1.1\r\nHost: x\r\n\r\n");
      assertEquals("POST 5", client.answer().body());
      assertEquals("GET 0", client.answer().body());
    }
  }

  @Test
  void sendsLongAnswersWhileTheyAreMade() throws IOException {
    try (RawClient client = client()) {
      Answer answer = client.send("GET /v1/long HTTP/1.1\r\nHost: x\r\n\r\n").answer();
      assertEquals("chunked", answer.headers().get("transfer-encoding"));
      assertEquals(1_000_000, answer.body().length());
    }
  }

  @Test
  void cutsOffAnAnswerThatCannotBeFinishedSoThatNobodyTakesItForWhole() throws IOException {
    LOGGER.setLevel(Level.OFF);
    try (RawClient client = client()) {
      String all = client.send("GET /v1/breaks HTTP/1.1\r\nHost: x\r\n\r\n").everything();
      assertTrue(all.startsWith("HTTP/1.1 200"));
      assertFalse(all.endsWith("\r\n0\r\n\r\n"), "looks whole");
      assertFalse(all.contains("secret"));
    }
    assertStillServes();
  }

  @Test
  void keepsItsFailuresToItself() throws IOException {
    LOGGER.setLevel(Level.OFF);
    Answer answer = get("/v1/fails");
    assertEquals(500, answer.status());
    assertEquals("{\n    \"error\": \"internal error\"\n}", answer.body());
    assertEquals(HttpResponse.JSON, answer.headers().get("content-type"));
    assertStillServes();
  }

  @Test
  void refusesABodyThatIsTooLongBeforeItHasCome() throws IOException {
    Answer answer =
        ask(
            "POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
                .formatted(LONGEST_BODY + 1));
    assertEquals(413, answer.status());
    assertTrue(answer.body().contains("expected at most 1048576 bytes"), answer.body());
    assertEquals("close", answer.headers().get("connection"));
    assertEquals(
        413,
        ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9223372036854775807\r\n\r\n").status());
    assertTrue(arrived.isEmpty());
  }

  @Test
  void aClientThatSendsAHundredMegabytesBeforeItReadsSeesWhyItWasRefused() throws IOException {
    try (RawClient client = client()) {
      client.send(
          "POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
              .formatted(HUNDRED_MEGABYTES));
      byte[] part = new byte[1 << 20];
      for (int sent = 0; sent < HUNDRED_MEGABYTES; sent += part.length) {
        client.send(part);
      }
      assertEquals(413, client.answer().status());
      assertEquals("", client.everything());
    }
    try (RawClient client = client()) {
      client.send("POST /v1/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
      byte[] part = new byte[1 << 20];
      for (int sent = 0; sent < HUNDRED_MEGABYTES; sent += part.length) {
        client.send("100000\r\n").send(part).send("\r\n");
      }
      assertEquals(413, client.send("0\r\n\r\n").answer().status());
    }
    assertStillServes();
  }

  @Test
  void hangsUpOnAClientThatNeverStopsSending() throws IOException {
    front.close();
    start(
        new HttpFrontend.Limits(
            1000, 1000, Duration.ofSeconds(30), Duration.ofMillis(100), Duration.ofSeconds(10)));
    long start = System.nanoTime();
    try (RawClient client = client()) {
      client.send("POST /v1/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
      byte[] chunk = ("100\r\n" + "x".repeat(0x100) + "\r\n").getBytes(StandardCharsets.US_ASCII);
      assertThrows(
          IOException.class,
          () -> {
            while (System.nanoTime() - start < TimeUnit.SECONDS.toNanos(20)) {
              client.send(chunk);
            }
          });
    }
  }

  @Test
  void hangsUpOnWhoTakesTooLong() throws IOException {
    front.close();
    start(
        new HttpFrontend.Limits(
            1000, 1000, Duration.ofMillis(500), Duration.ofSeconds(2), Duration.ofSeconds(10)));
    try (RawClient silent = client();
        RawClient half = client();
        RawClient slow = client();
        RawClient dripping = client();
        RawClient idle = client();
        Socket deaf = new Socket()) {
      half.send("GET /healthz HT");
      slow.send("POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{");
      idle.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
      deaf.setReceiveBufferSize(4096);
      deaf.setSoTimeout(20_000);
      deaf.connect(front.address());
      // More than fits into the buffers of both sides.
      String many = "GET /v1/long HTTP/1.1\r\nHost: x\r\n\r\n".repeat(20);
      deaf.getOutputStream().write(many.getBytes(StandardCharsets.US_ASCII));
      assertEquals("", silent.everything());
      assertEquals("", half.everything());
      assertEquals(408, slow.answer().status());
      assertEquals(200, idle.answer().status());
      assertEquals("", idle.everything());
      dripping.send("POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n");
      assertThrows(
          IOException.class,
          () -> {
            for (int i = 0; i < 800; i++) {
              dripping.send("x");
              Thread.sleep(50);
            }
          });
      int read = 0;
      try {
        for (int n; (n = deaf.getInputStream().read(new byte[65_536])) > 0; ) {
          read += n;
        }
      } catch (SocketException e) {
        // Reset: hung up, too.
      }
      assertTrue(read < 20_000_000, "has waited for a client that does not read");
    }
    assertStillServes();
  }

  @Test
  void pagesFromElsewhereMayAskOnlyWhereThatIsSaid() throws IOException {
    String preflight =
        "OPTIONS /v1/x HTTP/1.1\r\nHost: x\r\nOrigin: https://a.example\r\n"
            + "Access-Control-Request-Method: POST\r\n"
            + "Access-Control-Request-Headers: content-type\r\n\r\n";
    String get = "GET /v1/x HTTP/1.1\r\nHost: x\r\nOrigin: https://a.example\r\n\r\n";
    assertFalse(ask(preflight).headers().toString().contains("access-control"));
    assertFalse(ask(get).headers().toString().contains("access-control"));
    assertEquals("/v1/x", arrived.poll(), "the API's to answer");
    for (String origin : List.of("https://a.example", "*")) {
      front.close();
      start(LIMITS, Optional.of(origin));
      Answer answer = ask(preflight);
      assertEquals(200, answer.status());
      assertEquals("https://a.example", answer.headers().get("access-control-allow-origin"));
      assertTrue(answer.headers().get("access-control-allow-methods").contains("POST"));
      assertEquals("*", answer.headers().get("access-control-allow-headers"));
      answer = ask(get);
      assertEquals("GET 0", answer.body());
      assertEquals("https://a.example", answer.headers().get("access-control-allow-origin"));
      assertFalse(answer.headers().containsKey("access-control-allow-credentials"));
    }
    front.close();
    start(LIMITS, Optional.of("https://b.example"));
    assertFalse(ask(preflight).headers().toString().contains("access-control"));
    assertFalse(ask(get).headers().toString().contains("access-control"));
  }

  @Test
  void keepsOnlySoManyBytesOfAllRequestsTogether() throws Exception {
    front.close();
    start(
        new HttpFrontend.Limits(
            1000, 1500, Duration.ofSeconds(30), Duration.ofSeconds(10), Duration.ofSeconds(10)));
    String body = "\r\nHost: x\r\nContent-Length: 800\r\n\r\n" + "x".repeat(800);
    try (RawClient first = client()) {
      first.send("POST /v1/waits HTTP/1.1" + body);
      assertEquals("/v1/waits", arrived.poll(60, TimeUnit.SECONDS));
      assertEquals(503, ask("POST /v1/x HTTP/1.1" + body).status());
      assertEquals("POST 600", ask("POST /v1/x HTTP/1.1" + body.replace("800", "600")).body());
      go.countDown();
      assertEquals("waited", first.answer().body());
    }
    for (int i = 0; i < 3; i++) { // given back, also by those refused
      assertEquals("POST 800", ask("POST /v1/x HTTP/1.1" + body).body());
    }
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    }
    return packed.toByteArray();
  }

  private Answer post(String encoding, byte[] body) throws IOException {
    try (RawClient client = client()) {
      return client
          .send(
              "POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n"
                  .formatted(encoding, body.length))
          .send(body)
          .answer();
    }
  }

  /** {@code EvHTTPRequest} unpacks bodies in gzip. */
  @Test
  void unpacksGzipBodiesWithinTheLimit() throws IOException {
    assertEquals("POST 2", post("identity", new byte[2]).body());
    assertEquals("POST 100000", post("gzip", gzip(new byte[100_000])).body());
    assertEquals("POST 100000", post("GZIP", gzip(new byte[100_000])).body());
    assertEquals("POST " + LONGEST_BODY, post("gzip", gzip(new byte[LONGEST_BODY])).body());
    assertEquals(415, post("br", new byte[2]).status());
    assertEquals(415, post("gzip, gzip", new byte[2]).status());
  }

  @Test
  void refusesDamagedGzipBodiesAndBombs() throws IOException {
    byte[] sound = gzip("0123456789".repeat(1000).getBytes(StandardCharsets.UTF_8));
    byte[] flipped = sound.clone();
    flipped[sound.length - 6] ^= 1; // of the checksum
    List<byte[]> damaged =
        List.of(
            new byte[0],
            new byte[2],
            "{}".repeat(100).getBytes(StandardCharsets.UTF_8),
            Arrays.copyOf(sound, sound.length / 2),
            flipped,
            gzip(new byte[LONGEST_BODY + 1]),
            gzip(new byte[HUNDRED_MEGABYTES]));
    for (byte[] body : damaged) {
      Answer answer = post("gzip", body);
      assertEquals(400, answer.status(), answer.body());
      assertTrue(answer.body().contains("the gzip body cannot be unpacked: "), answer.body());
      assertFalse(answer.body().contains("null"), answer.body());
    }
    assertTrue(arrived.isEmpty());
    assertStillServes();
  }

  @Test
  void answersTraceWithNotImplemented() throws IOException {
    assertEquals(501, ask("TRACE /v1/models/lenet HTTP/1.1\r\nHost: x\r\n\r\n").status());
    assertTrue(arrived.isEmpty());
  }

  /** {@code /v1} is not of the API upstream, nor is what only begins like it. */
  @Test
  void leavesOtherPathsThatBeginLikeTheApi() throws IOException {
    for (String path : List.of("/v1", "/v1alpha/models/lenet", "/v10/models")) {
      assertEquals(404, get(path).status());
    }
    assertTrue(arrived.isEmpty());
  }

  @Test
  void refusesAQueryForTheMetrics() throws IOException {
    Answer answer = get("/monitoring/prometheus/metrics?x=y");
    assertEquals(400, answer.status());
    assertTrue(answer.body().startsWith("Unexpected path: "), answer.body());
  }

  static List<Arguments> soundnessOfRequests() {
    String post = "POST /v1/x HTTP/1.1\r\nHost: x\r\n";
    String chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
    return List.of(
        Arguments.of(400, "no request", "GARBAGE\r\n\r\n"),
        Arguments.of(400, "binary", "\u0016\u0003\u0001\u0002\r\n\r\n"),
        Arguments.of(505, "no version", "GET /v1/x\r\n\r\n"),
        Arguments.of(426, "another version", "GET /v1/x HTTP/2.0\r\n\r\n"),
        Arguments.of(426, "HTTP/2's greeting", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        Arguments.of(400, "NUL in the path", "GET /v1/\0 HTTP/1.1\r\nHost: x\r\n\r\n"),
        Arguments.of(400, "half an escape", "GET /v1/% HTTP/1.1\r\nHost: x\r\n\r\n"),
        Arguments.of(
            400,
            "length and chunks",
            post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        Arguments.of(400, "two lengths", post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx"),
        Arguments.of(400, "lengths in a list", post + "Content-Length: 1, 1\r\n\r\nxx"),
        Arguments.of(400, "a negative length", post + "Content-Length: -1\r\n\r\n"),
        Arguments.of(400, "a signed length", post + "Content-Length: +1\r\n\r\nx"),
        Arguments.of(400, "no number", post + "Content-Length: one\r\n\r\nx"),
        Arguments.of(400, "2^64", post + "Content-Length: 18446744073709551616\r\n\r\n"),
        Arguments.of(400, "a space in a name", post + "Content-Length : 1\r\n\r\nx"),
        Arguments.of(400, "no colon", post + "Content-Length 1\r\n\r\nx"),
        Arguments.of(400, "an unknown encoding", post + "Transfer-Encoding: gzip\r\n\r\n"),
        Arguments.of(400, "chunked twice", post + "Transfer-Encoding: chunked, chunked\r\n\r\n"),
        Arguments.of(400, "a chunk of no number", chunked + "zz\r\n"),
        Arguments.of(400, "a chunk of -1", chunked + "-1\r\n"),
        Arguments.of(400, "a chunk that goes on", chunked + "1\r\nxx\r\n0\r\n\r\n"),
        Arguments.of(431, "a long header", post + "A: " + "x".repeat(40_000) + "\r\n\r\n"));
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("soundnessOfRequests")
  void refusesWhatIsNoSoundRequest(int status, String what, String request) throws IOException {
    try (RawClient client = client()) {
      String all = client.send(request).everything();
      assertTrue(all.startsWith("HTTP/1.1 " + status + " "), all);
      assertEquals(2, all.split("HTTP/1.1 \\d", -1).length, "one answer, and the end");
      assertFalse(all.contains("xception at"), all);
    }
    assertTrue(arrived.isEmpty(), "reached the API");
    assertStillServes();
  }

  @Test
  void takesALengthThatLiesForAnErrorOfTheClient() throws IOException {
    try (RawClient client = client()) {
      client.send("POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nxxx").sendEnd();
      assertEquals(400, client.answer().status());
    }
    assertTrue(arrived.isEmpty());
  }

  @Test
  void refusesFloodsOfHeaders() throws IOException {
    for (String headers : List.of("A: x\r\n".repeat(6000), "x".repeat(100_000))) {
      try (RawClient client = client()) {
        client.send("GET /v1/x HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n");
        assertEquals(431, client.answer().status());
        assertEquals("", client.everything());
      }
    }
    assertTrue(arrived.isEmpty());
    assertStillServes();
  }

  @Test
  void doesNotLetAChunkHideARequest() throws IOException {
    try (RawClient client = client()) {
      // 2^32 is 0 for a reader with 32 bits: then what follows would be another request.
      client.send(
          "POST /v1/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n100000000\r\n\r\n");
      client.send("GET /v1/hidden HTTP/1.1\r\nHost: x\r\n\r\n").sendEnd();
      client.everything();
      assertFalse(arrived.contains("/v1/hidden"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/v1/../../etc/passwd",
        "//etc/passwd",
        "//healthz",
        "//x/healthz",
        "//x/v1/models/lenet",
        "/./healthz",
        "/x/../healthz",
        "/healthz%00",
        "/healthz;x",
        "/HEALTHZ",
        "/%68ealthz",
        "/%76%31/models/lenet",
        "/monitoring/prometheus/metrics/",
        "\\healthz",
        "/\u00ff\u00fe",
        "file:///etc/passwd",
        "healthz",
        "*"
      })
  void takesPathsAsTheyAreWritten(String path) throws IOException {
    try (RawClient client = client()) {
      String all =
          client
              .send("GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".formatted(path))
              .everything();
      boolean isApi = path.startsWith("/v1") && !path.contains("..");
      assertTrue(isApi || all.isEmpty() || all.matches("(?s)HTTP/1.1 40[04] .*"), all);
      assertEquals(isApi ? List.of(path) : List.of(), List.copyOf(arrived));
    }
  }

  @Test
  void slowClientsDoNotKeepOthersWaiting() throws IOException {
    List<RawClient> slow = new ArrayList<>();
    try {
      for (int i = 0; i < 200; i++) {
        slow.add(client().send("POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx"));
      }
      long start = System.nanoTime();
      assertStillServes();
      assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(5));
      for (RawClient client : slow) {
        assertEquals("POST 9", client.send("12345678").answer().body());
      }
    } finally {
      for (RawClient client : slow) {
        client.close();
      }
    }
  }

  @Test
  void takesOnlySoManyConnections() throws Exception {
    List<RawClient> all = new ArrayList<>();
    try {
      for (int i = 0; i < HttpFrontend.MAX_CONNECTIONS; i++) {
        all.add(client());
      }
      assertEquals(
          "ok\n", all.get(0).send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").answer().body());
      try (RawClient tooMany = client()) {
        tooMany.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThrows(SocketTimeoutException.class, () -> tooMany.awaitByte(Duration.ofMillis(200)));
        all.remove(0).close();
        assertEquals("ok\n", tooMany.answer().body());
      }
    } finally {
      for (RawClient client : all) {
        client.close();
      }
    }
  }

  @Test
  void doesNotMindClientsThatGoAway() throws IOException {
    for (String request :
        List.of(
            "",
            "GET",
            "GET /v1/long HTTP/1.1\r\nHost: x\r\n\r\n",
            "POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx",
            "POST /v1/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nx")) {
      client().send(request).close();
    }
    assertStillServes();
  }

  @Test
  void stopsAtOnceWhenThereIsNothingToFinish() throws IOException {
    try (RawClient client = client()) {
      client.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").answer();
      long start = System.nanoTime();
      front.close();
      assertTrue(System.nanoTime() - start < LIMITS.stopping().toNanos() / 2, "took long");
      assertEquals("", client.everything());
    }
    assertThrows(ConnectException.class, this::client);
    front.close(); // does nothing
  }

  @Test
  void finishesWhatIsInFlightBeforeItStops() throws Exception {
    try (RawClient waiting = client();
        RawClient slow = client();
        RawClient open = client()) {
      assertEquals(200, open.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").answer().status());
      waiting.send("GET /v1/waits HTTP/1.1\r\nHost: x\r\n\r\n");
      slow.send(
          "POST /v1/slow HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
      assertEquals(100, slow.answer().status());
      slow.send("ab");
      Thread.sleep(100); // from there to where it is counted
      assertEquals("/v1/waits", arrived.poll(60, TimeUnit.SECONDS));
      CompletableFuture<Void> stopped = CompletableFuture.runAsync(front::close);
      awaitClosedPort();

      Answer health = open.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").answer();
      assertEquals(503, health.status());
      assertEquals("close", health.headers().get("connection"));
      assertFalse(stopped.isDone());
      Answer late = slow.send("cd").answer();
      assertEquals("POST 4", late.body());
      assertEquals("close", late.headers().get("connection"));
      go.countDown();
      assertEquals("waited", waiting.answer().body());
      stopped.get(60, TimeUnit.SECONDS);
    }
  }

  private void awaitClosedPort() throws Exception {
    for (int i = 0; i < 6000; i++) {
      try {
        client().close();
      } catch (SocketException e) { // refused, or reset if it was just about to be closed
        return;
      }
      Thread.sleep(10);
    }
    throw new AssertionError("still listens");
  }

  @Test
  void givesUpOnWhatTakesTooLongToFinish() throws Exception {
    LOGGER.setLevel(Level.OFF);
    front.close();
    start(
        new HttpFrontend.Limits(
            1000, 1000, Duration.ofSeconds(30), Duration.ofSeconds(1), Duration.ofMillis(50)));
    try (RawClient waiting = client()) {
      waiting.send("GET /v1/waits HTTP/1.1\r\nHost: x\r\n\r\n");
      assertEquals("/v1/waits", arrived.poll(60, TimeUnit.SECONDS));
      long start = System.nanoTime();
      front.close();
      assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(5));
    }
  }

  @Test
  void answersThirtyTwoConnectionsAtOnce() throws Exception {
    byte[] body = new byte[2000];
    Arrays.fill(body, (byte) 'x');
    List<CompletableFuture<Void>> clients = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      clients.add(
          CompletableFuture.runAsync(
              () -> {
                try (RawClient client = client()) {
                  for (int j = 0; j < 100; j++) {
                    client
                        .send("POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\n\r\n")
                        .send(body);
                    assertEquals("POST 2000", client.answer().body());
                  }
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              }));
    }
    for (CompletableFuture<Void> client : clients) {
      client.get(60, TimeUnit.SECONDS);
    }
    assertTrue(metrics.toText().contains("lenet_http_responses_total{code=\"200\"} 3200\n"));
  }
}
