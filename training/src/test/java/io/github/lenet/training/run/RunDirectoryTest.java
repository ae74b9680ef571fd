package io.github.lenet.training.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose a run directory is. */
class RunDirectoryTest {

  @TempDir Path directory;

  /** A clock that is put back, also by the end of summer time, gives a name a second time. */
  @Test
  void aNameThatWasGivenBeforeGetsANumber() throws Exception {
    Path name = directory.resolve("runs/2026-10-25T02-30-00");
    Files.createDirectories(name);
    Files.writeString(name.resolve("config.json"), "of the first 2:30");

    try (RunDirectory second = RunDirectory.create(name);
        RunDirectory third = RunDirectory.create(name)) {
      assertEquals(directory.resolve("runs/2026-10-25T02-30-00-2"), second.path());
      assertEquals(directory.resolve("runs/2026-10-25T02-30-00-3"), third.path());
    }

    assertEquals(Set.of("2026-10-25T02-30-00"), names(directory.resolve("runs")));
    assertEquals("of the first 2:30", Files.readString(name.resolve("config.json")));
  }

  @Test
  void thoseThatBeginAtTheSameTimeGetDirectoriesOfTheirOwn() throws Exception {
    int count = 4;
    ExecutorService threads = Executors.newFixedThreadPool(count);
    try {
      for (int round = 0; round < 100; round++) {
        Path name = directory.resolve("run-at-" + round);
        CyclicBarrier together = new CyclicBarrier(count);
        Callable<RunDirectory> create =
            () -> {
              together.await();
              return RunDirectory.create(name);
            };
        Set<Path> paths = new TreeSet<>();
        List<RunDirectory> made = new ArrayList<>();
        for (Future<RunDirectory> run :
            threads.invokeAll(Stream.generate(() -> create).limit(count).toList())) {
          made.add(run.get());
          paths.add(run.get().path());
        }
        assertEquals(count, paths.size());
        for (RunDirectory run : made) {
          run.close();
        }
      }
    } finally {
      threads.shutdown();
    }
    assertEquals(Set.of(), names(directory));
  }

  @Test
  void twoAreNeverOpenAtTheSameTime() throws Exception {
    Path run = directory.resolve("run");
    try (RunDirectory first = RunDirectory.open(run, false)) {
      assertTrue(Files.exists(first.path().resolve(".lock")));
      String message =
          assertThrows(IOException.class, () -> RunDirectory.open(run, true)).getMessage();
      assertTrue(message.startsWith(run + ": another process is writing a run there."), message);
    }
    RunDirectory.open(run, false).close();
    assertEquals(Set.of(), names(directory));
  }

  private static Set<String> names(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(entry -> entry.getFileName().toString()).collect(Collectors.toSet());
    }
  }
}
