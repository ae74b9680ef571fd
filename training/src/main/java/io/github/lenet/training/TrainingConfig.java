package io.github.lenet.training;

import io.github.lenet.data.Augmentation;
import io.github.lenet.model.Initializer;
import io.github.lenet.model.LeNetConfig;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How to train.
 *
 * @param model the architecture
 * @param epochs passes over the training images
 * @param batchSize images per step; the last step of an epoch takes what is left
 * @param learningRate of the update rule
 * @param seed decides the initial kernels, the order of the images and all that is random
 * @param threads of the CPU to compute with; their number decides the order of sums, and so the
 *     last digits of a result
 * @param optimizer how a step moves the parameters
 * @param momentum of the update rule, at least 0 and less than 1; 0 for {@link Optimizer#SGD}
 * @param schedule how the learning rate goes down
 * @param warmupEpochs during which the learning rate rises in equal steps; the schedule has the
 *     epochs after them, one at least
 * @param initializer the distribution that kernels start from
 * @param weightDecay how much kernels shrink; see {@link Optimizer}; 0 for not at all
 * @param dropout the part of the hidden dense layers' outputs that each step leaves out, at least 0
 *     and less than 1
 * @param augmentation changes to the training images, others in every epoch
 * @param standardization of the pixels; none leaves them between 0 and 1
 * @param validationSplit the part of the training images that is put aside to choose by: epochs are
 *     measured on it, and the test set is read once, at the end; 0 for none, less than 1
 * @param patience epochs without a better accuracy on the validation images after which training
 *     ends; 0 for all epochs
 */
public record TrainingConfig(
    LeNetConfig model,
    int epochs,
    int batchSize,
    double learningRate,
    long seed,
    int threads,
    Optimizer optimizer,
    double momentum,
    LearningRateSchedule schedule,
    int warmupEpochs,
    Initializer initializer,
    double weightDecay,
    double dropout,
    Augmentation augmentation,
    Optional<Standardization> standardization,
    double validationSplit,
    int patience) {

  /**
   * An estimate: below this, starting operations should cost more than another core gains. On two
   * cores, eight replicas of 32 images were slower than two of 128; more cores were not at hand.
   */
  private static final int LEAST_IMAGES_PER_REPLICA = 32;

  /** Checks every value; the message names the one that does not fit. */
  public TrainingConfig {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(optimizer, "optimizer");
    Objects.requireNonNull(schedule, "schedule");
    Objects.requireNonNull(initializer, "initializer");
    Objects.requireNonNull(augmentation, "augmentation");
    Objects.requireNonNull(standardization, "standardization");
    if (epochs <= 0) {
      throw new IllegalArgumentException("epochs (" + epochs + ") must be positive");
    }
    if (batchSize <= 0) {
      throw new IllegalArgumentException("batchSize (" + batchSize + ") must be positive");
    }
    if (!((float) learningRate > 0) || !Float.isFinite((float) learningRate)) {
      throw new IllegalArgumentException(
          "learningRate (" + learningRate + ") must be a positive, finite number");
    }
    if (threads <= 0) {
      throw new IllegalArgumentException("threads (" + threads + ") must be positive");
    }
    if (!(momentum >= 0 && (float) momentum < 1)) {
      throw new IllegalArgumentException(
          "momentum (" + momentum + ") must be at least 0 and less than 1");
    }
    if (optimizer == Optimizer.SGD && momentum != 0) {
      throw new IllegalArgumentException(
          "momentum ("
              + momentum
              + ") does not apply to plain SGD. Use momentum, nesterov or adam.");
    }
    if (!(weightDecay >= 0) || !Float.isFinite((float) weightDecay)) {
      throw new IllegalArgumentException(
          "weightDecay (" + weightDecay + ") must be 0 or a positive, finite number");
    }
    if (!(dropout >= 0 && (float) dropout < 1)) {
      throw new IllegalArgumentException(
          "dropout (" + dropout + ") must be at least 0 and less than 1");
    }
    if (dropout > 0 && model.denseUnits().isEmpty()) {
      throw new IllegalArgumentException(
          "dropout (" + dropout + ") needs a hidden dense layer, and the model has none");
    }
    if (warmupEpochs < 0 || warmupEpochs >= epochs) {
      throw new IllegalArgumentException(
          "warmupEpochs (%d) must be at least 0 and less than epochs (%d)"
              .formatted(warmupEpochs, epochs));
    }
    if (!(validationSplit >= 0 && validationSplit < 1)) {
      throw new IllegalArgumentException(
          "validationSplit (" + validationSplit + ") must be at least 0 and less than 1");
    }
    if (patience < 0) {
      throw new IllegalArgumentException("patience (" + patience + ") must not be negative");
    }
    if (patience > 0 && validationSplit == 0) {
      throw new IllegalArgumentException(
          "patience (" + patience + ") needs a validationSplit: the test set is not to choose by");
    }
  }

  /**
   * The chapter's way to train, plain SGD with one learning rate, with other numbers.
   *
   * @param model the architecture
   * @param epochs passes over the training images
   * @param batchSize images per step
   * @param learningRate of stochastic gradient descent
   * @param seed decides the initial kernels and the order of the images
   * @param threads of the CPU to compute with
   */
  public TrainingConfig(
      LeNetConfig model, int epochs, int batchSize, double learningRate, long seed, int threads) {
    this(
        model,
        epochs,
        batchSize,
        learningRate,
        seed,
        threads,
        Optimizer.SGD,
        0,
        LearningRateSchedule.CONSTANT,
        0,
        Initializer.GLOROT_UNIFORM,
        0,
        0,
        Augmentation.NONE,
        Optional.empty(),
        0,
        0);
  }

  /**
   * The chapter's settings: the classic network, 10 epochs, batches of 256, learning rate 0.9, seed
   * 1; a thread per core.
   *
   * @return <a href="https://d2l.ai/chapter_convolutional-neural-networks/lenet.html">Dive into
   *     Deep Learning, LeNet</a>
   */
  public static TrainingConfig defaults() {
    return new TrainingConfig(
        LeNetConfig.classic(), 10, 256, 0.9, 1, Runtime.getRuntime().availableProcessors());
  }

  /**
   * The same settings for another architecture.
   *
   * @param model the architecture
   * @return settings that differ in nothing else
   */
  public TrainingConfig withModel(LeNetConfig model) {
    return with(draft -> draft.model = model);
  }

  /**
   * The same settings for another length.
   *
   * @param epochs passes over the training images
   * @return settings that differ in nothing else
   */
  public TrainingConfig withEpochs(int epochs) {
    return with(draft -> draft.epochs = epochs);
  }

  /**
   * The same settings for another way to move the parameters.
   *
   * @param optimizer how a step moves them
   * @param momentum of that rule, at least 0 and less than 1
   * @return settings that differ in nothing else
   */
  public TrainingConfig withOptimizer(Optimizer optimizer, double momentum) {
    return with(
        draft -> {
          draft.optimizer = optimizer;
          draft.momentum = momentum;
        });
  }

  /**
   * The same settings for another course of the learning rate.
   *
   * @param schedule how it goes down
   * @param warmupEpochs during which it rises first; at least 0 and less than the epochs
   * @return settings that differ in nothing else
   */
  public TrainingConfig withSchedule(LearningRateSchedule schedule, int warmupEpochs) {
    return with(
        draft -> {
          draft.schedule = schedule;
          draft.warmupEpochs = warmupEpochs;
        });
  }

  /**
   * The same settings for another start.
   *
   * @param initializer the distribution that kernels start from
   * @return settings that differ in nothing else
   */
  public TrainingConfig withInitializer(Initializer initializer) {
    return with(draft -> draft.initializer = initializer);
  }

  /**
   * The same settings for kernels that shrink more, or less.
   *
   * @param weightDecay 0 for not at all
   * @return settings that differ in nothing else
   */
  public TrainingConfig withWeightDecay(double weightDecay) {
    return with(draft -> draft.weightDecay = weightDecay);
  }

  /**
   * The same settings for more dropout, or less.
   *
   * @param dropout at least 0 and less than 1
   * @return settings that differ in nothing else
   */
  public TrainingConfig withDropout(double dropout) {
    return with(draft -> draft.dropout = dropout);
  }

  /**
   * The same settings for batches of another size.
   *
   * @param batchSize images per step
   * @return settings that differ in nothing else
   */
  public TrainingConfig withBatchSize(int batchSize) {
    return with(draft -> draft.batchSize = batchSize);
  }

  /**
   * The same settings for another learning rate.
   *
   * @param learningRate of the update rule
   * @return settings that differ in nothing else
   */
  public TrainingConfig withLearningRate(double learningRate) {
    return with(draft -> draft.learningRate = learningRate);
  }

  /**
   * Returns a copy with another seed.
   *
   * @param seed decides the initial kernels and the order of the images
   * @return settings that differ in nothing else
   */
  public TrainingConfig withSeed(long seed) {
    return with(draft -> draft.seed = seed);
  }

  /**
   * The same settings for another number of threads.
   *
   * @param threads of the CPU to compute with
   * @return settings that differ in nothing else
   */
  public TrainingConfig withThreads(int threads) {
    return with(draft -> draft.threads = threads);
  }

  /**
   * The same settings for training images that are changed at random.
   *
   * @param augmentation how
   * @return settings that differ in nothing else
   */
  public TrainingConfig withAugmentation(Augmentation augmentation) {
    return with(draft -> draft.augmentation = augmentation);
  }

  /**
   * The same settings for pixels that are standardised.
   *
   * @param standardization of the training images
   * @return settings that differ in nothing else
   */
  public TrainingConfig withStandardization(Standardization standardization) {
    return with(draft -> draft.standardization = Optional.of(standardization));
  }

  TrainingConfig withoutStandardization() {
    return with(draft -> draft.standardization = Optional.empty());
  }

  /**
   * The same settings with training images put aside to choose by.
   *
   * @param validationSplit their part; 0 for none
   * @param patience epochs without a better accuracy on them after which training ends; 0 for all
   * @return settings that differ in nothing else
   */
  public TrainingConfig withValidation(double validationSplit, int patience) {
    return with(
        draft -> {
          draft.validationSplit = validationSplit;
          draft.patience = patience;
        });
  }

  private TrainingConfig with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.config();
  }

  /** The components, to change some of them at once. */
  private static final class Draft {
    private LeNetConfig model;
    private int epochs;
    private int batchSize;
    private double learningRate;
    private long seed;
    private int threads;
    private Optimizer optimizer;
    private double momentum;
    private LearningRateSchedule schedule;
    private int warmupEpochs;
    private Initializer initializer;
    private double weightDecay;
    private double dropout;
    private Augmentation augmentation;
    private Optional<Standardization> standardization;
    private double validationSplit;
    private int patience;

    Draft(TrainingConfig config) {
      model = config.model;
      epochs = config.epochs;
      batchSize = config.batchSize;
      learningRate = config.learningRate;
      seed = config.seed;
      threads = config.threads;
      optimizer = config.optimizer;
      momentum = config.momentum;
      schedule = config.schedule;
      warmupEpochs = config.warmupEpochs;
      initializer = config.initializer;
      weightDecay = config.weightDecay;
      dropout = config.dropout;
      augmentation = config.augmentation;
      standardization = config.standardization;
      validationSplit = config.validationSplit;
      patience = config.patience;
    }

    TrainingConfig config() {
      return new TrainingConfig(
          model,
          epochs,
          batchSize,
          learningRate,
          seed,
          threads,
          optimizer,
          momentum,
          schedule,
          warmupEpochs,
          initializer,
          weightDecay,
          dropout,
          augmentation,
          standardization,
          validationSplit,
          patience);
    }
  }

  /**
   * The learning rate of one step.
   *
   * @param step counted from 0
   * @param stepsPerEpoch of which all epochs have the same number
   */
  double learningRate(long step, int stepsPerEpoch) {
    long warmupSteps = (long) warmupEpochs * stepsPerEpoch;
    if (step < warmupSteps) {
      return learningRate * (step + 1) / warmupSteps;
    }
    long scheduled = (long) epochs * stepsPerEpoch - warmupSteps;
    return learningRate * schedule.factor((double) (step - warmupSteps) / scheduled);
  }

  /** Whether the learning rate of any two steps may differ. */
  boolean changesLearningRate() {
    return schedule != LearningRateSchedule.CONSTANT || warmupEpochs > 0;
  }

  /** The learning rate after a number of epochs, which may be a fraction. */
  double learningRateAt(double epochsDone) {
    if (epochsDone < warmupEpochs) {
      return learningRate * epochsDone / warmupEpochs;
    }
    return learningRate * schedule.factor((epochsDone - warmupEpochs) / (epochs - warmupEpochs));
  }

  /**
   * The epoch with the highest accuracy on the images held out, the earliest of several; if there
   * is one.
   */
  static Optional<EpochResult> best(List<EpochResult> epochs) {
    // A stream's max would take the last of several.
    EpochResult best = null;
    for (EpochResult epoch : epochs) {
      if (best == null || epoch.validation().accuracy() > best.validation().accuracy()) {
        best = epoch;
      }
    }
    return Optional.ofNullable(best);
  }

  /** The epoch whose network a run is to give: chosen by validation images, else the last. */
  Optional<EpochResult> selectedEpoch(List<EpochResult> epochs) {
    return hasValidation() || epochs.isEmpty()
        ? best(epochs)
        : Optional.of(epochs.get(epochs.size() - 1));
  }

  /** Whether the best of these epochs is longer ago than {@link #patience()} allows. */
  boolean isOutOfPatience(List<EpochResult> epochs) {
    return patience > 0
        && best(epochs).map(best -> epochs.size() - best.epoch() >= patience).orElse(false);
  }

  /** Whether epochs are measured on a part of the training images, not on the test set. */
  boolean hasValidation() {
    return validationSplit > 0;
  }

  /**
   * The replicas of the network, each of which works on a shard of a batch: one per thread, as long
   * as each has {@value #LEAST_IMAGES_PER_REPLICA} images.
   */
  int replicas() {
    return Math.max(1, Math.min(threads, batchSize / LEAST_IMAGES_PER_REPLICA));
  }
}
