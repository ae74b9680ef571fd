package io.github.lenet.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.data.DatasetSplits;
import io.github.lenet.model.Activation;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.Pooling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SavedModelVersionsTest {

  @TempDir static Path shared;
  private static Path run;
  private static Path other;

  @TempDir private Path directory;

  @BeforeAll
  static void train() throws Exception {
    run = train(1);
    other = train(2);
  }

  private static Path train(long seed) throws IOException {
    LeNetConfig model =
        new LeNetConfig(28, 28, 5, List.of(6, 16), Pooling.AVG, List.of(), Activation.RELU, 10);
    DatasetSplits data = Images.splits(Images.bars(100, 1), Images.bars(50, 2));
    TrainingConfig config = new TrainingConfig(model, 1, 50, 0.1, seed, 1);
    RunDirectory made = RunDirectory.open(shared.resolve("run-" + seed), false, Map.of());
    DeviceSelection cpu = DeviceSelection.cpu("test");
    return TrainingRun.execute(data, config, cpu, made, new TrainingListener() {}).directory();
  }

  @Test
  void takesTheNextNumberAndLeavesNothingElse() throws Exception {
    Path models = directory.resolve("models");

    SavedModelVersions.Publication first = SavedModelVersions.publish(run, models);
    assertEquals(1, first.version());
    assertEquals(models.resolve("1"), first.directory());
    assertEquals(
        Set.of("classify", "layers", "scaled", "serving_default"), Set.copyOf(first.signatures()));
    assertTrue(first.parameters().endsWith("epoch-1/parameters"), first.parameters().toString());

    Files.createDirectories(models.resolve("0041"));
    Files.createDirectories(models.resolve("notes-77"));
    assertEquals(42, SavedModelVersions.publish(run, models).version());
    assertEquals(Set.of("1", "0041", "42", "notes-77"), names(models));
  }

  @Test
  void copiesEveryFileOfARunOrAModel() throws Exception {
    Path original = run.resolve("saved_model/1");
    for (Path model : List.of(run, original)) {
      SavedModelVersions.Publication made = SavedModelVersions.publish(model, directory);

      Set<Path> files = files(original);
      assertEquals(files, files(made.directory()));
      assertEquals(files.size(), made.files());
      long size = 0;
      for (Path file : files) {
        assertEquals(-1, Files.mismatch(original.resolve(file), made.directory().resolve(file)));
        size += Files.size(original.resolve(file));
      }
      assertEquals(size, made.sizeInBytes());
    }
  }

  @Test
  void manyAtOnceGetNumbersOfTheirOwn() throws Exception {
    int count = 6;
    Callable<Long> publish = () -> SavedModelVersions.publish(run, directory).version();
    ExecutorService threads = Executors.newFixedThreadPool(count);
    try {
      Set<Long> versions = new TreeSet<>();
      for (Future<Long> version :
          threads.invokeAll(IntStream.range(0, count).mapToObj(i -> publish).toList())) {
        versions.add(version.get());
      }
      assertEquals(Set.of(1L, 2L, 3L, 4L, 5L, 6L), versions);
    } finally {
      threads.shutdown();
    }
    assertEquals(Set.of("1", "2", "3", "4", "5", "6"), names(directory));
  }

  /** At each moment at which a process may be killed; its lock is gone with it. */
  @Test
  void removesWhatKilledExportsLeft() throws Exception {
    Files.createFile(directory.resolve(".export-before-its-directory-1.lock"));
    Files.createFile(directory.resolve(".export-in-the-middle-1.lock"));
    Path half = Files.createDirectories(directory.resolve(".export-in-the-middle-1/variables"));
    Files.writeString(half.resolve("variables.index"), "half");

    SavedModelVersions.publish(run, directory);

    assertEquals(Set.of("1"), names(directory));
  }

  @Test
  void aModelThatIsNotOfItsRunIsNotPublished() throws Exception {
    Path mixed = directory.resolve("mixed");
    copy(run, mixed);
    for (Path file : files(other.resolve("saved_model"))) {
      Files.write(
          mixed.resolve("saved_model").resolve(file),
          Files.readAllBytes(other.resolve("saved_model").resolve(file)));
    }
    Path models = directory.resolve("models");

    assertThrows(IOException.class, () -> SavedModelVersions.publish(mixed, models));
    assertEquals(Set.of(), names(models));
  }

  private static void copy(Path from, Path to) throws IOException {
    for (Path file : files(from)) {
      Files.createDirectories(to.resolve(file).getParent());
      Files.copy(from.resolve(file), to.resolve(file));
    }
  }

  @Test
  void saysWhatIsNoModel() throws Exception {
    Path models = directory.resolve("models");
    assertMessage("nowhere: no such run or model", directory.resolve("nowhere"), models);
    assertMessage("is neither a run directory nor a SavedModel", directory, models);

    Path broken = Files.createDirectories(directory.resolve("broken"));
    Files.writeString(broken.resolve("saved_model.pb"), "no protobuf");
    assertMessage("is no SavedModel of this program", broken, models);

    Path ended = Files.createDirectories(directory.resolve("ended"));
    Files.writeString(ended.resolve("config.json"), "{}");
    assertMessage("the run did not come to its end", ended, models);

    Path file = Files.writeString(directory.resolve("file"), "");
    assertMessage("is a file; choose another directory", run, file);
    assertEquals(Set.of(), Files.exists(models) ? names(models) : Set.of());
  }

  private static void assertMessage(String expected, Path model, Path to) {
    String message =
        assertThrows(IOException.class, () -> SavedModelVersions.publish(model, to)).getMessage();
    assertTrue(message.contains(expected), message);
  }

  private static Set<String> names(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(entry -> entry.getFileName().toString()).collect(Collectors.toSet());
    }
  }

  private static Set<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(Files::isRegularFile)
          .map(directory::relativize)
          .collect(Collectors.toSet());
    }
  }
}
