package io.github.lenet.model.internal;

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
 * A directory with a temporary name, to fill and then rename. {@link #close} deletes it. The
 * directory of a killed process is deleted when the next one is created in the same parent.
 *
 * <p>A locked file beside it shows that its process is alive. A process id is not enough:
 * containers and machines that share a file system may use the same one. The file is created before
 * the directory and deleted after it, so a process may be killed at any moment.
 */
public final class ScratchDirectory implements AutoCloseable {

  private static final String PREFIX = ".export-";
  private static final String LOCK = ".lock";

  /** The prefix of this process. Its files are skipped: closing a second channel frees the lock. */
  private static final String OF_THIS_PROCESS = PREFIX + UUID.randomUUID();

  private static final AtomicLong COUNT = new AtomicLong();

  private final Path path;
  private final FileChannel lock;

  private ScratchDirectory(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Reserves a scratch directory and deletes those of killed processes.
   *
   * @param parent an existing directory
   * @return the directory; the caller closes it
   * @throws IOException if the parent cannot be read or written
   */
  public static ScratchDirectory in(Path parent) throws IOException {
    removeLeftovers(parent);
    while (true) {
      Path path = parent.resolve(OF_THIS_PROCESS + "-" + COUNT.incrementAndGet());
      FileChannel lock =
          FileChannel.open(lockFile(path), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      try {
        lock.lock();
      } catch (IOException e) {
        lock.close();
        Files.deleteIfExists(lockFile(path));
        throw AtomicFile.cannotBeWritten(lockFile(path), e);
      }
      if (Files.exists(lockFile(path))) {
        return new ScratchDirectory(path, lock);
      }
      lock.close(); // another process deleted the file before it was locked
    }
  }

  private static Path lockFile(Path path) {
    return path.resolveSibling(path.getFileName() + LOCK);
  }

  private static void removeLeftovers(Path parent) throws IOException {
    List<Path> lockFiles;
    try (Stream<Path> entries = Files.list(parent)) {
      lockFiles = entries.filter(ScratchDirectory::isLockFileOfAnotherProcess).toList();
    }
    for (Path lockFile : lockFiles) {
      try (FileChannel lock = FileChannel.open(lockFile, StandardOpenOption.WRITE)) {
        if (lock.tryLock() != null) {
          String name = lockFile.getFileName().toString();
          String directory = name.substring(0, name.length() - LOCK.length());
          new ScratchDirectory(lockFile.resolveSibling(directory), lock).close();
        }
      } catch (NoSuchFileException | AccessDeniedException e) {
        // The file was just removed, or it belongs to another user, who has to remove it.
      }
    }
  }

  private static boolean isLockFileOfAnotherProcess(Path path) {
    String name = path.getFileName().toString();
    return name.startsWith(PREFIX) && name.endsWith(LOCK) && !name.startsWith(OF_THIS_PROCESS);
  }

  /** {@return the directory, which does not exist yet} */
  public Path path() {
    return path;
  }

  /** Deletes the directory, unless it was renamed. */
  @Override
  public void close() throws IOException {
    try (lock) {
      AtomicFile.delete(path);
      Files.deleteIfExists(lockFile(path)); // last, because leftovers are found by it
    }
  }
}
