package io.github.lenet.data;

import java.util.Objects;

/**
 * A file that a data set was read from.
 *
 * @param name the file's name
 * @param location the absolute path it was read from, or, for the sample set, how it was made
 * @param sizeInBytes the size of the file as read, gzipped or plain, in bytes
 * @param sha256 the SHA-256 of the file as read, 64 lower-case hexadecimal digits
 * @param rawSha256 the SHA-256 of the decompressed bytes; equal to {@code sha256} for a plain file
 */
public record ProvenanceFile(
    String name, String location, long sizeInBytes, String sha256, String rawSha256) {

  /** Checks that nothing is null and that the hashes are hashes. */
  public ProvenanceFile {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(location, "location");
    Sha256.requireValid("sha256", sha256);
    Sha256.requireValid("rawSha256", rawSha256);
  }
}
