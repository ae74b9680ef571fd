package io.github.lenet.cli.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.cli.SampleRun;
import io.github.lenet.cli.serve.ServedModel.State;
import io.github.lenet.cli.serve.ServedModel.Version;
import io.github.lenet.cli.serve.ServedModel.VersionStatus;
import io.github.lenet.model.LeNetClassifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
final class ServedModelTest {

  private static final Duration POLL_INTERVAL = Duration.ofMillis(100);

  @TempDir Path directory;

  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

  private ServedModel watch(Path path) throws IOException {
    return ServedModel.watch(
        "lenet",
        path,
        POLL_INTERVAL,
        Batcher.Settings.DEFAULT,
        new ServingMetrics("lenet"),
        events::add);
  }

  private void awaitEvent(String regex) throws InterruptedException {
    List<String> seen = new ArrayList<>();
    for (String event = ""; !event.matches(regex); seen.add(event)) {
      event = events.poll(60, TimeUnit.SECONDS);
      assertTrue(event != null, "no " + regex + " among " + seen);
    }
  }

  private static long version(ServedModel model) {
    try (Version lease = model.lease(OptionalLong.empty()).orElseThrow()) {
      return lease.servable().version();
    }
  }

  /** The probability of the first class, by which the runs can be told apart. */
  private static float ask(Version lease) throws StatusException {
    Map<String, HeapTensor> answer =
        lease.predict("serving_default", Map.of("images", ServableTest.images(0)));
    return ((float[]) answer.get("probabilities").values())[0];
  }

  @Test
  void theNetworkOfTheLibraryIsVersionOne() throws Exception {
    try (ServedModel model =
        ServedModel.pretrained("net", Batcher.Settings.DEFAULT, new ServingMetrics("net"))) {
      assertEquals("net", model.name());
      assertEquals(List.of(new VersionStatus(1, State.AVAILABLE, "")), model.statuses());
      assertTrue(model.lease(OptionalLong.of(2)).isEmpty());
    }
  }

  @Test
  void servesARunASavedModelAndADirectoryOfVersions() throws Exception {
    Path run = SampleRun.withSeed(1);
    Path models = directory.resolve("models");
    SampleRun.publish(1, models);
    Path second = SampleRun.publish(1, models);
    for (Path path : List.of(run, run.resolve("saved_model"), run.resolve("saved_model/1"))) {
      try (ServedModel model = watch(path)) {
        assertEquals(1, version(model), path.toString());
      }
    }
    for (Path path : List.of(models, second)) {
      try (ServedModel model = watch(path)) {
        assertEquals(2, version(model), path.toString());
      }
    }
  }

  @Test
  void saysWhatIsNoModel() {
    for (Path path : List.of(directory, directory.resolve("nothing"))) {
      String message = assertThrows(IOException.class, () -> watch(path)).getMessage();
      assertTrue(message.startsWith(path + ": is no model: "), message);
    }
  }

  @Test
  void versionsAreSwappedUnderLoadAndNoRequestFails() throws Exception {
    Path models = directory.resolve("models");
    SampleRun.publish(1, models);
    float[] expected = new float[2];
    for (int seed = 1; seed <= 2; seed++) {
      try (LeNetClassifier classifier = LeNetClassifier.load(SampleRun.withSeed(seed))) {
        byte[] pixels = (byte[]) ServableTest.images(0).values();
        expected[seed - 1] = classifier.probabilities(List.of(pixels))[0][0];
      }
    }
    assertTrue(Math.abs(expected[0] - expected[1]) > 1e-3, "the runs can't be told apart");

    ExecutorService threads = Executors.newCachedThreadPool();
    AtomicBoolean stop = new AtomicBoolean();
    try (ServedModel model = watch(models)) {
      List<Future<Integer>> clients = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        clients.add(
            threads.submit(
                () -> {
                  int answers = 0;
                  while (!stop.get()) {
                    try (Version lease = model.lease(OptionalLong.empty()).orElseThrow()) {
                      // Odd versions are the first run, even ones the second.
                      int run = (int) ((lease.servable().version() + 1) % 2);
                      assertEquals(expected[run], ask(lease), 1e-5);
                      answers++;
                    }
                  }
                  return answers;
                }));
      }
      for (int seed : new int[] {2, 1, 2}) {
        Path published = SampleRun.publish(seed, models);
        awaitEvent("version " + published.getFileName() + " is served");
        Thread.sleep(100);
      }
      SampleRun.delete(models.resolve("4"));
      awaitEvent("version 3 is served");
      Thread.sleep(100);
      stop.set(true);
      for (Future<Integer> client : clients) {
        assertTrue(client.get() > 10);
      }
      assertEquals(
          List.of(
              new VersionStatus(4, State.END, ""),
              new VersionStatus(3, State.AVAILABLE, ""),
              new VersionStatus(2, State.END, ""),
              new VersionStatus(1, State.END, "")),
          model.statuses());
      assertTrue(model.lease(OptionalLong.of(2)).isEmpty());
    } finally {
      stop.set(true);
      threads.shutdown();
    }
  }

  @Test
  void aVersionStaysLoadedAsLongAsSomebodyWorksWithIt() throws Exception {
    Path models = directory.resolve("models");
    SampleRun.publish(1, models);
    try (ServedModel model = watch(models)) {
      try (ServedModel.Version old = model.lease(OptionalLong.of(1)).orElseThrow()) {
        float before = ask(old);
        SampleRun.publish(2, models);
        awaitEvent("version 2 is served");
        assertTrue(model.lease(OptionalLong.of(1)).isEmpty());
        assertTrue(model.statuses().contains(new VersionStatus(1, State.UNLOADING, "")));
        assertEquals(before, ask(old));
      }
      assertTrue(model.statuses().contains(new VersionStatus(1, State.END, "")));
    }
  }

  @Test
  void aVersionThatIsStillBeingCopiedWaitsUntilItIsWhole() throws Exception {
    Path models = directory.resolve("models");
    SampleRun.publish(1, models);
    Path whole = SampleRun.publish(2, directory.resolve("elsewhere"));
    try (ServedModel model = watch(models)) {
      Path copy = Files.createDirectories(models.resolve("2/variables")).getParent();
      Files.copy(whole.resolve("saved_model.pb"), copy.resolve("saved_model.pb"));
      awaitEvent("version 2 is not served: .*");
      assertEquals(1, version(model));
      Path half = copy.resolve("variables/variables.data-00000-of-00001");
      byte[] data = Files.readAllBytes(whole.resolve(copy.relativize(half)));
      Files.write(half, Arrays.copyOf(data, data.length / 2));
      String index = "variables/variables.index";
      Files.copy(whole.resolve(index), copy.resolve(index));
      awaitEvent("version 2 is not served: .*");
      assertEquals(1, version(model));

      Files.write(half, data);

      awaitEvent("version 2 is served");
    }
  }

  @Test
  void aVersionOfWhichABitHasChangedWaitsUntilItIsRepaired() throws Exception {
    Path models = directory.resolve("models");
    SampleRun.publish(1, models);
    Path second = SampleRun.publish(2, directory.resolve("elsewhere"));
    Path graph = second.resolve("saved_model.pb");
    byte[] whole = Files.readAllBytes(graph);
    byte[] flipped = whole.clone();
    flipped[whole.length / 2] ^= 1;
    Files.write(graph, flipped);
    Files.move(second, models.resolve("2"));
    try (ServedModel model = watch(models)) {
      awaitEvent("version 2 is not served: .*: is corrupt: .*saved_model.pb.*");
      assertEquals(1, version(model));

      Files.write(models.resolve("2/saved_model.pb"), whole);

      awaitEvent("version 2 is served");
    }
  }

  /** What is copied last is a file that TensorFlow could do without. */
  @Test
  void aVersionWithSumsWaitsForItsLastByte() throws Exception {
    Path models = directory.resolve("models");
    SampleRun.publish(1, models);
    Path whole = SampleRun.publish(2, directory.resolve("elsewhere"));
    Path copy = models.resolve("2");
    Files.createDirectories(copy.resolve("variables"));
    Files.createDirectories(copy.resolve("assets.extra"));
    for (String name :
        List.of(
            "assets.extra/SHA256SUMS",
            "saved_model.pb",
            "variables/variables.index",
            "variables/variables.data-00000-of-00001")) {
      Files.copy(whole.resolve(name), copy.resolve(name));
    }
    byte[] card = Files.readAllBytes(whole.resolve("assets.extra/model-card.md"));
    Files.write(copy.resolve("assets.extra/model-card.md"), Arrays.copyOf(card, card.length - 1));
    try (ServedModel model = watch(models)) {
      awaitEvent("version 2 is not served: .*model-card.md.*");
      assertEquals(1, version(model));

      Files.write(copy.resolve("assets.extra/model-card.md"), card);

      awaitEvent("version 2 is served");
    }
  }

  @Test
  void brokenAndForeignThingsAreReportedOnceAndTheNextLowerIsServed() throws Exception {
    Path models = directory.resolve("models");
    SampleRun.publish(1, models);
    Files.createDirectories(models.resolve("20"));
    Files.writeString(Files.createDirectories(models.resolve("30")).resolve("saved_model.pb"), "?");
    Files.writeString(models.resolve("40"), "a file");
    Files.createDirectories(models.resolve("tmp"));
    try (ServedModel model = watch(models)) {
      assertEquals(1, version(model));
      for (int number : new int[] {40, 30, 20}) {
        assertTrue(events.poll().startsWith("version " + number + " is not served: "));
      }
      assertEquals("version 1 is served", events.poll());
      assertEquals(
          List.of(State.END, State.END, State.END, State.AVAILABLE),
          model.statuses().stream().map(VersionStatus::state).toList());
      assertTrue(model.statuses().get(1).error().contains("30"), model.statuses()::toString);
      Thread.sleep(10 * POLL_INTERVAL.toMillis());
      assertTrue(events.isEmpty(), events.toString());
    }
  }

  @Test
  void listsAVersionThatIsBeingLoaded() throws Exception {
    Path models = directory.resolve("models");
    SampleRun.publish(1, models);
    try (ServedModel model = watch(models)) {
      SampleRun.publish(2, models);
      while (model.statuses().size() == 1) {
        Thread.sleep(1);
      }
      assertEquals(
          List.of(
              new VersionStatus(2, State.LOADING, ""), new VersionStatus(1, State.AVAILABLE, "")),
          model.statuses());
      awaitEvent("version 2 is served");
    }
  }

  @Test
  void theLastVersionStaysWhenTheDirectoryIsGone() throws Exception {
    Path models = directory.resolve("models");
    SampleRun.publish(1, models);
    try (ServedModel model = watch(models)) {
      SampleRun.delete(models);
      awaitEvent(".*version 1 stays");
      try (Version lease = model.lease(OptionalLong.empty()).orElseThrow()) {
        assertTrue(ask(lease) >= 0);
      }
      Files.createDirectories(models);
      SampleRun.publish(1, models);
      SampleRun.publish(2, models);
      awaitEvent("version 2 is served");
    }
  }

  @Test
  void saysWhenNoVersionCanBeRead() throws Exception {
    Path models = directory.resolve("models");
    Files.createDirectories(models.resolve("1"));
    String message = assertThrows(IOException.class, () -> watch(models)).getMessage();
    assertTrue(message.contains("none of its versions can be read"), message);
    assertFalse(events.isEmpty());
  }

  @Test
  void nobodyGetsHoldOfAModelThatIsClosed() throws Exception {
    ServedModel model =
        ServedModel.pretrained("net", Batcher.Settings.DEFAULT, new ServingMetrics("net"));
    try (Version lease = model.lease(OptionalLong.empty()).orElseThrow()) {
      model.close();
      assertTrue(ask(lease) >= 0); // who has it may finish
    }
    assertTrue(model.lease(OptionalLong.empty()).isEmpty());
  }
}
