package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** A run on the sample set with default settings, which several tests ask; trained once. */
final class SampleRun {

  private static Optional<Path> trained = Optional.empty();

  private SampleRun() {}

  static synchronized Path directory() throws IOException {
    if (trained.isEmpty()) {
      Path run = Files.createTempDirectory("lenet-sample-run");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(run)));
      Cli cli = Cli.run("train", "--dataset", "sample", "--output", run.toString());
      assertEquals(ExitStatus.DONE, cli.status(), cli.err());
      trained = Optional.of(run);
    }
    return trained.get();
  }

  /** With all that is in it. */
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
