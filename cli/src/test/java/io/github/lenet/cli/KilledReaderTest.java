package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.cli.output.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that is killed while it unpacks and decodes. */
@Tag("slow")
final class KilledReaderTest {

  private static final int KILLS = 3;
  private static final int CLASSES = 200;
  private static final int SIDE = 300; // 36 MB of noise in each of the two files: a while to read

  @TempDir private Path directory;

  @Test
  void theDataStayAsTheyWereAndTheNextStartReadsThem() throws Exception {
    Path data = directory.resolve("data");
    TinyIdx.write(data, SIDE, SIDE, CLASSES);
    pack(data);
    Map<String, Integer> before = contents(data);
    Random random = new Random(1);
    int early = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      try (ChildJvm child = new ChildJvm(directory)) {
        Process process = child.start(train());
        child.awaitOrEnd(() -> child.errSoFar().contains("loading data set"));
        process.waitFor(random.nextInt(200), TimeUnit.MILLISECONDS);
        child.kill();
        assertEquals(before, contents(data));
        early += child.errSoFar().contains("writing to") ? 0 : 1;
      }
    }
    assertTrue(early > 0, "all kills came too late");
    Cli cli =
        Cli.run(
            "data", "preview", "--dataset", data.toString(), "--output", directory + "/seen.png");
    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    assertEquals(before, contents(data));
  }

  private static String[] train() {
    return new String[] {"train", "--dataset", "data", "--epochs", "1", "--output", "run"};
  }

  private static void pack(Path data) throws IOException {
    for (Path file : list(data)) {
      try (var out = new GZIPOutputStream(Files.newOutputStream(Path.of(file + ".gz")))) {
        Files.copy(file, out);
      }
      Files.delete(file);
    }
  }

  private static Map<String, Integer> contents(Path data) throws IOException {
    Map<String, Integer> contents = new TreeMap<>();
    for (Path file : list(data)) {
      contents.put(file.getFileName().toString(), Arrays.hashCode(Files.readAllBytes(file)));
    }
    assertEquals(4, contents.size(), contents::toString);
    return contents;
  }

  private static List<Path> list(Path data) throws IOException {
    try (Stream<Path> files = Files.list(data)) {
      return files.toList();
    }
  }
}
