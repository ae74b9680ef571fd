package io.github.lenet.training.run;

import io.github.lenet.model.internal.AtomicFile;
import io.github.lenet.training.Trainer;
import io.github.lenet.training.TrainingConfig;
import io.github.lenet.training.internal.io.RunFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The {@link Checkpoint}s of a run: those of the last epochs and that of the best epoch. A run can
 * continue from an earlier checkpoint if the last one is corrupt.
 *
 * <p>Each is a directory {@code epoch-N}, which is complete when it gets that name. Older ones are
 * removed afterwards, so a killed process leaves at least as many as before.
 */
final class Checkpoints {

  private static final String NAME = "epoch-";

  private final Path directory;

  /**
   * @param directory the directory of the checkpoints, created with the first one; its parent
   *     exists
   */
  Checkpoints(Path directory) {
    this.directory = Objects.requireNonNull(directory, "directory");
  }

  /**
   * The newest valid checkpoint.
   *
   * @param history history of the run up to it; {@link RunHistory#NONE} if there is no checkpoint
   * @param corrupt why newer ones can't be used, newest first
   */
  record Newest(RunHistory history, List<String> corrupt) {}

  /**
   * Saves a checkpoint after the last epoch of the history, and removes old ones.
   *
   * @param keepLast number of checkpoints to keep, including this one, in addition to the best
   *     epoch's
   */
  void save(Trainer trainer, RunConfig config, RunHistory history, int keepLast)
      throws IOException {
    int epoch = history.epochs().size();
    if (Files.notExists(directory)) {
      Files.createDirectory(directory); // the run directory must exist
    }
    // An existing checkpoint of this epoch is corrupt: the run resumed from an earlier one.
    AtomicFile.writeDirectory(
        of(epoch), temporary -> Checkpoint.write(temporary, trainer, config, history));
    int best = TrainingConfig.best(history.results()).orElseThrow().epoch();
    for (int old : epochs()) {
      if (old > epoch || old <= epoch - keepLast && old != best) {
        AtomicFile.delete(of(old));
      }
    }
  }

  /**
   * Finds the newest valid checkpoint.
   *
   * @param needsBest whether the checkpoint of the best epoch up to it must be valid as well
   * @throws RunFormatException if there are checkpoints, and all are corrupt
   */
  Newest newest(boolean needsBest) throws IOException {
    List<String> corrupt = new ArrayList<>();
    for (int epoch : epochs()) {
      try {
        RunHistory history = Checkpoint.read(of(epoch));
        if (history.epochs().size() != epoch) {
          throw new RunFormatException(
              "%s: is corrupt: expected %s epochs in it, found %s."
                  .formatted(of(epoch), epoch, history.epochs().size()));
        }
        if (needsBest) {
          Checkpoint.check(of(TrainingConfig.best(history.results()).orElseThrow().epoch()));
        }
        return new Newest(history, corrupt);
      } catch (IOException e) {
        corrupt.add(e.getMessage());
      }
    }
    if (corrupt.isEmpty()) {
      return new Newest(RunHistory.NONE, corrupt);
    }
    throw new RunFormatException(
        "%s: no checkpoint is intact: %s Train again from the start."
            .formatted(directory, String.join(" ", corrupt)));
  }

  /** {@return the directory of an epoch's checkpoint, if it was kept} */
  Path of(int epoch) {
    return directory.resolve(NAME + epoch);
  }

  /** {@return the epochs with a checkpoint, newest first} */
  private List<Integer> epochs() throws IOException {
    if (Files.notExists(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries
          .map(entry -> entry.getFileName().toString())
          .filter(name -> name.matches(NAME + "[0-9]{1,9}"))
          .map(name -> Integer.valueOf(name.substring(NAME.length())))
          .sorted(Comparator.reverseOrder())
          .toList();
    }
  }
}
