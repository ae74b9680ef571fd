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
@Tag("slow")
class ServeSoakTest {

  private static final int CLIENTS = 8;
  private static final int WARMUP_REQUESTS = 36_000;
  private static final int STRETCHES = 9;
  private static final int REQUESTS = 36_000;

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

  /** As many as an hour has at a hundred a second. */
  @Test
  void holdsNoMoreAfterAnHoursRequests() throws Exception {
    try (ChildJvm child = new ChildJvm(directory)) {
      ProcessResources.optionsForAConstantJava(192).forEach(child::withOption);
      Process process = child.start("serve", "pretrained", "--port", "0");
      URI url = ServeCommandTest.awaitServer(child);
      InetSocketAddress server = new InetSocketAddress(url.getHost(), url.getPort());
      ask(server, WARMUP_REQUESTS);
      List<ProcessResources> ends = new ArrayList<>(List.of(atRest(process)));
      for (int stretch = 0; stretch < STRETCHES; stretch++) {
        ask(server, REQUESTS);
        ends.add(atRest(process));
      }

      ProcessResources growth = ProcessResources.medianGrowth(ends);
      String summary = "%s in the median of %s".formatted(growth, ends);
      System.out.println(summary);
      assertTrue(growth.residentBytes() < 100L * REQUESTS, summary);
      assertTrue(growth.threads() <= 0, summary);
      assertTrue(growth.openFiles() <= 0, summary);

      process.destroy();
      Cli cli = child.await();
      assertEquals(143, cli.status());
      assertEquals("", cli.err());
    }
  }

  /** When it has seen that all clients are gone. */
  private static ProcessResources atRest(Process process) throws Exception {
    Thread.sleep(1000);
    return ProcessResources.of(process.pid());
  }

  /** All kinds in turn, by several clients. */
  private static void ask(InetSocketAddress server, int count) throws Exception {
    AtomicInteger next = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
    try {
      List<Future<?>> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(
            threads.submit(
                () -> {
                  while (next.get() < count) {
                    askOnOneConnection(server, next, count);
                  }
                  return null;
                }));
      }
      for (Future<?> client : clients) {
        client.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** Until one of the two hangs up. */
  private static void askOnOneConnection(InetSocketAddress server, AtomicInteger next, int count)
      throws IOException {
    try (RawClient client = new RawClient(server)) {
      for (int number; (number = next.getAndIncrement()) < count; ) {
        Request request = requests.get(number % requests.size());
        client.send(request.bytes());
        if (request.status() == 0) {
          return;
        }
        RawClient.Answer answer = client.answer();
        assertEquals(request.status(), answer.status(), answer.body());
        if (answer.headers().containsKey("connection")) {
          return;
        }
      }
    }
  }
}
