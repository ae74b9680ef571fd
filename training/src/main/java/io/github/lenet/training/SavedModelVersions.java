package io.github.lenet.training;

import io.github.lenet.model.Sha256Sums;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A directory of SavedModels by number, {@code DIR/1}, {@code DIR/2} …, as TensorFlow Serving takes
 * it for {@code model_base_path}: it looks there again and again, and serves the highest number.
 *
 * <p>A version appears whole or not at all, under a number that none had before.
 */
public final class SavedModelVersions {

  /** Longer ones would not fit into the 64 bits that TensorFlow Serving has for them. */
  private static final String NUMBER = "[0-9]{1,18}";

  private SavedModelVersions() {}

  /**
   * What was published.
   *
   * @param directory {@code DIR/<version>}
   * @param version the number
   * @param files how many files it has, each equal to the original
   * @param sizeInBytes what they take together
   * @param signatures those that were checked against the parameters
   * @param parameters what they were compared with: the run's checkpoint, or the model's own
   */
  public record Publication(
      Path directory,
      long version,
      int files,
      long sizeInBytes,
      List<String> signatures,
      Path parameters) {

    /** Copies the list. */
    public Publication {
      Objects.requireNonNull(directory, "directory");
      Objects.requireNonNull(parameters, "parameters");
      signatures = List.copyOf(signatures);
    }
  }

  /**
   * Publishes a model under the next number. It is copied beside its place, under a name that a
   * server does not look at, compared with the original byte by byte, loaded, asked, and renamed as
   * the last step. Several processes may publish to one directory at the same time. What one left
   * that was killed meanwhile, the next one removes.
   *
   * @param model a run directory, or a SavedModel of this library's
   * @param directory where the versions are; is created if it is not there
   * @return what was published
   * @throws IOException if there is no such model, it is corrupt, its outputs are not those of its
   *     parameters should, or the directory can't be written
   */
  public static Publication publish(Path model, Path directory) throws IOException {
    Path original = savedModel(model);
    Sha256Sums.checkSavedModel(original);
    Path parameters = parameters(model, original);
    createDirectories(directory);
    try (ScratchDirectory scratch = ScratchDirectory.in(directory)) {
      Path temporary = scratch.path();
      List<Path> files = copy(original, temporary);
      long size = 0;
      for (Path file : files) {
        size += Files.size(temporary.resolve(file));
      }
      List<String> signatures = SavedModelCheck.requireSameOutputs(temporary, parameters);
      long version = rename(temporary, directory);
      return new Publication(
          directory.resolve(Long.toString(version)),
          version,
          files.size(),
          size,
          signatures,
          parameters);
    }
  }

  private static Path savedModel(Path model) throws IOException {
    Path ofRun = model.resolve("saved_model").resolve("1");
    for (Path directory : List.of(model, ofRun)) {
      if (Files.isRegularFile(directory.resolve("saved_model.pb"))) {
        return directory;
      }
    }
    if (Files.notExists(model)) {
      throw new NoSuchFileException(model + ": no such run or model");
    }
    throw new IOException(
        model
            + (Files.isRegularFile(model.resolve("config.json"))
                ? ": has no saved_model/1: the run did not come to its end"
                : ": is neither a run directory nor a SavedModel: expected saved_model/1 or"
                    + " saved_model.pb in it"));
  }

  private static Path parameters(Path model, Path original) throws IOException {
    Path checkpoints = model.resolve("checkpoints");
    if (Files.isDirectory(checkpoints)) {
      int chosen = RecordedRun.read(model).selectedEpoch().map(RecordedRun.Epoch::number).orElse(0);
      return new Checkpoints(checkpoints).parameters(chosen);
    }
    return original.resolve("variables").resolve("variables");
  }

  private static void createDirectories(Path directory) throws IOException {
    try {
      Files.createDirectories(directory);
    } catch (FileAlreadyExistsException e) {
      throw new NotDirectoryException(directory + ": is a file; choose another directory");
    }
  }

  /** Copies all files, and compares them; returns their names in the directory. */
  private static List<Path> copy(Path from, Path to) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(from, FileVisitOption.FOLLOW_LINKS)) {
      files = all.filter(Files::isRegularFile).map(from::relativize).toList();
    }
    for (Path file : files) {
      Path copy = to.resolve(file);
      Files.createDirectories(copy.getParent());
      Files.copy(from.resolve(file), copy);
      long difference = Files.mismatch(from.resolve(file), copy);
      if (difference >= 0) {
        throw new IOException(
            "%s: differs from %s at byte %d after copying. Check the disk, and try again."
                .formatted(copy, from.resolve(file), difference));
      }
    }
    return files;
  }

  /** Takes the next number; the one after that if another process was faster, and so on. */
  private static long rename(Path temporary, Path directory) throws IOException {
    for (long version = highest(directory) + 1; ; version++) {
      Path target = directory.resolve(Long.toString(version));
      try {
        AtomicFile.publish(temporary, target);
        return version;
      } catch (IOException e) {
        // Which exception it is when another one's model is there depends on the system.
        if (Files.notExists(target)) {
          throw e;
        }
      }
    }
  }

  private static long highest(Path directory) throws IOException {
    NavigableMap<Long, Path> versions = list(directory);
    return versions.isEmpty() ? 0 : versions.lastKey();
  }

  /**
   * What a server finds in such a directory: everything that has a number for a name.
   *
   * @param directory where the versions are
   * @return their places by number; of {@code 1} and {@code 01} either
   * @throws IOException if the directory can't be read
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
}
