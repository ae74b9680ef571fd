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
 * @param epochs the finished epochs, in order; empty if the run was stopped in the first
 * @param selected the selected epoch, whose network is the result: with a validation split the best
 *     epoch, else the last; empty without a finished epoch
 * @param test loss and accuracy of that network over the whole test set; empty without a finished
 *     epoch
 * @param isValidated whether epochs were evaluated on a validation split, not on the test set
 * @param stopped whether the run was stopped before its end
 * @param device the device of the run
 * @param data the training data
 * @param directory the run directory, see {@link io.github.lenet.training.run.TrainingRun}
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

  /** Copies the list and checks that nothing is null. */
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
   * {@return the training speed over all epochs in images per second, evaluation not counted; 0
   * without a finished epoch}
   */
  public double imagesPerSecond() {
    double seconds =
        epochs.stream().mapToDouble(epoch -> EpochResult.seconds(epoch.trainingTime())).sum();
    long images = epochs.stream().mapToLong(epoch -> epoch.train().total()).sum();
    return images == 0 ? 0 : images / seconds;
  }
}
