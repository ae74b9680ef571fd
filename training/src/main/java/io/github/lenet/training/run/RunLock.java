package io.github.lenet.training.run;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;

/**
 * The lock of a run directory: one process at a time holds it. The operating system releases it
 * when a process is killed. The file that remains then does no harm.
 */
final class RunLock implements AutoCloseable {

  static final String FILE = ".lock";

  private final Path file;
  private final FileChannel channel;

  /** The system's identifier of the file, independent of its name; null if there is none. */
  private final Object key;

  private RunLock(Path file, FileChannel channel) throws IOException {
    this.file = file;
    this.channel = channel;
    this.key = key(file);
  }

  /**
   * Takes the lock without waiting.
   *
   * @throws IOException if another process holds it, or the file can't be written
   */
  static RunLock take(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() == null) {
        throw new OverlappingFileLockException();
      }
      return new RunLock(file, channel);
    } catch (OverlappingFileLockException e) {
      channel.close();
      throw new IOException(
          directory
              + ": another process is writing a run there. Wait for its end, or choose another directory",
          e);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  boolean isOpen() {
    return channel.isOpen();
  }

  /**
   * Returns whether the file is still in place. If not, the directory was removed, and a new one
   * may belong to another process.
   */
  boolean isInPlace() throws IOException {
    try {
      return Objects.equals(key, key(file));
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private static Object key(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }

  /** Removes the file, unless it is another process's, and releases the lock. */
  @Override
  public void close() throws IOException {
    try (channel) {
      if (isInPlace()) {
        Files.delete(file);
      }
    }
  }
}
