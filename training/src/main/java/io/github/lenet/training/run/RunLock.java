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
 * The right to write a run directory: one process at a time has it. The system frees it when a
 * process is killed, and the file that such a process leaves behind is no obstacle.
 */
final class RunLock implements AutoCloseable {

  static final String FILE = ".lock";

  private final Path file;
  private final FileChannel channel;

  /**
   * What the system knows the file by, whatever becomes of its name; null where it says nothing.
   */
  private final Object key;

  private RunLock(Path file, FileChannel channel) throws IOException {
    this.file = file;
    this.channel = channel;
    this.key = key(file);
  }

  /**
   * Takes the lock, and does not wait for it.
   *
   * @throws IOException if another process has it, or the file can't be written
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
   * Whether the file is still where it was. If it is not, somebody has removed the directory, and
   * what is there now may be another process's.
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

  /** Removes the file, unless it is another process's, and frees the lock. */
  @Override
  public void close() throws IOException {
    try (channel) {
      if (isInPlace()) {
        Files.delete(file);
      }
    }
  }
}
