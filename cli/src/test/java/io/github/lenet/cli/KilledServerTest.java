package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.cli.output.ExitCode;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that is killed while clients are connected. */
@Tag("slow")
final class KilledServerTest {

  private static final int KILLS = 2;

  @TempDir private Path directory;

  @Test
  void theNextOneTakesThePortAtOnceAndTheModelsAreAsTheyWere() throws Exception {
    Path models = directory.resolve("models");
    Cli exported =
        Cli.run("export", SampleRun.directory().toString(), "--output", models.toString());
    assertEquals(ExitCode.DONE, exported.status(), exported.err());
    Map<String, String> before = contents(models);
    String port = "0";
    for (int kill = 0; kill < KILLS; kill++) {
      try (ChildJvm child = new ChildJvm(directory)) {
        child.start("serve", models.toString(), "--port", port);
        URI server = ServeCommandTest.awaitServer(child);
        port = String.valueOf(server.getPort());
        assertEquals("ok\n", ServeCommandTest.get(server.resolve("/healthz")).body());
        try (Socket half = new Socket(server.getHost(), server.getPort())) {
          half.getOutputStream()
              .write(
                  "POST /v1/models/lenet:predict HTTP/1.1\r\nContent-Length: 99\r\n\r\n{"
                      .getBytes(StandardCharsets.US_ASCII));
          child.kill();
        }
      }
    }
    assertEquals(before, contents(models));

    try (ChildJvm next = new ChildJvm(directory)) {
      next.start("serve", models.toString(), "--port", port);
      URI server = ServeCommandTest.awaitServer(next);
      assertEquals(port, String.valueOf(server.getPort()));
      assertEquals("ok\n", ServeCommandTest.get(server.resolve("/healthz")).body());
    }
  }

  private static Map<String, String> contents(Path directory) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.toList()) {
        byte[] bytes = Files.isRegularFile(path) ? Files.readAllBytes(path) : new byte[0];
        contents.put(path.toString(), Base64.getEncoder().encodeToString(bytes));
      }
    }
    assertTrue(contents.size() > 5);
    return contents;
  }
}
