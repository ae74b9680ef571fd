package io.github.lenet.cli.serve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.model.LeNetModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;

@Timeout(120)
final class BatcherTest {

  /** No test waits for its end. */
  private static final Duration LONG = Duration.ofSeconds(60);

  private static ExecutorService threads;
  private static Servable servable;

  @BeforeAll
  static void build() throws Exception {
    threads = Executors.newCachedThreadPool();
    servable = new Servable(1, LeNetModel.pretrained());
  }

  @AfterAll
  static void close() {
    threads.shutdownNow();
    servable.close();
  }

  private static Batcher batcher(int maxRows, Duration window, int maxQueuedRows) {
    return new Batcher(
        servable, new Batcher.Settings(maxRows, window, maxQueuedRows), new ServingMetrics("test"));
  }

  private static Map<String, HeapTensor> noise(Random random, int rows) {
    byte[] pixels = new byte[rows * 784];
    random.nextBytes(pixels);
    return Map.of("images", new HeapTensor(DataType.DT_UINT8, Shape.of(rows, 28, 28), pixels));
  }

  private static float[] floats(Map<String, HeapTensor> outputs, String name) {
    return (float[]) outputs.get(name).values();
  }

  /** Runs all at the same time. */
  private static <T> List<Future<T>> together(List<Callable<T>> tasks) {
    CountDownLatch ready = new CountDownLatch(tasks.size());
    List<Future<T>> results = new ArrayList<>();
    for (Callable<T> task : tasks) {
      results.add(
          threads.submit(
              () -> {
                ready.countDown();
                ready.await();
                return task.call();
              }));
    }
    return results;
  }

  @Test
  void everyoneGetsTheAnswersToTheirOwnRows() throws Exception {
    for (Duration window : List.of(Duration.ZERO, Duration.ofMillis(2))) {
      Batcher batcher = batcher(8, window, 10_000);
      List<Callable<Void>> clients = new ArrayList<>();
      for (int client = 0; client < 24; client++) {
        Random random = new Random(client);
        clients.add(
            () -> {
              for (int i = 0; i < 40; i++) {
                int rows = 1 + random.nextInt(20); // more than a batch holds, too
                boolean layers = random.nextInt(5) == 0;
                String signature = layers ? "layers" : "serving_default";
                Map<String, HeapTensor> inputs = noise(random, rows);
                Map<String, HeapTensor> answer = batcher.predict(signature, inputs);
                Map<String, HeapTensor> alone = servable.run(signature, inputs);
                assertEquals(List.copyOf(alone.keySet()), List.copyOf(answer.keySet()));
                String output = layers ? "pool2" : "probabilities";
                assertEquals(alone.get(output).shape(), answer.get(output).shape());
                assertArrayEquals(floats(alone, output), floats(answer, output), 1e-5f);
              }
              return null;
            });
      }
      for (Future<Void> client : together(clients)) {
        client.get();
      }
    }
  }

  @Test
  void requestsWithinTheWindowRunTogether() throws Exception {
    ServingMetrics metrics = new ServingMetrics("test");
    Batcher batcher = new Batcher(servable, new Batcher.Settings(128, LONG, 1000), metrics);
    List<Callable<Map<String, HeapTensor>>> clients = new ArrayList<>();
    for (int client = 0; client < 32; client++) {
      int seed = client;
      clients.add(() -> batcher.predict("serving_default", noise(new Random(seed), 4)));
    }

    long begin = System.nanoTime();
    for (Future<Map<String, HeapTensor>> client : together(clients)) {
      client.get();
    }

    // 32 times 4 rows are a whole batch, for which nobody has to wait any longer.
    assertTrue(System.nanoTime() - begin < LONG.toNanos(), "waited, though the batch was full");
    String sizes = ":tensorflow:serving:batching_session:processed_batch_size_";
    assertTrue(metrics.toText().contains(sizes + "sum 128\n"), metrics.toText());
    assertTrue(metrics.toText().contains(sizes + "count 1\n"), metrics.toText());
  }

  @Test
  void aRequestThatIsAloneWaitsForTheWindowAndNoLonger() throws Exception {
    Batcher patient = batcher(128, Duration.ofMillis(300), 1000);
    long begin = System.nanoTime();
    patient.predict("serving_default", noise(new Random(1), 1));
    Duration took = Duration.ofNanos(System.nanoTime() - begin);
    assertTrue(took.toMillis() >= 300, took.toString());
    assertTrue(took.toMillis() < 2000, took.toString());
  }

  @Test
  void oneBadRequestDoesNotSpoilTheOthers() throws Exception {
    Batcher batcher = batcher(128, Duration.ofMillis(500), 1000);
    HeapTensor good = ServableTest.example(9);
    HeapTensor bad = new HeapTensor(DataType.DT_STRING, Shape.of(1), new byte[][] {{1, 2, 3}});
    List<Callable<Map<String, HeapTensor>>> clients = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Map<String, HeapTensor> inputs = Map.of("inputs", i == 3 ? bad : good);
      clients.add(() -> batcher.predict("classify", inputs));
    }

    List<Future<Map<String, HeapTensor>>> answers = together(clients);

    float[] expected = floats(servable.run("classify", Map.of("inputs", good)), "scores");
    for (int i = 0; i < 8; i++) {
      Future<Map<String, HeapTensor>> answer = answers.get(i);
      if (i == 3) {
        Throwable failure = assertThrows(ExecutionException.class, answer::get).getCause();
        assertEquals(StatusException.Code.INVALID_ARGUMENT, ((StatusException) failure).code());
      } else {
        assertArrayEquals(expected, floats(answer.get(), "scores"), 1e-6f);
      }
    }
  }

  @Test
  void refusesWhatIsTooMuchToWaitFor() throws Exception {
    Batcher batcher = batcher(12, LONG, 11);
    // The first leads, and waits for others until its window ends; the second waits for the first.
    Future<Map<String, HeapTensor>> first = ask(batcher, 1, Thread.State.TIMED_WAITING);
    Future<Map<String, HeapTensor>> second = ask(batcher, 10, Thread.State.WAITING);

    StatusException refused =
        assertThrows(
            StatusException.class,
            () -> batcher.predict("serving_default", noise(new Random(3), 2)));

    assertEquals(StatusException.Code.UNAVAILABLE, refused.code());
    assertTrue(refused.getMessage().contains("10 rows wait already"), refused.getMessage());
    // One row more has room, and makes the batch a whole one.
    assertEquals(
        1, batcher.predict("serving_default", noise(new Random(4), 1)).get("classes").rows());
    assertEquals(1, first.get().get("classes").rows());
    assertEquals(10, second.get().get("classes").rows());
  }

  /** Asks in a thread of its own, and waits until that waits. */
  private static Future<Map<String, HeapTensor>> ask(Batcher batcher, int rows, Thread.State state)
      throws InterruptedException {
    FutureTask<Map<String, HeapTensor>> task =
        new FutureTask<>(() -> batcher.predict("serving_default", noise(new Random(rows), rows)));
    Thread thread = new Thread(task);
    thread.start();
    while (thread.getState() != state) {
      Thread.sleep(1);
    }
    return task;
  }
}
