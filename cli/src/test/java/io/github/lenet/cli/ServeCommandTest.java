package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.cli.serve.RawClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ServeCommandTest {

  @TempDir private Path directory;

  /** Waits until it listens; returns its address. */
  static URI awaitServer(ChildJvm child) throws Exception {
    child.await(() -> child.outSoFar().lines().count() >= 2);
    String line = child.outSoFar().lines().findFirst().orElseThrow();
    assertTrue(
        line.matches("serving \\S+ \\(version 1\\) on http://127\\.0\\.0\\.1:[1-9]\\d*/"), line);
    return URI.create(line.substring(line.indexOf("http")));
  }

  static HttpResponse<String> get(URI uri) throws Exception {
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static Socket connect(URI server) throws IOException {
    Socket socket = new Socket(server.getHost(), server.getPort());
    socket.setSoTimeout(20_000);
    return socket;
  }

  /** Signals are Unix's. */
  @DisabledOnOs(OS.WINDOWS)
  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143"})
  void finishesWhatIsInFlightWhenItIsToldToEnd(String signal, int status) throws Exception {
    Cli cli;
    try (ChildJvm child = new ChildJvm(directory)) {
      child.start("serve", "pretrained", "--port", "0", "--name", "try");
      URI server = awaitServer(child);
      assertEquals("ok\n", get(server.resolve("/healthz")).body());
      assertTrue(
          get(server.resolve("/monitoring/prometheus/metrics"))
              .body()
              .contains("model_name=\"try\""));
      assertTrue(
          child.outSoFar().contains("try: curl %sv1/models/try".formatted(server)),
          child.outSoFar());

      try (RawClient slow =
          new RawClient(new InetSocketAddress(server.getHost(), server.getPort()))) {
        slow.send("POST /v1/models/try:predict HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n");
        slow.send("Expect: 100-continue\r\n\r\n");
        assertEquals(100, slow.answer().status());
        slow.send("{");
        Thread.sleep(200); // from there to where it is counted
        child.signal(signal);
        child.await(() -> !listens(server));
        RawClient.Answer answer = slow.send("}  ").answer();
        assertEquals(400, answer.status());
        assertEquals("close", answer.headers().get("connection"));
      }
      cli = child.await(20);
    }
    assertEquals(status, cli.status(), cli.err());
    assertEquals(2, cli.outLines().size(), cli.out());
  }

  private static boolean listens(URI server) {
    try {
      connect(server).close();
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** As many clients as there is room for send the longest body; a tree of one has 430 MB. */
  @Test
  void hostileBodiesFitIntoASmallHeap() throws Exception {
    String begin = "{\"instances\":[";
    HttpClient client = HttpClient.newHttpClient();
    try (ChildJvm child = new ChildJvm(directory).withOption("-Xmx256m")) {
      child.start("serve", "pretrained", "--port", "0");
      URI predict = awaitServer(child).resolve("/v1/models/lenet:predict");
      for (String part :
          List.of("[0],", "[[0],[0]],", "0,", "{},", "\"\",", "1e9,", "[", "{\"x\":")) {
        String body = begin + part.repeat(((16 << 20) - begin.length()) / part.length());
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          answers.add(client.sendAsync(post(predict, body), HttpResponse.BodyHandlers.ofString()));
        }
        for (CompletableFuture<HttpResponse<String>> answer : answers) {
          assertEquals(400, answer.get().statusCode(), part + answer.get().body());
        }
      }
      String rows = Files.readString(Path.of("..", "docs", "serving", "rows.json"));
      assertEquals(
          200, client.send(post(predict, rows), HttpResponse.BodyHandlers.ofString()).statusCode());
      assertEquals("", child.errSoFar());
    }
  }

  private static HttpRequest post(URI uri, String body) {
    return HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.ofString(body)).build();
  }

  @Test
  void saysThatThePortIsTaken() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String port = String.valueOf(taken.getLocalPort());
      Cli cli = Cli.run("serve", "pretrained", "--port", port);
      assertEquals(1, cli.status());
      assertEquals(
          List.of(
              "error: port %s on 127.0.0.1 is taken: stop what listens there, or choose another with"
                      .formatted(port)
                  + " --port (0: any that is free)"),
          cli.errLines());
      assertEquals("", cli.out());
    }
  }

  @Test
  void saysThatTheHostIsAnothers() {
    // From the block that is kept for documentation (RFC 5737).
    Cli cli = Cli.run("serve", "pretrained", "--port", "0", "--host", "192.0.2.1");
    assertEquals(1, cli.status());
    assertEquals(
        List.of(
            "error: host 192.0.2.1: is not this machine's: name an address of its own with --host, or"
                + " 0.0.0.0 for all it has"),
        cli.errLines());
  }

  @Test
  void saysThatTheHostIsUnknown() {
    // Never a name (RFC 6761).
    Cli cli = Cli.run("serve", "pretrained", "--port", "0", "--host", "lenet.invalid");
    assertEquals(1, cli.status());
    assertTrue(cli.err().startsWith("error: host lenet.invalid: cannot be found: "), cli.err());
  }

  @Test
  void saysThatThereIsNoModelAndGivesThePortBack() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      port = free.getLocalPort();
    }
    String missing = directory.resolve("missing").toString();
    for (int i = 0; i < 2; i++) {
      Cli cli = Cli.run("serve", missing, "--port", String.valueOf(port));
      assertEquals(1, cli.status());
      assertTrue(cli.err().startsWith("error: " + missing + ": "), cli.err());
      assertEquals("", cli.out());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "--port         | 65536     | --port: expected a port from 0 to 65535, found '65536'",
        "--port         | -1        | --port: expected a port from 0 to 65535, found '-1'",
        "--port         | http      | --port: expected a port from 0 to 65535, found 'http'",
        "--name         | a/b       | --name: expected letters, digits, '_', '.' and '-', found 'a/b'",
        "--name         | a:b       | --name: expected letters, digits, '_', '.' and '-', found 'a:b'",
        "--batch-timeout | -1        | --batch-timeout: expected 0 or a positive number such as 0.0005,"
            + " found '-1'",
        "--batch-timeout | 5000      | --batch-timeout: expected milliseconds from 0 to 1000, found '5000'",
        "--max-batch-size | 0       | --max-batch-size: expected a positive whole number, found '0'",
      })
  void refusesWrongUsage(String option, String value, String message) {
    Cli cli = Cli.run("serve", "pretrained", option, value);
    assertEquals(2, cli.status());
    assertEquals(List.of("error: " + message), cli.errLines());
  }

  @Test
  void needsAModel() {
    Cli cli = Cli.run("serve");
    assertEquals(2, cli.status());
    assertTrue(cli.err().contains("MODEL"), cli.err());
  }

  @Test
  void saysInItsHelpWhatIsUsual() {
    String help = Cli.run("serve", "--help").out();
    for (String usual :
        List.of("8501", "127.0.0.1", "Default: lenet", "Default: 128", "Default: 0.5")) {
      assertTrue(help.contains(usual), help);
    }
  }
}
