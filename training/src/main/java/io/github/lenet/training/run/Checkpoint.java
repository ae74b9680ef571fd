package io.github.lenet.training.run;

import io.github.lenet.model.internal.AtomicFile;
import io.github.lenet.model.internal.Sha256Sums;
import io.github.lenet.training.Trainer;
import io.github.lenet.training.internal.io.Json;
import io.github.lenet.training.internal.io.RunFormatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Reads and writes checkpoints. A checkpoint is a directory with all that a run needs to continue
 * after an epoch as if it had not stopped:
 *
 * <pre>
 * variables.*   the variables of training and the optimizer's state, in TensorFlow's format
 * parameters.*  the parameters for original pixels, in the same format; only after training on
 *               standardized pixels, where the variables differ from them
 * config.json   the run's configuration, to detect changes of the run's own file
 * history.json  the run's history so far
 * SHA256SUMS    of all other files, for sha256sum -c
 * </pre>
 */
final class Checkpoint {

  private Checkpoint() {}

  /** Writes all files into an existing, empty directory. */
  static void write(Path directory, Trainer trainer, RunConfig config, RunHistory history)
      throws IOException {
    trainer.saveCheckpoint(directory);
    write(directory.resolve(RunConfig.FILE), config.toJson());
    write(directory.resolve(RunHistory.FILE), Json.write(history));
    Sha256Sums.write(directory, directory.resolve(Sha256Sums.FILE));
  }

  private static void write(Path file, String text) throws IOException {
    AtomicFile.writeInPlace(file, text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Checks all files, then reads the history.
   *
   * @throws RunFormatException if a file is corrupt, missing or unexpected
   */
  static RunHistory read(Path directory) throws IOException {
    check(directory);
    return Json.read(directory.resolve(RunHistory.FILE), RunHistory.class);
  }

  /** Compares all files with their SHA-256. */
  static void check(Path directory) throws IOException {
    Optional<String> mismatch;
    try {
      mismatch = Sha256Sums.findMismatch(directory, directory.resolve(Sha256Sums.FILE));
    } catch (NoSuchFileException e) {
      throw new RunFormatException(directory + ": is corrupt: expected SHA256SUMS, found none.", e);
    }
    if (mismatch.isPresent()) {
      throw new RunFormatException(mismatch.get());
    }
  }
}
