package io.github.lenet.data;

import java.nio.file.Path;
import java.util.Objects;

/**
 * The state of a data set's file on the disk.
 *
 * @param file the file
 * @param path the path of the file, which may be missing
 * @param state whether the file is there and verified
 * @param sizeInBytes the size on the disk; 0 if it is missing or its size can't be read
 * @param sha256 the SHA-256 of the file on the disk; empty if it is missing or can't be read
 * @param detail the error of a corrupt file, in one line; else empty
 */
public record FileStatus(
    DatasetFile file, Path path, State state, long sizeInBytes, String sha256, String detail) {

  /** The result of a check. */
  public enum State {
    /** The file is there, and its checksum matches. */
    OK,
    /** The file is not there. */
    MISSING,
    /** The file is there, but its checksum does not match or it can't be read. */
    CORRUPT
  }

  /** Checks that nothing is null. */
  public FileStatus {
    Objects.requireNonNull(file, "file");
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(sha256, "sha256");
    Objects.requireNonNull(detail, "detail");
  }
}
