package io.github.lenet.cli.options;

import io.github.lenet.data.Augmentation;
import io.github.lenet.model.Initializer;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.training.LearningRateSchedule;
import io.github.lenet.training.TrainingConfig;
import io.github.lenet.training.device.Device;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options of training. */
public final class TrainingOptions {

  @Option(
      names = "--preset",
      paramLabel = "PRESET",
      defaultValue = "classic",
      converter = EnumConverter.OfPreset.class,
      completionCandidates = EnumConverter.OfPreset.class,
      description =
          "Values of the options below that are not given: ${COMPLETION-CANDIDATES}. The"
              + " defaults listed are those of classic, as in the chapter. Default:"
              + " ${DEFAULT-VALUE}.")
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
      description = "Learning rate of the optimizer; use about 0.001 for adam. Default: 0.9.")
  private Optional<Double> learningRate = Optional.empty();

  @Option(
      names = "--optimizer",
      paramLabel = "OPTIMIZER",
      converter = EnumConverter.OfOptimizer.class,
      completionCandidates = EnumConverter.OfOptimizer.class,
      description = "Optimizer: ${COMPLETION-CANDIDATES}. Default: sgd.")
  private Optional<OptimizerKind> optimizer = Optional.empty();

  @Option(
      names = "--momentum",
      paramLabel = "X",
      converter = Numbers.Fraction.class,
      description =
          "Momentum of momentum and nesterov, or first beta of adam. Default: 0.9; sgd has"
              + " none.")
  private Optional<Double> momentum = Optional.empty();

  @Option(
      names = "--schedule",
      paramLabel = "SCHEDULE",
      converter = EnumConverter.OfSchedule.class,
      completionCandidates = EnumConverter.OfSchedule.class,
      description =
          "Learning rate schedule: ${COMPLETION-CANDIDATES} (a tenth after half of the"
              + " steps, a hundredth after three quarters). Default: constant.")
  private Optional<LearningRateSchedule> schedule = Optional.empty();

  @Option(
      names = "--warmup-epochs",
      paramLabel = "EPOCHS",
      converter = Numbers.Count.class,
      description =
          "Warmup epochs: the learning rate rises from 0 before the schedule begins."
              + " Default: 0.")
  private Optional<Integer> warmupEpochs = Optional.empty();

  @Option(
      names = "--weight-decay",
      paramLabel = "X",
      converter = Numbers.Amount.class,
      description =
          "Weight decay of the kernels: an L2 term of the loss, decoupled for adam. Default:"
              + " 0.")
  private Optional<Double> weightDecay = Optional.empty();

  @Option(
      names = "--dropout",
      paramLabel = "P",
      converter = Numbers.Fraction.class,
      description = "Dropout rate of the hidden dense layers' outputs. Default: 0.")
  private Optional<Double> dropout = Optional.empty();

  @Option(
      names = "--init",
      paramLabel = "INIT",
      converter = EnumConverter.OfInitializer.class,
      completionCandidates = EnumConverter.OfInitializer.class,
      description =
          "Initializer of the kernels: ${COMPLETION-CANDIDATES}. Default: glorot-uniform.")
  private Optional<Initializer> initializer = Optional.empty();

  @Option(
      names = "--freeze",
      paramLabel = "LAYER",
      split = ",",
      description =
          "Layers, such as conv1,conv2, whose parameters stay as they are. Default: none.")
  private List<String> frozen = List.of();

  @Option(
      names = "--augment",
      paramLabel = "CHANGES",
      converter = AugmentationConverter.class,
      completionCandidates = AugmentationConverter.class,
      description =
          "Random changes of the training images in every epoch: shift by up to 2 pixels,"
              + " flip left to right (if the data set allows it), erase a rectangle. A list such"
              + " as shift,erase, or none. Default: none.")
  private Optional<Augmentation> augmentation = Optional.empty();

  @Option(
      names = "--standardize",
      description =
          "Standardize the pixels to mean 0 and standard deviation 1 while training. The"
              + " trained model takes unchanged images.")
  private boolean standardize;

  @Option(
      names = "--validation-split",
      paramLabel = "P",
      converter = Numbers.Fraction.class,
      description =
          "Fraction of the training images for validation, which selects the best epoch. The"
              + " test set is then read once, at the end. Default: 0.")
  private Optional<Double> validationSplit = Optional.empty();

  @Option(
      names = "--patience",
      paramLabel = "EPOCHS",
      converter = Numbers.Count.class,
      description =
          "Stop early after this many epochs without improvement on the validation images."
              + " Default: 0, never.")
  private Optional<Integer> patience = Optional.empty();

  @Option(
      names = "--seed",
      paramLabel = "N",
      converter = Numbers.Whole.class,
      description = "Seed of the initial parameters and the order of the images. Default: 1.")
  private Optional<Long> seed = Optional.empty();

  @Option(
      names = "--threads",
      paramLabel = "N",
      converter = Numbers.Positive.class,
      description =
          "CPU threads for training. The same number gives the same result, bit for bit."
              + " Default: one per core.")
  private Optional<Integer> threads = Optional.empty();

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      converter = DeviceConverter.class,
      completionCandidates = DeviceConverter.class,
      description = "auto (a GPU if one works), cpu, gpu or gpu:N. Default: auto.")
  private Optional<Device> device = Optional.empty();

  @Option(
      names = "--gpu-memory-limit",
      paramLabel = "SIZE",
      converter = Numbers.Mebibytes.class,
      description =
          "Limit of TensorFlow's GPU memory, such as 512m or 4g. Default: as much as it"
              + " needs.")
  private Optional<Integer> gpuMemoryLimitInMebibytes = Optional.empty();

  public Preset preset() {
    return preset;
  }

  /** {@return the preset's differences from the chapter; empty for the classic preset} */
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

  /** {@return whether training standardizes the pixels} */
  public boolean standardizes() {
    return standardize;
  }

  /**
   * Overrides settings with the given options.
   *
   * @param architecture the architecture, which other options define
   * @throws IllegalArgumentException if the values do not fit together
   */
  public TrainingConfig over(TrainingConfig base, LeNetConfig architecture) {
    TrainingConfig.Builder builder = base.toBuilder().architecture(architecture);
    epochs.ifPresent(builder::epochs);
    batchSize.ifPresent(builder::batchSize);
    builder.optimizer(OptimizerKind.over(base.optimizer(), optimizer, learningRate, momentum));
    schedule.ifPresent(builder::schedule);
    warmupEpochs.ifPresent(builder::warmupEpochs);
    if (!frozen.isEmpty()) {
      builder.frozen(frozen);
    }
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
