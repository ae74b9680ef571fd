package io.github.lenet.data;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Thrown when a file is not the IDX file it should be, or does not fit into memory. The message
 * names the file, what is wrong, what was expected, what was found, at which byte, and what to do.
 */
public final class IdxFormatException extends IOException {
  private static final long serialVersionUID = 1;

  private final long byteOffset;

  IdxFormatException(
      Path file, String wrong, String expected, String found, long byteOffset, String whatToDo) {
    super(
        "%s: %s: expected %s, found %s (at byte %d). %s"
            .formatted(file, wrong, expected, found, byteOffset, whatToDo));
    this.byteOffset = byteOffset;
  }

  /**
   * The byte at which the fault shows, counted from 0 in the decompressed file; in the gzip file
   * itself if that is what is corrupt.
   *
   * @return the offset in bytes
   */
  public long byteOffset() {
    return byteOffset;
  }
}
