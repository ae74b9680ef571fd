package io.github.lenet.model.internal;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A directory of numbered SavedModels, {@code DIR/1}, {@code DIR/2} …, as in TensorFlow Serving's
 * {@code model_base_path}. A server polls it and serves the highest number.
 *
 * <p>A version appears complete or not at all, under a new number.
 */
public final class SavedModelVersions {

  /** A version number of at most 18 digits: TensorFlow Serving stores it in 64 bits. */
  private static final String NUMBER = "[0-9]{1,18}";

  private SavedModelVersions() {}

  /**
   * Publishes a model under the next number. The model is written under a name that a server
   * ignores, and then renamed. Several processes may publish to one directory at the same time. The
   * next call deletes the files of a killed process.
   *
   * @param directory the directory of the versions; created if it does not exist
   * @param contents writes and checks the model
   * @return {@code DIR/<version>}
   * @throws NotDirectoryException if the directory is a file
   * @throws IOException if it cannot be written
   */
  public static Path publish(Path directory, AtomicFile.Contents contents) throws IOException {
    try {
      Files.createDirectories(directory);
    } catch (FileAlreadyExistsException e) {
      throw new NotDirectoryException(directory + ": is a file. Choose another directory");
    }
    try (ScratchDirectory scratch = ScratchDirectory.in(directory)) {
      contents.writeTo(scratch.path());
      return rename(scratch.path(), directory);
    }
  }

  /** Renames to the next number, or to a later one if other processes take it first. */
  private static Path rename(Path temporary, Path directory) throws IOException {
    NavigableMap<Long, Path> versions = list(directory);
    for (long version = versions.isEmpty() ? 1 : versions.lastKey() + 1; ; version++) {
      Path target = directory.resolve(Long.toString(version));
      try {
        AtomicFile.publish(temporary, target);
        return target;
      } catch (IOException e) {
        // The exception for an existing target depends on the system.
        if (Files.notExists(target)) {
          throw e;
        }
      }
    }
  }

  /**
   * Lists the versions as a server sees them: every entry with a number as its name.
   *
   * @param directory the directory of the versions
   * @return the paths by number; only one of {@code 1} and {@code 01}
   * @throws IOException if the directory cannot be read
   */
  public static NavigableMap<Long, Path> list(Path directory) throws IOException {
    NavigableMap<Long, Path> versions = new TreeMap<>();
    try (Stream<Path> entries = Files.list(directory)) {
      entries
          .filter(entry -> entry.getFileName().toString().matches(NUMBER))
          .forEach(entry -> versions.put(Long.parseLong(entry.getFileName().toString()), entry));
    }
    return versions;
  }

  /**
   * Finds the directory of versions that a path refers to.
   *
   * @param path the directory itself, or a run directory, which has its versions in {@code
   *     saved_model}
   * @return the directory; empty if the path is a SavedModel, or there are no versions
   * @throws IOException if a directory cannot be read
   */
  public static Optional<Path> directory(Path path) throws IOException {
    if (Files.isRegularFile(path.resolve("saved_model.pb"))) {
      return Optional.empty();
    }
    for (Path directory : List.of(path.resolve("saved_model"), path)) {
      if (Files.isDirectory(directory) && !list(directory).isEmpty()) {
        return Optional.of(directory);
      }
    }
    return Optional.empty();
  }
}
