package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * A file system of a few megabytes that is mounted for a test, which may fill it and write-protect
 * it. It takes the right to mount; closing it unmounts it.
 */
final class SmallDisk implements AutoCloseable {

  /** What a tmpfs gives room in. */
  static final int PAGE = 4096;

  private final Path directory;
  private final Path filler;

  private SmallDisk(Path directory) {
    this.directory = directory;
    this.filler = directory.resolve("filler");
  }

  /** Mounts one at a directory, with nothing on it. */
  static SmallDisk at(Path directory) throws Exception {
    mount("-t", "tmpfs", "-o", "size=4m", "tmpfs", Files.createDirectory(directory).toString());
    return new SmallDisk(directory);
  }

  @Override
  public void close() throws IOException {
    unmount(directory);
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

  static void unmount(Path directory) throws IOException {
    run("umount", directory.toString());
  }

  private static void run(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    assertEquals(0, process.onExit().join().exitValue(), output);
  }
}
