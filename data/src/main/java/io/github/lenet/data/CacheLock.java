package io.github.lenet.data;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A lock on a folder of the cache. One thread of one process holds it at a time.
 *
 * <p>It polls instead of blocking, because a blocking {@link FileChannel#lock} throws when another
 * thread of the same JVM holds the lock. The system frees the lock of a killed process. The lock
 * file is never deleted: otherwise two processes could lock two files of that name.
 */
final class CacheLock {
  private static final String FILE_NAME = ".lock";
  private static final long PAUSE_IN_MILLIS = 50;

  private final FileChannel channel;

  private CacheLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Waits for the lock.
   *
   * @param folder the folder to lock
   * @param onWait called once if the lock is taken
   */
  static CacheLock acquire(Path folder, Runnable onWait) throws IOException {
    Path file = folder.resolve(FILE_NAME);
    FileChannel channel;
    try {
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw CacheWriteException.of(file, e);
    }
    try {
      boolean isLocked = tryLock(channel, file);
      if (!isLocked) {
        onWait.run();
      }
      while (!isLocked) {
        Thread.sleep(PAUSE_IN_MILLIS);
        isLocked = tryLock(channel, file);
      }
      return new CacheLock(channel);
    } catch (InterruptedException e) {
      channel.close();
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for " + file);
    } catch (IOException | RuntimeException | Error e) {
      channel.close();
      throw e;
    }
  }

  private static boolean tryLock(FileChannel channel, Path file) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    } catch (IOException e) {
      throw new CacheWriteException(
          "%s: this file system has no locks: %s. %s"
              .formatted(file, e.getMessage(), CacheWriteException.CHOOSE_ANOTHER),
          e);
    }
  }

  /** Frees the lock. */
  void close() throws IOException {
    channel.close();
  }
}
