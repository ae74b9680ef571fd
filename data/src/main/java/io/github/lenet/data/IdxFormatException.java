package io.github.lenet.data;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Thrown when a file is not the expected IDX file, or does not fit into memory. The message names
 * the file, the error, the expected and found values, the byte offset, and a remedy.
 */
public final class IdxFormatException extends IOException {
  private static final long serialVersionUID = 1;

  private final long byteOffset;

  IdxFormatException(
      Path file, String wrong, String expected, String found, long byteOffset, String whatToDo) {
    super(
        "%s: %s: expected %s, found %s (at byte %s). %s"
            .formatted(file, wrong, expected, found, byteOffset, whatToDo));
    this.byteOffset = byteOffset;
  }

  /**
   * {@return the offset of the error in bytes, from 0, in the decompressed file, or in the gzip
   * file if the gzip stream is corrupt}
   */
  public long byteOffset() {
    return byteOffset;
  }
}
