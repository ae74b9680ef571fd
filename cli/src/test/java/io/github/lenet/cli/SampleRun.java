package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lenet.cli.output.ExitCode;
import io.github.lenet.model.LeNetModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/** Runs on the sample set, one per seed, which several tests ask and publish; trained once. */
public final class SampleRun {

  private static final Map<Integer, Path> TRAINED = new HashMap<>();

  private SampleRun() {}

  static Path directory() throws IOException {
    return withSeed(1);
  }

  /** A run directory, whose network has learned something, and other than other seeds'. */
  public static synchronized Path withSeed(int seed) throws IOException {
    if (!TRAINED.containsKey(seed)) {
      Path run = Files.createTempDirectory("lenet-sample-run");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(run)));
      Cli cli =
          Cli.run(
              ("train --dataset sample --activation relu --learning-rate 0.1 --epochs 2 --seed "
                      + seed
                      + " --output "
                      + run)
                  .split(" "));
      assertEquals(ExitCode.DONE, cli.status(), cli.err());
      TRAINED.put(seed, run);
    }
    return TRAINED.get(seed);
  }

  /** Publishes one of them under the next number; returns {@code DIR/<number>}. */
  public static Path publish(int seed, Path directory) throws IOException {
    return LeNetModel.load(withSeed(seed)).publish(directory);
  }

  /** With all that is in it. */
  public static void delete(Path directory) {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
