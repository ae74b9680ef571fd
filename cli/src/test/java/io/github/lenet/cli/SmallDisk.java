package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A file system of a few megabytes that is mounted for the tests, which may fill it and
 * write-protect it: the directory that {@code -Dlenet.test.tmpfs} names.
 */
final class SmallDisk {

  /** What a tmpfs gives room in. */
  static final int PAGE = 4096;

  private static final long LARGEST = 64L << 20;

  private final Path directory;
  private final Path filler;

  private SmallDisk(Path directory) {
    this.directory = directory;
    this.filler = directory.resolve("filler");
  }

  /** The disk, with nothing on it. */
  static SmallDisk empty() throws Exception {
    SmallDisk disk = new SmallDisk(Path.of(System.getProperty("lenet.test.tmpfs")));
    assertEquals("tmpfs", Files.getFileStore(disk.directory).type(), disk.directory.toString());
    assertTrue(Files.getFileStore(disk.directory).getTotalSpace() <= LARGEST, "not a small one");
    disk.setReadOnly(false);
    try (Stream<Path> entries = Files.list(disk.directory)) {
      for (Path entry : entries.toList()) {
        SampleRun.delete(entry);
      }
    }
    return disk;
  }

  Path resolve(String name) {
    return directory.resolve(name);
  }

  /** Leaves room for so many pages, and no byte more. */
  void fill(int freePages) throws IOException {
    makeRoom();
    byte[] page = new byte[PAGE];
    try (OutputStream out = Files.newOutputStream(filler)) {
      for (long n = free() / PAGE - freePages; n > 0; n--) {
        out.write(page);
      }
    }
    assertEquals((long) freePages * PAGE, free());
  }

  private long free() throws IOException {
    return Files.getFileStore(directory).getUsableSpace();
  }

  void makeRoom() throws IOException {
    Files.deleteIfExists(filler);
  }

  /** So that even root can't write there. */
  void setReadOnly(boolean readOnly) throws Exception {
    mount("-o", readOnly ? "remount,ro" : "remount,rw", directory.toString());
  }

  /** Runs {@code mount}, for which the tests need the right. */
  static void mount(String... arguments) throws Exception {
    run(Stream.concat(Stream.of("mount"), Stream.of(arguments)).toArray(String[]::new));
  }

  /** Of what is mounted there; as long as a file in it is being written, Linux refuses. */
  static void makeReadOnly(Path directory) throws Exception {
    for (int tries = 1; ; tries++) {
      try {
        mount("-o", "remount,bind,ro", directory.toString());
        return;
      } catch (AssertionError e) {
        if (tries == 500) {
          throw e;
        }
        Thread.sleep(5);
      }
    }
  }

  static void unmount(Path directory) throws Exception {
    run("umount", directory.toString());
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    assertTrue(process.waitFor(20, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue(), output);
  }
}
