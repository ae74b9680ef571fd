package io.github.lenet.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lenet.model.internal.SavedModelVersions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SavedModelVersionsTest {

  private static final LeNetModel MODEL = SavedModels.random(LeNetConfig.classic(), 1);

  @TempDir private Path directory;

  @Test
  void takesTheNextNumberAndLeavesNothingElse() throws Exception {
    Path models = directory.resolve("models");

    assertEquals(models.resolve("1"), MODEL.publish(models));

    Files.createDirectories(models.resolve("0041"));
    Files.createDirectories(models.resolve("notes-77"));
    assertEquals(models.resolve("42"), MODEL.publish(models));
    assertEquals(Set.of("1", "0041", "42", "notes-77"), names(models));
  }

  @Test
  void manyAtOnceGetNumbersOfTheirOwn() throws Exception {
    int count = 6;
    Callable<Path> publish = () -> MODEL.publish(directory);
    ExecutorService threads = Executors.newFixedThreadPool(count);
    try {
      Set<Path> versions = new TreeSet<>();
      for (Future<Path> version :
          threads.invokeAll(IntStream.range(0, count).mapToObj(i -> publish).toList())) {
        versions.add(version.get());
      }
      assertEquals(Set.copyOf(SavedModelVersions.list(directory).values()), versions);
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

    MODEL.publish(directory);

    assertEquals(Set.of("1"), names(directory));
  }

  @Test
  void findsTheDirectoryThatAPathRefersTo() throws Exception {
    assertEquals(Optional.empty(), SavedModelVersions.directory(directory.resolve("nowhere")));
    assertEquals(Optional.empty(), SavedModelVersions.directory(directory));
    Path versions = directory.resolve("run/saved_model");
    Path first = MODEL.publish(versions);
    for (Path path : List.of(directory.resolve("run"), versions)) {
      assertEquals(Optional.of(versions), SavedModelVersions.directory(path));
    }
    assertEquals(Optional.empty(), SavedModelVersions.directory(first));
  }

  @Test
  void refusesAFileForADirectory() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "");
    String message = assertThrows(IOException.class, () -> MODEL.publish(file)).getMessage();
    assertEquals(file + ": is a file. Choose another directory", message);
  }

  private static Set<String> names(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(entry -> entry.getFileName().toString()).collect(Collectors.toSet());
    }
  }
}
