package io.github.lenet.training;

import io.github.lenet.data.Provenance;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * What a run gave.
 *
 * @param epochs the finished ones, in order; none if it was stopped in the first
 * @param stopped whether it ended before all epochs were done
 * @param device where it ran
 * @param data what it learned from
 * @param directory what it left behind, see {@link RunDirectory}
 */
public record TrainingResult(
    List<EpochResult> epochs,
    boolean stopped,
    DeviceSelection device,
    Provenance data,
    Path directory) {

  /** Copies the list, and checks that nothing is null. */
  public TrainingResult {
    epochs = List.copyOf(epochs);
    Objects.requireNonNull(device, "device");
    Objects.requireNonNull(data, "data");
    Objects.requireNonNull(directory, "directory");
  }

  /**
   * Training speed over all epochs, evaluation not counted.
   *
   * @return training pictures per second, 0 without a finished epoch
   */
  public double imagesPerSecond() {
    double seconds =
        epochs.stream().mapToDouble(epoch -> EpochResult.seconds(epoch.trainingTime())).sum();
    long images = epochs.stream().mapToLong(epoch -> epoch.train().total()).sum();
    return images == 0 ? 0 : images / seconds;
  }
}
