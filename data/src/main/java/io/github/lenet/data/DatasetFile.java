package io.github.lenet.data;

import io.github.lenet.data.internal.Sha256;
import java.util.Objects;

/**
 * A file of a data set as published: a gzipped IDX file.
 *
 * @param name the publisher's file name, for example {@code train-images-idx3-ubyte.gz}
 * @param sizeInBytes the size of the gzipped file, in bytes
 * @param sha256 the SHA-256 of the gzipped file, 64 lower-case hexadecimal digits
 * @param rawSizeInBytes the size of the decompressed file, in bytes
 * @param rawSha256 the SHA-256 of the decompressed file; it stays the same if a mirror compresses
 *     the file again
 */
public record DatasetFile(
    String name, long sizeInBytes, String sha256, long rawSizeInBytes, String rawSha256) {

  /** Checks that the name is a plain file name, the sizes are positive and the hashes are valid. */
  public DatasetFile {
    Objects.requireNonNull(name, "name");
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
      throw new IllegalArgumentException("name (" + name + ") must be a plain file name");
    }
    if (sizeInBytes <= 0 || rawSizeInBytes <= 0) {
      throw new IllegalArgumentException(
          "sizeInBytes (%s) and rawSizeInBytes (%s) must be positive"
              .formatted(sizeInBytes, rawSizeInBytes));
    }
    Sha256.requireValid("sha256", sha256);
    Sha256.requireValid("rawSha256", rawSha256);
  }

  /** {@return the name of the decompressed file: the name without {@code .gz}} */
  String rawName() {
    return name.endsWith(".gz") ? name.substring(0, name.length() - ".gz".length()) : name;
  }

  /**
   * {@return the largest valid size of this file on a mirror, in bytes} A mirror may compress worse
   * than the publisher or not at all. Uncompressed gzip adds five bytes to every 64 KiB, and a
   * header.
   */
  long largestSizeInBytes() {
    return Math.max(sizeInBytes, rawSizeInBytes) + rawSizeInBytes / 1_000 + 1_024;
  }
}
