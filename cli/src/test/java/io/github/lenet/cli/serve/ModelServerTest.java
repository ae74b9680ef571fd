package io.github.lenet.cli.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.cli.SampleRun;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
final class ModelServerTest {

  private static final int CLIENTS = 16;
  private static final int SWAPS = 4;

  @TempDir Path directory;

  /** From HTTP to the network: whoever asks gets an answer, whatever is being published. */
  @Test
  @Tag("slow")
  void versionsAreSwappedUnderLoadWithoutAFailedRequest() throws Exception {
    Path models = directory.resolve("models");
    SampleRun.publish(1, models);
    BlockingQueue<String> events = new LinkedBlockingQueue<>();
    ModelServer.Settings settings =
        new ModelServer.Settings(
            Optional.of(models),
            "lenet",
            "127.0.0.1",
            0,
            Duration.ZERO,
            128,
            Optional.empty(),
            Optional.empty());
    byte[] pixels = (byte[]) ServableTest.images(3).values();
    StringBuilder image = new StringBuilder();
    for (int i = 0; i < pixels.length; i++) {
      image.append(i == 0 ? "[[" : i % 28 == 0 ? "],[" : ",");
      image.append(Byte.toUnsignedInt(pixels[i]));
    }
    String body = "{\"instances\":[" + image + "]]]}";

    ExecutorService threads = Executors.newCachedThreadPool();
    AtomicBoolean stop = new AtomicBoolean();
    try (ModelServer server = new ModelServer(settings, events::add)) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(server.url() + "v1/models/lenet:predict"))
              .POST(BodyPublishers.ofString(body))
              .build();
      List<Future<Integer>> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(
            threads.submit(
                () -> {
                  HttpClient client = HttpClient.newHttpClient();
                  int answers = 0;
                  for (; !stop.get(); answers++) {
                    HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
                    assertEquals(200, answer.statusCode(), answer.body());
                    assertTrue(answer.body().contains("probabilities"), answer.body());
                  }
                  return answers;
                }));
      }
      assertEquals("version 1 is served", events.poll(60, TimeUnit.SECONDS));
      for (int swap = 0; swap < SWAPS; swap++) {
        Path published = SampleRun.publish(2 - swap % 2, models);
        String expected = "version " + published.getFileName() + " is served";
        assertEquals(expected, events.poll(60, TimeUnit.SECONDS));
      }
      stop.set(true);
      int answers = 0;
      for (Future<Integer> client : clients) {
        answers += client.get();
      }
      assertTrue(answers > 100 * SWAPS, "only " + answers + " answers");
    } finally {
      stop.set(true);
      threads.shutdown();
    }
  }
}
