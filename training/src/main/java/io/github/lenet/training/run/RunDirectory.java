package io.github.lenet.training.run;

import io.github.lenet.model.internal.AtomicFile;
import io.github.lenet.training.internal.io.RunFormatException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The directory of a {@link TrainingRun}: its paths, its lock, and the replacement of an earlier
 * run. One process at a time writes to a directory. A run without a finished epoch leaves nothing.
 */
final class RunDirectory implements AutoCloseable {

  static final String CHECKPOINTS = "checkpoints";

  private static final String SAVED_MODEL = "saved_model";
  private static final String TENSORBOARD = "tensorboard";

  /** The configuration is removed last: until then a half-removed run is recognized as one. */
  private static final List<String> NAMES =
      List.of(
          SAVED_MODEL,
          CHECKPOINTS,
          TENSORBOARD,
          MetricsWriter.CSV,
          RunMetrics.FILE,
          CurvesWriter.FILE,
          RunConfig.FILE);

  private final Path directory;
  private final RunLock lock;
  private final boolean created;
  private final Optional<ResumePoint> resumePoint;
  private boolean begun;
  private boolean kept;

  private RunDirectory(
      Path directory, RunLock lock, boolean created, Optional<ResumePoint> resumePoint) {
    this.directory = directory;
    this.lock = lock;
    this.created = created;
    this.resumePoint = resumePoint;
    this.kept = resumePoint.isPresent() && !resumePoint.get().history().epochs().isEmpty();
  }

  /**
   * Checks that a run may be written to a directory; changes nothing.
   *
   * @param directory the run directory
   * @param force whether an existing run may be replaced
   * @throws FileAlreadyExistsException if it is not empty, and not a run that may be replaced
   * @throws IOException if it can't be read
   */
  static void check(Path directory, boolean force) throws IOException {
    if (Files.notExists(directory)) {
      return;
    }
    if (!Files.isDirectory(directory)) {
      throw new FileAlreadyExistsException(directory + ": is a file. Choose another directory");
    }
    try (Stream<Path> entries = Files.list(directory)) {
      if (entries.allMatch(RunDirectory::isLeftover)) {
        return;
      }
    }
    if (!force) {
      throw new FileAlreadyExistsException(
          directory + ": already exists. Choose another directory, or have it replaced");
    }
    if (!RunConfig.isIn(directory)) {
      throw new FileAlreadyExistsException(
          directory + ": is not a run directory, and is not replaced");
    }
  }

  /** {@return whether only a killed process can have left the file} */
  private static boolean isLeftover(Path path) {
    String name = path.getFileName().toString();
    return name.equals(RunLock.FILE)
        || NAMES.contains(name.replaceFirst("\\.tmp$", "")) && name.endsWith(".tmp");
  }

  /**
   * Opens a directory for a new run, creates it if it is missing, and locks it. An earlier run is
   * replaced only when this one begins to write.
   *
   * @param directory the run directory
   * @param force whether an existing run may be replaced
   * @return the directory; the caller closes it
   * @throws IOException as {@link #check}, and if it can't be written or another process is writing
   *     it
   */
  static RunDirectory open(Path directory, boolean force) throws IOException {
    check(directory, force);
    boolean created = Files.notExists(directory);
    Files.createDirectories(directory);
    return open(directory, force, created);
  }

  /**
   * Creates a directory for a new run and locks it.
   *
   * @param directory the run directory. If it exists, {@code -2}, {@code -3} and so on is added to
   *     the name, even if another process asks for the same directory at the same time.
   * @return the directory; the caller closes it
   * @throws IOException if it can't be written
   */
  static RunDirectory create(Path directory) throws IOException {
    Files.createDirectories(directory.toAbsolutePath().getParent());
    Path free = directory;
    for (int n = 2; ; n++) {
      try {
        Files.createDirectory(free);
        return open(free, false, true);
      } catch (FileAlreadyExistsException e) {
        free = directory.resolveSibling(directory.getFileName() + "-" + n);
      }
    }
  }

  private static RunDirectory open(Path directory, boolean force, boolean created)
      throws IOException {
    RunLock lock = RunLock.take(directory);
    try {
      check(directory, force); // again: another run may have ended before this one got the lock
      return new RunDirectory(directory, lock, created, Optional.empty());
    } catch (IOException e) {
      lock.close();
      throw e;
    }
  }

  /**
   * Opens the directory of an unfinished run and locks it.
   *
   * @param directory the run directory
   * @return the directory, at the newest valid checkpoint; the caller closes it
   * @throws RunFormatException if it is no run directory, or its configuration or all of its
   *     checkpoints are corrupt
   * @throws IOException if it can't be read or another process is writing it
   */
  static RunDirectory reopen(Path directory) throws IOException {
    RunConfig.read(directory); // leaves no lock file where there is no run
    RunLock lock = RunLock.take(directory);
    try {
      return new RunDirectory(directory, lock, false, Optional.of(ResumePoint.of(directory)));
    } catch (IOException e) {
      lock.close();
      throw e;
    }
  }

  /** {@return the resume point; empty for a new run} */
  Optional<ResumePoint> resumePoint() {
    return resumePoint;
  }

  private void empty() throws IOException {
    for (String name : NAMES) {
      remove(name);
    }
  }

  /** Removes a file or directory of the run. A partly removed one never stays under its name. */
  private void remove(String name) throws IOException {
    Path temporary = directory.resolve(name + ".tmp");
    AtomicFile.delete(temporary);
    Path path = directory.resolve(name);
    if (Files.exists(path)) {
      Files.move(path, temporary, StandardCopyOption.ATOMIC_MOVE);
      AtomicFile.delete(temporary);
    }
  }

  /**
   * Releases the lock. Removes a run without a finished epoch, and the directory if it was created
   * for the run and is empty.
   */
  @Override
  public void close() throws IOException {
    if (!lock.isOpen()) {
      return;
    }
    boolean isOurs;
    try (lock) {
      isOurs = lock.isInPlace();
      if (begun && !kept && isOurs) {
        empty();
      }
    }
    if (!created || !isOurs) {
      return;
    }
    try (Stream<Path> entries = Files.list(directory)) {
      if (entries.findAny().isPresent()) {
        return;
      }
    }
    Files.deleteIfExists(directory);
  }

  /** {@return the path of the run directory} */
  Path path() {
    return directory;
  }

  /** {@return the path of one of the run's files} */
  Path file(String name) {
    return directory.resolve(name);
  }

  Checkpoints checkpoints() {
    return new Checkpoints(directory.resolve(CHECKPOINTS));
  }

  /** {@return the directory of the event files for TensorBoard} */
  Path tensorBoard() {
    return directory.resolve(TENSORBOARD);
  }

  /** {@return the path for the SavedModel, after an earlier one is removed} */
  Path emptySavedModel() throws IOException {
    remove(SAVED_MODEL);
    return directory.resolve(SAVED_MODEL).resolve("1");
  }

  /**
   * Begins to write. A new run removes an earlier one; a resumed run removes partly written files.
   */
  void begin() throws IOException {
    requireInPlace();
    begun = true;
    if (resumePoint.isEmpty()) {
      empty();
    } else {
      for (String name : NAMES) {
        AtomicFile.delete(directory.resolve(name + ".tmp"));
      }
    }
  }

  /** Makes {@link #close()} keep the files, because an epoch is finished. */
  void keep() {
    kept = true;
  }

  /** Fails if the run directory was moved or replaced. */
  void requireInPlace() throws IOException {
    if (!lock.isInPlace()) {
      throw new IOException(
          directory
              + ": was removed or replaced while the run was writing to it."
              + " Train again, in another directory");
    }
  }
}
