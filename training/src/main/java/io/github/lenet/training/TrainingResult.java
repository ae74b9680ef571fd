package io.github.lenet.training;

import io.github.lenet.data.Provenance;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The result of a run.
 *
 * @param epochs the finished ones, in order; none if it was stopped in the first
 * @param outcome the network that it gives; empty without an epoch
 * @param isValidated whether epochs were measured on validation images, not on the test set
 * @param stopped whether it was told to end before it had come to its end
 * @param device where it ran
 * @param data the training data
 * @param directory what it left behind, see {@link RunDirectory}
 */
public record TrainingResult(
    List<EpochResult> epochs,
    Optional<Outcome> outcome,
    boolean isValidated,
    boolean stopped,
    DeviceSelection device,
    Provenance data,
    Path directory) {

  /**
   * The network that a run gives.
   *
   * @param epoch that it is of: the best one on the validation images, the last one without such
   * @param test loss and accuracy over the whole test set
   */
  public record Outcome(EpochResult epoch, Metrics test) {
    /** Checks that nothing is null. */
    public Outcome {
      Objects.requireNonNull(epoch, "epoch");
      Objects.requireNonNull(test, "test");
    }
  }

  /** Copies the list, and checks that nothing is null. */
  public TrainingResult {
    epochs = List.copyOf(epochs);
    Objects.requireNonNull(outcome, "outcome");
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
