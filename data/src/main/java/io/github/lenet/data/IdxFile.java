package io.github.lenet.data;

import java.nio.file.Path;

/**
 * A decoded IDX file. The reader keeps no reference to the body, so it can be passed on without a
 * copy.
 *
 * @param path the path of the file
 * @param dimensions the header's dimensions: {@code [n, height, width]} or {@code [n]}
 * @param body the elements, uint8, last dimension fastest
 * @param sizeInBytes the size of the file as read, in bytes
 * @param sha256 the SHA-256 of the file as read
 * @param rawSha256 the SHA-256 of the decompressed bytes
 */
record IdxFile(
    Path path, int[] dimensions, byte[] body, long sizeInBytes, String sha256, String rawSha256) {

  /** {@return the number of images or labels} */
  int count() {
    return dimensions[0];
  }

  Provenance.File provenance() {
    return new Provenance.File(
        path.getFileName().toString(),
        path.toAbsolutePath().normalize().toString(),
        sizeInBytes,
        sha256,
        rawSha256);
  }
}
