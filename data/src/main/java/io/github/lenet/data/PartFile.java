package io.github.lenet.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A {@code .part} file of a {@link Downloader}. Every failure to write it is a {@link
 * CacheWriteException}.
 */
final class PartFile implements AutoCloseable {
  private final Path path;
  private final FileChannel channel;
  private long size;

  PartFile(Path path, long from) throws IOException {
    this.path = path;
    this.size = from;
    try {
      channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      try {
        channel.truncate(from);
        channel.position(from);
      } catch (IOException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw CacheWriteException.of(path, e);
    }
  }

  long size() {
    return size;
  }

  /** Writes the first {@code count} bytes of a buffer. */
  void write(byte[] buffer, int count) throws IOException {
    size += count;
    ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, count);
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw CacheWriteException.of(path, e);
    }
  }

  void force() throws IOException {
    try {
      channel.force(true);
    } catch (IOException e) {
      throw CacheWriteException.of(path, e);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
