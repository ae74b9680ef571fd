package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.cli.serve.RawClient;
import io.github.lenet.model.ProcessResources;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code lenet serve} in a process of its own, asked again and again for all that it has. */
@EnabledOnOs(OS.LINUX)
class ServeSoakTest {

  private static final int CLIENTS = 8;

  private static List<Request> requests;

  @TempDir Path directory;

  /** What a client says, and the status that it gets; 0 if it does not wait for one. */
  private record Request(byte[] bytes, int status) {}

  @BeforeAll
  static void writeRequests() throws IOException {
    byte[] rows = post("predict", document("rows.json"));
    requests =
        List.of(
            new Request(rows, 200),
            new Request(post("predict", document("columns.json")), 200),
            new Request(post("predict", document("layers.json")), 200),
            new Request(post("classify", document("examples.json")), 200),
            new Request(get("/v1/models/lenet"), 200),
            new Request(get("/v1/models/lenet/metadata"), 200),
            new Request(get("/monitoring/prometheus/metrics"), 200),
            new Request(get("/"), 200),
            new Request(get("/healthz"), 200),
            new Request(get("/v1/models/other"), 404),
            new Request(post("predict", "{\"instances\": [[[1, 2]]]}"), 400),
            new Request(post("predict", "{\"instances\": [[["), 400),
            new Request(Arrays.copyOf(rows, rows.length / 2), 0), // hangs up while it asks
            new Request(rows, 0)); // hangs up before the answer
  }

  private static String document(String name) throws IOException {
    return Files.readString(Path.of("..", "docs", "serving", name));
  }

  private static byte[] get(String path) {
    return "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n"
        .formatted(path)
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] post(String method, String body) {
    return "POST /v1/models/lenet:%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s"
        .formatted(method, body.length(), body)
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void holdsNoMoreAfterSomeThousandRequests() throws Exception {
    // Java still compiles, and loads what it needs for that.
    soak(2_000, 3_000, 60, 64 << 20);
  }

  /** An hour of 100 requests a second, or of as many as a slow machine answers in two minutes. */
  @Test
  @Tag("soak")
  void holdsNoMoreAfterAnHoursRequests() throws Exception {
    soak(60_000, 300_000, 120, 24 << 20);
  }

  private void soak(int warmUp, int count, int seconds, long allowedBytes) throws Exception {
    // Java's heap has its final size from the start: what grows is not Java's.
    ChildJvm child =
        new ChildJvm(directory)
            .withOption("-Xms192m")
            .withOption("-Xmx192m")
            .withOption("-XX:+AlwaysPreTouch")
            .withOption("-XX:+UseSerialGC");
    Process process = child.start("serve", "pretrained", "--port", "0");
    try {
      URI url = ServeCommandTest.awaitServer(child, process);
      InetSocketAddress server = new InetSocketAddress(url.getHost(), url.getPort());
      long start = System.nanoTime();
      ask(server, warmUp, start + seconds / 4 * 1_000_000_000L);
      ProcessResources before = atRest(process);
      int asked = ask(server, count, start + seconds * 1_000_000_000L);
      ProcessResources after = atRest(process);

      String summary = "after %d more requests: %s, then %s".formatted(asked, before, after);
      System.out.println(summary);
      assertTrue(asked > count / 10, summary);
      assertTrue(after.residentBytes() - before.residentBytes() < allowedBytes, summary);
      assertTrue(after.threads() <= before.threads() + 2, summary);
      assertTrue(after.openFiles() <= before.openFiles() + 2, summary);
    } finally {
      process.destroy();
    }
    Cli cli = child.await();
    assertEquals(143, cli.status());
    assertEquals("", cli.err());
  }

  /** When it has seen that all clients are gone. */
  private static ProcessResources atRest(Process process) throws Exception {
    Thread.sleep(1000);
    return ProcessResources.of(process.pid());
  }

  /** All kinds in turn, by several clients; returns how many were asked in time. */
  private static int ask(InetSocketAddress server, int count, long deadline) throws Exception {
    AtomicInteger next = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
    List<Future<Integer>> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(
          threads.submit(
              () -> {
                int asked = 0;
                while (next.get() < count && System.nanoTime() < deadline) {
                  asked += askOnOneConnection(server, next, count);
                }
                return asked;
              }));
    }
    int asked = 0;
    for (Future<Integer> client : clients) {
      asked += client.get();
    }
    threads.shutdown();
    return asked;
  }

  /** Until one of the two hangs up. */
  private static int askOnOneConnection(InetSocketAddress server, AtomicInteger next, int count)
      throws IOException {
    try (RawClient client = new RawClient(server)) {
      for (int asked = 1; ; asked++) {
        int number = next.getAndIncrement();
        if (number >= count) {
          return asked - 1;
        }
        Request request = requests.get(number % requests.size());
        client.send(request.bytes());
        if (request.status() == 0) {
          return asked;
        }
        RawClient.Answer answer = client.answer();
        assertEquals(request.status(), answer.status(), answer.body());
        if (answer.headers().containsKey("connection")) {
          return asked;
        }
      }
    }
  }
}
