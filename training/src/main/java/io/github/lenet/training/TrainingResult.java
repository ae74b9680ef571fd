package io.github.lenet.training;

import io.github.lenet.data.Provenance;
import io.github.lenet.training.device.DeviceSelection;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The result of a run.
 *
 * @param epochs the finished ones, in order; none if it was stopped in the first
 * @param selected the epoch whose network the run gives: the best one on the validation images, the
 *     last one without such; empty without an epoch
 * @param test loss and accuracy of that network over the whole test set; empty without an epoch
 * @param isValidated whether epochs were measured on validation images, not on the test set
 * @param stopped whether it was told to end before it had come to its end
 * @param device where it ran
 * @param data the training data
 * @param directory what it left behind, see {@link io.github.lenet.training.run.TrainingRun}
 */
public record TrainingResult(
    List<EpochResult> epochs,
    Optional<EpochResult> selected,
    Optional<Metrics> test,
    boolean isValidated,
    boolean stopped,
    DeviceSelection device,
    Provenance data,
    Path directory) {

  /** Copies the list, and checks that nothing is null. */
  public TrainingResult {
    epochs = List.copyOf(epochs);
    if (selected.isPresent() != !epochs.isEmpty() || test.isPresent() != selected.isPresent()) {
      throw new IllegalArgumentException("selected and test are there if there is an epoch");
    }
    Objects.requireNonNull(device, "device");
    Objects.requireNonNull(data, "data");
    Objects.requireNonNull(directory, "directory");
  }

  /**
   * Training speed over all epochs, evaluation not counted.
   *
   * @return training images per second, 0 without a finished epoch
   */
  public double imagesPerSecond() {
    double seconds =
        epochs.stream().mapToDouble(epoch -> EpochResult.seconds(epoch.trainingTime())).sum();
    long images = epochs.stream().mapToLong(epoch -> epoch.train().total()).sum();
    return images == 0 ? 0 : images / seconds;
  }
}
