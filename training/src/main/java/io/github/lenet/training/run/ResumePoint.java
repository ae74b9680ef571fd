package io.github.lenet.training.run;

import io.github.lenet.training.internal.io.RunFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Where a run goes on: after the newest checkpoint that is whole.
 *
 * @param config how the run was configured
 * @param history of the run up to there; {@link RunHistory#NONE} if there is no checkpoint at all
 * @param corrupt why newer checkpoints can't be used, newest first
 */
record ResumePoint(RunConfig config, RunHistory history, List<String> corrupt) {

  /**
   * Looks for it. The configuration is that in the checkpoint, whose sums cover it; the run's own
   * has to be the same, byte for byte.
   *
   * @param run a run directory
   * @throws RunFormatException if it is none, its configuration has changed, or all of its
   *     checkpoints are corrupt
   */
  static ResumePoint of(Path run) throws IOException {
    RunConfig config = RunConfig.read(run);
    Checkpoints checkpoints = new Checkpoints(run.resolve(RunDirectory.CHECKPOINTS));
    Checkpoints.Newest newest = checkpoints.newest(config.training().hasValidation());
    int epochs = newest.history().epochs().size();
    if (epochs > 0) {
      Path own = run.resolve(RunConfig.FILE);
      Path saved = checkpoints.of(epochs).resolve(RunConfig.FILE);
      if (Files.mismatch(own, saved) >= 0) {
        throw new RunFormatException(
            "%s: is corrupt: expected the same as in %s, found another. Copy that one here, or train again."
                .formatted(own, saved));
      }
    }
    return new ResumePoint(config, newest.history(), newest.corrupt());
  }
}
