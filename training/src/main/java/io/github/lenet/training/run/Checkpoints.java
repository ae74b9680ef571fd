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
 * The {@link Checkpoint}s of a run: those of the last epochs, so that a corrupt one has another
 * before it, and that of the best epoch.
 *
 * <p>Each is a directory {@code epoch-N}, which is complete when it gets that name. Older ones are
 * removed afterwards, so that a killed process leaves at least as many as it had.
 */
final class Checkpoints {

  private static final String NAME = "epoch-";

  private final Path directory;

  /**
   * @param directory is created with the first checkpoint; its parent exists
   */
  Checkpoints(Path directory) {
    this.directory = Objects.requireNonNull(directory, "directory");
  }

  /**
   * The newest checkpoint that can be gone on from.
   *
   * @param history of the run up to there; {@link RunHistory#NONE} if there is no checkpoint at all
   * @param corrupt why newer ones can't be used, newest first
   */
  record Newest(RunHistory history, List<String> corrupt) {}

  /**
   * Saves what there is after the last epoch of the history.
   *
   * @param keepLast how many checkpoints stay, this one included, beside that of the best epoch
   */
  void save(Trainer trainer, RunConfig config, RunHistory history, int keepLast)
      throws IOException {
    int epoch = history.epochs().size();
    if (Files.notExists(directory)) {
      Files.createDirectory(directory); // in the run's, which must be there
    }
    // One that is there already is corrupt, and the run went back from it.
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
   * Looks for the newest checkpoint that is whole.
   *
   * @param needsBest whether that of the best epoch until then has to be whole as well
   * @throws RunFormatException if there are checkpoints, and all are corrupt
   */
  Newest newest(boolean needsBest) throws IOException {
    List<String> corrupt = new ArrayList<>();
    for (int epoch : epochs()) {
      try {
        RunHistory history = Checkpoint.read(of(epoch));
        if (history.epochs().size() != epoch) {
          throw new RunFormatException(
              "%s: is corrupt: expected %d epochs in it, found %d."
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
        "%s: no checkpoint is whole: %s Train again from the start."
            .formatted(directory, String.join(" ", corrupt)));
  }

  /** Where an epoch's checkpoint is, if it was kept. */
  Path of(int epoch) {
    return directory.resolve(NAME + epoch);
  }

  /** Those that have a checkpoint, newest first. */
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
