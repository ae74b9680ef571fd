package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.cli.output.ExitCode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An export that is killed, with a server that watches. */
@Tag("slow")
final class KilledExportTest {

  private static final int KILLS = 3;

  @TempDir private Path directory;

  @Test
  void onlyWholeVersionsAreEverThereAndTheNextExportCleansUp() throws Exception {
    Path original = SampleRun.directory().resolve("saved_model/1");
    Path models = directory.resolve("models");
    assertEquals(ExitCode.DONE, export(models).status());
    try (ChildJvm server = new ChildJvm(Files.createDirectory(directory.resolve("server")))) {
      server.start("serve", models.toString(), "--port", "0");
      URI address = ServeCommandTest.awaitServer(server);
      Random random = new Random(1);
      int unfinished = 0;
      for (int kill = 0; kill < KILLS; kill++) {
        killAnExport(models, kill == 0 ? 0 : random.nextInt(400));
        unfinished += leftovers(models).size();
        for (String version : versions(models)) {
          assertWhole(original, models.resolve(version));
        }
      }
      assertTrue(unfinished > 0, "all kills came too late");

      Cli next = export(models);

      assertEquals(ExitCode.DONE, next.status(), next.err());
      assertEquals(Set.of(), leftovers(models));
      String newest = models.relativize(Path.of(next.outLines().get(0))).toString();
      assertTrue(versions(models).contains(newest));
      assertWhole(original, models.resolve(newest));
      awaitVersion(address, newest);
      assertFalse(server.errSoFar().contains("is not served"), server.errSoFar());
    }
  }

  /** Kills it so long after it has begun to copy. */
  private void killAnExport(Path models, int afterMillis) throws Exception {
    Set<String> before = leftovers(models);
    try (ChildJvm child = new ChildJvm(directory)) {
      Process process =
          child.start("export", SampleRun.directory().toString(), "--output", models.toString());
      child.awaitOrEnd(() -> !before.containsAll(leftovers(models)));
      process.waitFor(afterMillis, TimeUnit.MILLISECONDS);
    }
  }

  private static Cli export(Path models) throws IOException {
    return Cli.run("export", SampleRun.directory().toString(), "--output", models.toString());
  }

  private static void awaitVersion(URI server, String version) throws Exception {
    String served = "\"version\":\"%s\",\"state\":\"AVAILABLE\"".formatted(version);
    String body = "";
    for (int i = 0; i < 60 && !body.contains(served); i++) {
      Thread.sleep(300);
      body = ServeCommandTest.get(server.resolve("/v1/models/lenet")).body().replaceAll("\\s", "");
    }
    assertTrue(body.contains(served), body);
  }

  private static void assertWhole(Path original, Path version) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(original)) {
      files = new ArrayList<>(all.filter(Files::isRegularFile).toList());
    }
    for (Path file : files) {
      assertEquals(-1, Files.mismatch(file, version.resolve(original.relativize(file))));
    }
  }

  private static Set<String> versions(Path models) throws IOException {
    Set<String> names = names(models);
    names.removeIf(name -> !name.matches("[0-9]+"));
    return names;
  }

  private static Set<String> leftovers(Path models) throws IOException {
    Set<String> names = names(models);
    names.removeIf(name -> name.matches("[0-9]+"));
    return names;
  }

  private static Set<String> names(Path directory) throws IOException {
    Set<String> names = new TreeSet<>();
    try (Stream<Path> entries = Files.list(directory)) {
      entries.forEach(entry -> names.add(entry.getFileName().toString()));
    }
    return names;
  }
}
