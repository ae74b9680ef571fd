package io.github.lenet.cli.serve;

import io.github.lenet.cli.Lenet;
import io.github.lenet.training.SavedModelVersions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/** Short runs on the sample set, one per seed, which several tests publish; trained once. */
final class TrainedRuns {

  private static final Map<Integer, Path> TRAINED = new HashMap<>();

  private TrainedRuns() {}

  /** A run directory; its network has not learned much, but other things than other seeds'. */
  static synchronized Path withSeed(int seed) throws IOException {
    if (!TRAINED.containsKey(seed)) {
      Path run = Files.createTempDirectory("lenet-run-" + seed);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(run)));
      ByteArrayOutputStream log = new ByteArrayOutputStream();
      PrintStream screen = new PrintStream(log);
      int status =
          Lenet.execute(
              screen,
              screen,
              ("train --dataset sample --activation relu --learning-rate 0.1 --epochs 1 --seed "
                      + seed
                      + " --output "
                      + run)
                  .split(" "));
      if (status != 0) {
        throw new AssertionError(log);
      }
      TRAINED.put(seed, run);
    }
    return TRAINED.get(seed);
  }

  /** Publishes one of them under the next number; returns {@code DIR/<number>}. */
  static Path publish(int seed, Path directory) throws IOException {
    return SavedModelVersions.publish(withSeed(seed), directory).directory();
  }

  static void delete(Path directory) {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
