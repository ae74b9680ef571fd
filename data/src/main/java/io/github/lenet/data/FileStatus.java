package io.github.lenet.data;

import java.nio.file.Path;
import java.util.Objects;

/**
 * What the cache holds under a file's name.
 *
 * @param file the file
 * @param path where it is, or would be
 * @param state whether it is there and whole
 * @param sizeInBytes as it is on the disk; 0 if it is missing or can't be read
 * @param sha256 of the file as it is on the disk; empty if it is missing or can't be read
 * @param detail empty, or what is wrong with it, in one line
 */
public record FileStatus(
    DatasetFile file, Path path, State state, long sizeInBytes, String sha256, String detail) {

  /** Whether a file is there and whole. */
  public enum State {
    /** There, and its hash is right. */
    OK,
    /** Not there. */
    MISSING,
    /** There, but not the publisher's bytes. */
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
