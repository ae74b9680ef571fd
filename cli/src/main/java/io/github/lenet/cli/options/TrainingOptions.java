package io.github.lenet.cli.options;

import io.github.lenet.data.Augmentation;
import io.github.lenet.model.Initializer;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.training.LearningRateSchedule;
import io.github.lenet.training.TrainingConfig;
import io.github.lenet.training.device.Device;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How to train. */
public final class TrainingOptions {

  @Option(
      names = "--preset",
      paramLabel = "PRESET",
      defaultValue = "classic",
      converter = EnumConverter.OfPreset.class,
      completionCandidates = EnumConverter.OfPreset.class,
      description =
          "Where the options below start from: ${COMPLETION-CANDIDATES}. The defaults that they name"
              + " are classic's, the chapter's. Default: ${DEFAULT-VALUE}.")
  private Preset preset = Preset.CLASSIC;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      converter = Numbers.Positive.class,
      description = "Passes over the training images. Default: 10.")
  private Optional<Integer> epochs = Optional.empty();

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      converter = Numbers.Positive.class,
      description = "Images per step. Default: 256.")
  private Optional<Integer> batchSize = Optional.empty();

  @Option(
      names = "--learning-rate",
      paramLabel = "X",
      converter = Numbers.Rate.class,
      description = "Of the optimizer; adam wants about 0.001. Default: 0.9.")
  private Optional<Double> learningRate = Optional.empty();

  @Option(
      names = "--optimizer",
      paramLabel = "OPTIMIZER",
      converter = EnumConverter.OfOptimizer.class,
      completionCandidates = EnumConverter.OfOptimizer.class,
      description = "How a step changes the parameters: ${COMPLETION-CANDIDATES}. Default: sgd.")
  private Optional<OptimizerKind> optimizer = Optional.empty();

  @Option(
      names = "--momentum",
      paramLabel = "X",
      converter = Numbers.Fraction.class,
      description = "Of momentum and nesterov; adam's first beta. Default: 0.9, and none with sgd.")
  private Optional<Double> momentum = Optional.empty();

  @Option(
      names = "--schedule",
      paramLabel = "SCHEDULE",
      converter = EnumConverter.OfSchedule.class,
      completionCandidates = EnumConverter.OfSchedule.class,
      description =
          "How the learning rate goes down: ${COMPLETION-CANDIDATES} (to a tenth after half of the"
              + " steps, a hundredth after three quarters). Default: constant.")
  private Optional<LearningRateSchedule> schedule = Optional.empty();

  @Option(
      names = "--warmup-epochs",
      paramLabel = "EPOCHS",
      converter = Numbers.Count.class,
      description =
          "Epochs for the learning rate to rise from 0, before the schedule begins."
              + " Default: 0.")
  private Optional<Integer> warmupEpochs = Optional.empty();

  @Option(
      names = "--weight-decay",
      paramLabel = "X",
      converter = Numbers.Amount.class,
      description =
          "How much kernels shrink: an L2 term of the loss, with adam decoupled from it."
              + " Default: 0.")
  private Optional<Double> weightDecay = Optional.empty();

  @Option(
      names = "--dropout",
      paramLabel = "P",
      converter = Numbers.Fraction.class,
      description =
          "Part of the hidden dense layers' outputs that each step leaves out." + " Default: 0.")
  private Optional<Double> dropout = Optional.empty();

  @Option(
      names = "--init",
      paramLabel = "INIT",
      converter = EnumConverter.OfInitializer.class,
      completionCandidates = EnumConverter.OfInitializer.class,
      description =
          "What the initial kernels are drawn from: ${COMPLETION-CANDIDATES}."
              + " Default: glorot-uniform.")
  private Optional<Initializer> initializer = Optional.empty();

  @Option(
      names = "--augment",
      paramLabel = "CHANGES",
      converter = AugmentationConverter.class,
      completionCandidates = AugmentationConverter.class,
      description =
          "Change the training images at random, others in every epoch: shift by up to 2 pixels, flip"
              + " left to right (where the data set allows it), erase a rectangle; some of"
              + " shift,flip,erase, or none. Default: none.")
  private Optional<Augmentation> augmentation = Optional.empty();

  @Option(
      names = "--standardize",
      description =
          "Shift and scale the pixels to mean 0 and standard deviation 1 while training; the network that comes"
              + " of it takes images as they are.")
  private boolean standardize;

  @Option(
      names = "--validation-split",
      paramLabel = "P",
      converter = Numbers.Fraction.class,
      description =
          "Part of the training images to measure each epoch with and to choose the best epoch by;"
              + " the test set is read once, at the end. Default: 0.")
  private Optional<Double> validationSplit = Optional.empty();

  @Option(
      names = "--patience",
      paramLabel = "EPOCHS",
      converter = Numbers.Count.class,
      description =
          "End when that many epochs have not been better on the validation images than the best one"
              + " before. Default: 0, never.")
  private Optional<Integer> patience = Optional.empty();

  @Option(
      names = "--seed",
      paramLabel = "N",
      converter = Numbers.Whole.class,
      description = "Decides the initial parameters and the order of the images." + " Default: 1.")
  private Optional<Long> seed = Optional.empty();

  @Option(
      names = "--threads",
      paramLabel = "N",
      converter = Numbers.Positive.class,
      description =
          "Of the CPU, to train with. Default: one per core. The same number gives the same"
              + " result, bit for bit.")
  private Optional<Integer> threads = Optional.empty();

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      converter = DeviceConverter.class,
      completionCandidates = DeviceConverter.class,
      description = "auto: a GPU if there is one that works; cpu; gpu; or gpu:N. Default: auto.")
  private Optional<Device> device = Optional.empty();

  @Option(
      names = "--gpu-memory-limit",
      paramLabel = "SIZE",
      converter = Numbers.Mebibytes.class,
      description =
          "How much of a GPU's memory TensorFlow may take, such as 512m or 4g. Default: as much as it"
              + " needs.")
  private Optional<Integer> gpuMemoryLimitInMebibytes = Optional.empty();

  public Preset preset() {
    return preset;
  }

  /** What a preset sets otherwise than the chapter does; empty for the chapter's. */
  public Optional<String> describePreset() {
    return preset == Preset.CLASSIC
        ? Optional.empty()
        : Optional.of("preset " + new EnumConverter.OfPreset().word(preset) + ": " + preset);
  }

  public Optional<Device> device() {
    return device;
  }

  public Optional<Integer> gpuMemoryLimitInMebibytes() {
    return gpuMemoryLimitInMebibytes;
  }

  public boolean standardizes() {
    return standardize;
  }

  /**
   * Settings with the options' values in the place of their own.
   *
   * @param architecture which other options decide
   * @throws IllegalArgumentException if they do not fit together
   */
  public TrainingConfig over(TrainingConfig base, LeNetConfig architecture) {
    TrainingConfig.Builder builder = base.toBuilder().architecture(architecture);
    epochs.ifPresent(builder::epochs);
    batchSize.ifPresent(builder::batchSize);
    builder.optimizer(OptimizerKind.over(base.optimizer(), optimizer, learningRate, momentum));
    schedule.ifPresent(builder::schedule);
    warmupEpochs.ifPresent(builder::warmupEpochs);
    weightDecay.ifPresent(builder::weightDecay);
    dropout.ifPresent(builder::dropout);
    initializer.ifPresent(builder::initializer);
    augmentation.ifPresent(builder::augmentation);
    validationSplit.ifPresent(builder::validationSplit);
    patience.ifPresent(builder::patience);
    seed.ifPresent(builder::seed);
    threads.ifPresent(builder::threads);
    return builder.build();
  }
}
