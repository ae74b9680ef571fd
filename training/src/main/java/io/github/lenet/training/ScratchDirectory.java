package io.github.lenet.training;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * A directory for something that is not ready yet, under a name that nobody looks for. It goes away
 * in the end; that of a process that was killed goes away when the next one is made beside it.
 *
 * <p>Whose process lives is told by a locked file in it, and not by a process's number, which
 * containers and machines that share a file system give more than once.
 */
final class ScratchDirectory implements AutoCloseable {

  private static final String PREFIX = ".export-";
  private static final String LOCK = "lock";
  private static final String CONTENT = "model";

  /** One's own are not looked at: to close a second channel to a locked file frees the lock. */
  private static final String OF_THIS_PROCESS = PREFIX + UUID.randomUUID();

  private static final AtomicLong COUNT = new AtomicLong();

  private final Path path;
  private final FileChannel lock;

  private ScratchDirectory(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Makes a new one, after it has removed those that were left behind.
   *
   * @param parent exists
   */
  static ScratchDirectory in(Path parent) throws IOException {
    removeLeftovers(parent);
    Path path = parent.resolve(OF_THIS_PROCESS + "-" + COUNT.incrementAndGet());
    Files.createDirectory(path);
    try {
      return new ScratchDirectory(path, lock(path.resolve(LOCK)));
    } catch (IOException e) {
      AtomicFile.delete(path);
      throw AtomicFile.cannotBeWritten(path, e);
    }
  }

  private static FileChannel lock(Path file) throws IOException {
    FileChannel lock =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try {
      lock.lock();
      return lock;
    } catch (IOException e) {
      lock.close();
      throw e;
    }
  }

  private static void removeLeftovers(Path parent) throws IOException {
    List<Path> others;
    try (Stream<Path> entries = Files.list(parent)) {
      others = entries.filter(ScratchDirectory::isOfAnotherProcess).toList();
    }
    for (Path other : others) {
      try (FileChannel lock = FileChannel.open(other.resolve(LOCK), StandardOpenOption.WRITE)) {
        if (lock.tryLock() != null) {
          new ScratchDirectory(other, lock).close();
        }
      } catch (NoSuchFileException | AccessDeniedException e) {
        // Just being made, or removed; or another user's, who has to do it.
      }
    }
  }

  private static boolean isOfAnotherProcess(Path path) {
    String name = path.getFileName().toString();
    return name.startsWith(PREFIX) && !name.startsWith(OF_THIS_PROCESS) && Files.isDirectory(path);
  }

  /** A place for a file or a directory that is not there yet. */
  Path content() {
    return path.resolve(CONTENT);
  }

  @Override
  public void close() throws IOException {
    try (lock) {
      AtomicFile.delete(content());
      // While it is locked: nobody takes the rest for something that was left behind.
      Files.deleteIfExists(path.resolve(LOCK));
    }
    Files.deleteIfExists(path);
  }
}
