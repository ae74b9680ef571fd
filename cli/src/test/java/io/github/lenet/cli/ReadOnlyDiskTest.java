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
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A disk that can only be read, also by root. */
@Tag("tmpfs")
final class ReadOnlyDiskTest {

  private static final String READ_ONLY = "Read-only file system";

  @TempDir private static Path shared;

  @TempDir private Path directory;

  private SmallDisk disk;

  @BeforeAll
  static void train() throws IOException {
    Path data = shared.resolve("data");
    TinyIdx.write(data, 28, 28, 10);
    String run = shared.resolve("run").toString();
    List<String> words =
        new ArrayList<>(List.of("train", "--dataset", data.toString(), "--output", run));
    words.addAll(List.of("--epochs", "2", "--channels", "2,3", "--dense-units", "20"));
    assertDone(Cli.run(words.toArray(String[]::new)));
    assertDone(Cli.run("export", run, "--output", shared.resolve("models").toString()));
  }

  private static void assertDone(Cli cli) {
    assertEquals(ExitCode.DONE, cli.status(), cli.err());
  }

  @BeforeEach
  void mount() throws Exception {
    disk = SmallDisk.at(directory.resolve("disk"));
  }

  @AfterEach
  void unmount() throws Exception {
    disk.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "train --dataset DATA --epochs 1 --output DISK/new",
        "train --dataset DATA --epochs 1 --output DISK/run --force",
        "train --resume DISK/run",
        "export DISK/run --output DISK/models",
        "export DISK/run --output DISK/new",
        "export DISK/run --format onnx --output DISK/lenet.onnx",
        "data preview --dataset DATA --output DISK/garments.png",
        "activations DISK/run noise --output DISK/seen.png",
        "evaluate DISK/run --dataset DATA --confusion-matrix DISK/confusion.svg",
        "compare DISK/run --output DISK/compare.svg"
      })
  void refusesToWriteAndChangesNothing(String command) throws Exception {
    leaveARunAndAModel();
    Map<Path, String> before = contents();
    disk.setReadOnly(true);

    Cli cli = run(command);

    assertEquals(ExitCode.FAILED, cli.status(), cli.err());
    String last = cli.errLines().get(cli.errLines().size() - 1);
    assertTrue(last.startsWith("error: ") && last.contains(READ_ONLY), cli.err());
    assertTrue(last.contains(disk.resolve("").toString()), last);
    assertEquals(before, contents());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evaluate DISK/run --dataset DISK/data",
        "predict DISK/models noise",
        "compare DISK/run",
        "export DISK/run --output ELSEWHERE",
        "train --dataset DISK/data --epochs 1 --output ELSEWHERE"
      })
  void whatOnlyReadsWorks(String command) throws Exception {
    leaveARunAndAModel();
    disk.setReadOnly(true);

    assertDone(run(command));
  }

  @Test
  void servesFromIt() throws Exception {
    leaveARunAndAModel();
    disk.setReadOnly(true);
    try (ChildJvm child = new ChildJvm(directory)) {
      child.start("serve", disk.resolve("models").toString(), "--port", "0");
      URI server = ServeCommandTest.awaitServer(child);
      assertEquals("ok\n", ServeCommandTest.get(server.resolve("/healthz")).body());
    }
  }

  /** Of the directory alone: a disk that is written to can't be made read-only. */
  @Test
  void trainingEndsWhenItsDirectoryBecomesReadOnly() throws Exception {
    Path data = shared.resolve("data");
    Path run = disk.resolve("run");
    Path checkpoints = run.resolve("checkpoints");
    try (ChildJvm child = new ChildJvm(directory)) {
      child.start(
          "train", "--dataset", data.toString(), "--epochs", "100000", "--output", run.toString());
      child.await(() -> child.outSoFar().contains("epoch 2,"));
      SmallDisk.mount("--bind", checkpoints.toString(), checkpoints.toString());
      try {
        SmallDisk.makeReadOnly(checkpoints);
        Cli cli = child.await();

        assertEquals(ExitCode.FAILED, cli.status(), cli.err());
        String last = cli.errLines().get(cli.errLines().size() - 1);
        assertTrue(last.startsWith("error: " + checkpoints) && last.contains(READ_ONLY), cli.err());
        assertFalse(Files.exists(run.resolve("saved_model")));
      } finally {
        SmallDisk.unmount(checkpoints);
      }
    }
    Cli cli;
    try (ChildJvm child = new ChildJvm(directory)) {
      child.start("train", "--resume", run.toString());
      child.await(() -> child.outSoFar().contains("epoch "));
      child.signal("TERM");
      cli = child.await();
    }
    assertTrue(cli.err().contains("resuming after epoch "), cli.err());
    assertTrue(Files.exists(run.resolve("saved_model/1/saved_model.pb")), cli.err());
  }

  private void leaveARunAndAModel() throws IOException {
    try (Stream<Path> paths = Files.walk(shared)) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        Path copy = disk.resolve(shared.relativize(path).toString());
        Files.createDirectories(copy.getParent());
        Files.copy(path, copy);
      }
    }
  }

  private Cli run(String command) {
    return Cli.run(
        Stream.of(command.split(" "))
            .map(word -> word.replace("DISK", disk.resolve("").toString()))
            .map(word -> word.replace("DATA", shared.resolve("data").toString()))
            .map(word -> word.replace("ELSEWHERE", directory.resolve("elsewhere").toString()))
            .toArray(String[]::new));
  }

  /** What is on the disk, with the time of the last change. */
  private Map<Path, String> contents() throws IOException {
    Map<Path, String> contents = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(disk.resolve(""))) {
      for (Path path : paths.toList()) {
        contents.put(path, Files.size(path) + " " + Files.getLastModifiedTime(path));
      }
    }
    return contents;
  }
}
