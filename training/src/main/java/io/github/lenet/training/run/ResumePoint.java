package io.github.lenet.training.run;

import io.github.lenet.training.internal.io.RunFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The point where a run continues: its newest valid checkpoint.
 *
 * @param config the configuration of the run
 * @param history history of the run up to there; {@link RunHistory#NONE} if there is no checkpoint
 * @param corrupt why newer checkpoints can't be used, newest first
 */
record ResumePoint(RunConfig config, RunHistory history, List<String> corrupt) {

  /**
   * Finds the resume point. The configuration is read from the run directory, and must equal the
   * checkpoint's byte for byte, but for more epochs. The checkpoint's checksums cover its
   * configuration.
   *
   * @param run a run directory
   * @throws RunFormatException if it is no run directory, its configuration has changed, all of its
   *     checkpoints are corrupt, or it has none and started from a model
   */
  static ResumePoint of(Path run) throws IOException {
    RunConfig config = RunConfig.read(run);
    Checkpoints checkpoints = new Checkpoints(run.resolve(RunDirectory.CHECKPOINTS));
    Checkpoints.Newest newest = checkpoints.newest(config.training().hasValidation());
    int epochs = newest.history().epochs().size();
    if (epochs > 0) {
      Path own = run.resolve(RunConfig.FILE);
      Path saved = checkpoints.of(epochs).resolve(RunConfig.FILE);
      if (Files.mismatch(own, saved) >= 0
          && !goesOn(RunConfig.read(checkpoints.of(epochs)), config)) {
        throw new RunFormatException(
            "%s: is corrupt: expected the same as in %s, found another. Copy that one here, or train again."
                .formatted(own, saved));
      }
    }
    if (epochs == 0 && config.options().containsKey(RunConfig.FROM)) {
      throw new RunFormatException(
          "%s: cannot be resumed without a checkpoint, because it started from the parameters of %s. Train again."
              .formatted(run, config.options().get(RunConfig.FROM)));
    }
    return new ResumePoint(config, newest.history(), newest.corrupt());
  }

  /** Whether the run was given more epochs after the checkpoint. */
  private static boolean goesOn(RunConfig saved, RunConfig own) {
    int epochs = own.training().epochs();
    return epochs > saved.training().epochs() && saved.withEpochs(epochs).equals(own);
  }
}
