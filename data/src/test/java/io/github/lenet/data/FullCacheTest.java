package io.github.lenet.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A download to a disk that becomes full: a small file system that the test mounts. */
@Tag("tmpfs")
class FullCacheTest {
  private static final int PAGE = 4096;

  @TempDir private Path disk;

  private Path directory;
  private Path filler;
  private LocalMirror mirror;
  private TinyDataset tiny;

  @BeforeEach
  void mountAndStartAMirror() throws Exception {
    run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk.toString());
    directory = disk.resolve("cache");
    filler = disk.resolve("filler");
    mirror = new LocalMirror();
    tiny = TinyDataset.at(mirror.address());
    mirror.serving(tiny);
  }

  @AfterEach
  void stopAndUnmount() throws Exception {
    mirror.close();
    run("umount", disk.toString());
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    assertEquals(0, process.waitFor(), output);
  }

  @Test
  void aDownloadEndsAtAnyPageAndGoesOnWhenThereIsRoom() throws IOException {
    int failures = 0;
    for (int pages = 0; pages < 20; pages++) {
      fill(pages);
      try {
        cache().fetch(tiny.source());
        break;
      } catch (CacheWriteException e) {
        failures++;
        assertTrue(e.getMessage().startsWith(directory.toString()), e::getMessage);
        assertTrue(e.getMessage().contains(": No space left on device. Make room"), e::getMessage);
      }
      for (FileStatus file : cache().verify(tiny.source())) {
        assertTrue(file.state() != FileStatus.State.CORRUPT, file::detail);
      }
      long left = partSize();
      Files.delete(filler);
      int before = mirror.requests().size();
      cache().fetch(tiny.source());
      if (left > 0) {
        assertTrue(mirror.requests().get(before).endsWith(" bytes=" + left + "-"));
      }
      assertWhole();
      deleteCache();
    }
    assertEquals(8, failures, "24 kB in pages of 4 kB, 4 files, and none too many");
    assertWhole();
  }

  private DatasetCache cache() {
    return new DatasetCache(directory, false, DownloadListener.NONE, DatasetCacheTest.QUICK);
  }

  private void fill(int freePages) throws IOException {
    byte[] page = new byte[PAGE];
    try (OutputStream out = Files.newOutputStream(filler)) {
      long free = Files.getFileStore(disk).getUsableSpace() / PAGE;
      for (long n = free - freePages; n > 0; n--) {
        out.write(page);
      }
    }
  }

  /** How much of a file that did not fit was kept; 0 if none was begun. */
  private long partSize() throws IOException {
    if (Files.notExists(directory.resolve("tiny"))) {
      return 0;
    }
    try (Stream<Path> files = Files.list(directory.resolve("tiny"))) {
      Path part = files.filter(file -> file.toString().endsWith(".part")).findAny().orElse(null);
      return part == null ? 0 : Files.size(part);
    }
  }

  private void assertWhole() throws IOException {
    for (Map.Entry<String, byte[]> file : tiny.gzip().entrySet()) {
      assertArrayEquals(
          file.getValue(), Files.readAllBytes(directory.resolve("tiny").resolve(file.getKey())));
    }
  }

  private void deleteCache() throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> paths = Files.walk(directory)) {
        for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
