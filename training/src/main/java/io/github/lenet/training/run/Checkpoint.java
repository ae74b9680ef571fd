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
 * What a run needs to go on after an epoch as if it had not stopped there, in a directory:
 *
 * <pre>
 * variables.*   the variables of training and the optimizer's memory, as TensorFlow writes them
 * parameters.*  the parameters for pixels as they are, likewise; only of a training with
 *               standardised pixels, whose variables differ from them
 * config.json   of the run, so that a change of the run's own is noticed
 * history.json  how the run went so far
 * SHA256SUMS    of all other files, for sha256sum -c
 * </pre>
 */
final class Checkpoint {

  private Checkpoint() {}

  /** Writes all files; the directory exists and is empty. */
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
   * Reads the history, once all files are known to be as they were written.
   *
   * @throws RunFormatException if one is not, is missing, or is one too many
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
