package io.github.lenet.training;

import io.github.lenet.data.Augmentation;
import io.github.lenet.model.Activation;
import io.github.lenet.model.ImagePreprocessor;
import io.github.lenet.model.Initializer;
import io.github.lenet.model.Layer;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.Polarity;
import io.github.lenet.model.Pooling;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The settings of a training. {@link #builder()} starts from the chapter's settings.
 *
 * @param architecture the architecture of the network
 * @param epochs passes over the training images
 * @param batchSize images per gradient step; the last step of an epoch takes the remaining images
 * @param optimizer how a gradient step changes the parameters
 * @param seed decides the initial kernels, the order of the images and everything else that is
 *     random
 * @param threads CPU threads to compute with. Their number decides the order of sums, and so the
 *     last digits of a result.
 * @param schedule how the learning rate decreases
 * @param warmupEpochs epochs in which the learning rate rises in equal steps; the schedule covers
 *     the epochs after them, at least one
 * @param initializer the distribution of the initial kernels
 * @param frozen the names of layers whose parameters stay as they are, such as {@code conv1}; some
 *     layer must be trained. {@code conv1} cannot be combined with a standardization, which is
 *     folded into its parameters.
 * @param weightDecay how much kernels shrink, see {@link Optimizer}; 0 for no decay
 * @param dropout the fraction of the hidden dense layers' outputs that each step drops, at least 0
 *     and less than 1
 * @param augmentation random changes to the training images, different in every epoch
 * @param standardization the standardization of the pixels; if empty, they stay between 0 and 1
 * @param preprocessor how the trained model converts images: as the training images were. With
 *     {@link Polarity#AUTO} as its polarity, their border decides, as {@link Trainer#fit} says.
 * @param validationSplit the fraction of the training images that is set aside for validation, at
 *     least 0 and less than 1. Epochs are evaluated on it, and the test set is used once, at the
 *     end. 0 for no split.
 * @param patience epochs without a better validation accuracy after which training ends; 0 for no
 *     early stopping
 */
public record TrainingConfig(
    LeNetConfig architecture,
    int epochs,
    int batchSize,
    Optimizer optimizer,
    long seed,
    int threads,
    LearningRateSchedule schedule,
    int warmupEpochs,
    Initializer initializer,
    List<String> frozen,
    double weightDecay,
    double dropout,
    Augmentation augmentation,
    Optional<Standardization> standardization,
    ImagePreprocessor preprocessor,
    double validationSplit,
    int patience) {

  /**
   * An estimate: with fewer images, starting operations should cost more than another core gains.
   * On two cores, eight replicas of 32 images were slower than two of 128. More cores were not
   * measured.
   */
  private static final int LEAST_IMAGES_PER_REPLICA = 32;

  /** Checks every value; the message names the invalid one. */
  public TrainingConfig {
    Objects.requireNonNull(architecture, "architecture");
    Objects.requireNonNull(optimizer, "optimizer");
    Objects.requireNonNull(schedule, "schedule");
    Objects.requireNonNull(initializer, "initializer");
    Objects.requireNonNull(augmentation, "augmentation");
    Objects.requireNonNull(standardization, "standardization");
    Objects.requireNonNull(preprocessor, "preprocessor");
    Check.positive("epochs", epochs);
    Check.positive("batchSize", batchSize);
    Check.positive("threads", threads);
    frozen = List.copyOf(frozen);
    checkFrozen(frozen, architecture, standardization.isPresent());
    if (!(weightDecay >= 0) || !Float.isFinite((float) weightDecay)) {
      throw new IllegalArgumentException(
          "weightDecay (" + weightDecay + ") must be 0 or a positive, finite number");
    }
    Check.fraction("dropout", dropout);
    if (dropout > 0 && architecture.denseUnits().isEmpty()) {
      throw new IllegalArgumentException(
          "dropout (" + dropout + ") needs a hidden dense layer, and the architecture has none");
    }
    if (warmupEpochs < 0 || warmupEpochs >= epochs) {
      throw new IllegalArgumentException(
          "warmupEpochs (%s) must be at least 0 and less than epochs (%s)"
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

  private static void checkFrozen(
      List<String> frozen, LeNetConfig architecture, boolean standardizes) {
    List<String> layers =
        architecture.layers().stream()
            .filter(layer -> layer.kernelShape().isPresent())
            .map(Layer::name)
            .toList();
    for (String name : frozen) {
      if (!layers.contains(name)) {
        throw new IllegalArgumentException(
            "frozen (%s) must be a layer with parameters: %s"
                .formatted(name, String.join(", ", layers)));
      }
    }
    String names = String.join(", ", frozen);
    if (frozen.containsAll(layers)) {
      throw new IllegalArgumentException("frozen (" + names + ") must leave a layer to train");
    }
    if (standardizes && frozen.contains("conv1")) {
      throw new IllegalArgumentException(
          "frozen (%s) must not contain conv1 with standardization, which is folded into conv1"
              .formatted(names));
    }
  }

  /**
   * Creates a builder with the chapter's settings: the classic network, 10 epochs, batches of 256,
   * plain SGD with a learning rate of 0.9, seed 1; a thread per core.
   *
   * @return a builder with the settings of <a
   *     href="https://d2l.ai/chapter_convolutional-neural-networks/lenet.html">Dive into Deep
   *     Learning, LeNet</a>
   */
  public static Builder builder() {
    return new Builder();
  }

  /** {@return a builder that starts from these settings} */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /**
   * Returns modern settings for two convolutions: ReLU, max pooling, more channels, Adam with a
   * decreasing learning rate, dropout, flipped images. They were chosen on validation images of
   * Fashion-MNIST, for two minutes of training on two cores; {@code docs/training.md} has the
   * results.
   *
   * @return settings for images of 28×28 and 10 classes, seed 1, a thread per core
   */
  public static TrainingConfig modern() {
    return builder()
        .architecture(
            LeNetConfig.builder()
                .kernelSize(3)
                .channels(16, 64)
                .pooling(Pooling.MAX)
                .denseUnits(128)
                .activation(Activation.RELU)
                .build())
        .epochs(16)
        .batchSize(128)
        .optimizer(Optimizer.adam(0.003))
        .schedule(LearningRateSchedule.COSINE)
        .warmupEpochs(1)
        .weightDecay(0.01)
        .dropout(0.4)
        .initializer(Initializer.HE_UNIFORM)
        .augmentation(new Augmentation(false, true, false))
        .build();
  }

  /** Builds settings. Each method sets one; {@link #build()} checks them together. */
  public static final class Builder {
    private LeNetConfig architecture = LeNetConfig.classic();
    private int epochs = 10;
    private int batchSize = 256;
    private Optimizer optimizer = Optimizer.sgd(0.9);
    private long seed = 1;
    private int threads = Runtime.getRuntime().availableProcessors();
    private LearningRateSchedule schedule = LearningRateSchedule.CONSTANT;
    private int warmupEpochs = 0;
    private Initializer initializer = Initializer.GLOROT_UNIFORM;
    private List<String> frozen = List.of();
    private double weightDecay = 0;
    private double dropout = 0;
    private Augmentation augmentation = Augmentation.NONE;
    private Optional<Standardization> standardization = Optional.empty();
    private ImagePreprocessor preprocessor = ImagePreprocessor.DEFAULT.withPolarity(Polarity.AUTO);
    private double validationSplit = 0;
    private int patience = 0;

    private Builder() {}

    private Builder(TrainingConfig config) {
      architecture = config.architecture;
      epochs = config.epochs;
      batchSize = config.batchSize;
      optimizer = config.optimizer;
      seed = config.seed;
      threads = config.threads;
      schedule = config.schedule;
      warmupEpochs = config.warmupEpochs;
      initializer = config.initializer;
      frozen = config.frozen;
      weightDecay = config.weightDecay;
      dropout = config.dropout;
      augmentation = config.augmentation;
      standardization = config.standardization;
      preprocessor = config.preprocessor;
      validationSplit = config.validationSplit;
      patience = config.patience;
    }

    /** Sets the architecture; the default is {@link LeNetConfig#classic()}. */
    public Builder architecture(LeNetConfig architecture) {
      this.architecture = architecture;
      return this;
    }

    /** Sets the number of epochs; the default is 10. */
    public Builder epochs(int epochs) {
      this.epochs = epochs;
      return this;
    }

    /** Sets the batch size; the default is 256. */
    public Builder batchSize(int batchSize) {
      this.batchSize = batchSize;
      return this;
    }

    /** Sets the optimizer; the default is {@code Optimizer.sgd(0.9)}. */
    public Builder optimizer(Optimizer optimizer) {
      this.optimizer = optimizer;
      return this;
    }

    /** Sets the seed; the default is 1. */
    public Builder seed(long seed) {
      this.seed = seed;
      return this;
    }

    /** Sets the number of threads; the default is one per core. */
    public Builder threads(int threads) {
      this.threads = threads;
      return this;
    }

    /** Sets the schedule; the default is a constant learning rate. */
    public Builder schedule(LearningRateSchedule schedule) {
      this.schedule = schedule;
      return this;
    }

    /** Sets the warmup epochs; the default is 0. */
    public Builder warmupEpochs(int warmupEpochs) {
      this.warmupEpochs = warmupEpochs;
      return this;
    }

    /** Sets the initializer; the default is Glorot uniform, also known as Xavier. */
    public Builder initializer(Initializer initializer) {
      this.initializer = initializer;
      return this;
    }

    /** Sets the layers that stay as they are, by their names; the default is none. */
    public Builder frozen(List<String> frozen) {
      this.frozen = frozen;
      return this;
    }

    /** Sets the weight decay; the default is 0. */
    public Builder weightDecay(double weightDecay) {
      this.weightDecay = weightDecay;
      return this;
    }

    /** Sets the dropout; the default is 0. */
    public Builder dropout(double dropout) {
      this.dropout = dropout;
      return this;
    }

    /** Sets the augmentation; the default is none. */
    public Builder augmentation(Augmentation augmentation) {
      this.augmentation = augmentation;
      return this;
    }

    /** Sets the standardization of the pixels; the default is none. */
    public Builder standardization(Standardization standardization) {
      this.standardization = Optional.of(standardization);
      return this;
    }

    /**
     * Sets the preprocessing of the trained model; the default is {@link ImagePreprocessor#DEFAULT}
     * with the polarity of the training images.
     */
    public Builder preprocessor(ImagePreprocessor preprocessor) {
      this.preprocessor = preprocessor;
      return this;
    }

    /** Sets the validation split; the default is 0. */
    public Builder validationSplit(double validationSplit) {
      this.validationSplit = validationSplit;
      return this;
    }

    /** Sets the patience; the default is 0, which trains all epochs. */
    public Builder patience(int patience) {
      this.patience = patience;
      return this;
    }

    /** Leaves the pixels between 0 and 1, which is the default. */
    public Builder withoutStandardization() {
      standardization = Optional.empty();
      return this;
    }

    /**
     * Checks every value and builds the settings.
     *
     * @return the settings
     * @throws IllegalArgumentException if a value is invalid; the message names it
     */
    public TrainingConfig build() {
      return new TrainingConfig(
          architecture,
          epochs,
          batchSize,
          optimizer,
          seed,
          threads,
          schedule,
          warmupEpochs,
          initializer,
          frozen,
          weightDecay,
          dropout,
          augmentation,
          standardization,
          preprocessor,
          validationSplit,
          patience);
    }
  }

  /**
   * Returns the learning rate of a gradient step.
   *
   * @param step the step, counted from 0
   * @param stepsPerEpoch the number of steps in each epoch
   * @return the optimizer's learning rate after warmup and schedule
   */
  public double learningRate(long step, int stepsPerEpoch) {
    long warmupSteps = (long) warmupEpochs * stepsPerEpoch;
    if (step < warmupSteps) {
      return optimizer.learningRate() * (step + 1) / warmupSteps;
    }
    long scheduled = (long) epochs * stepsPerEpoch - warmupSteps;
    return optimizer.learningRate() * schedule.factor((double) (step - warmupSteps) / scheduled);
  }

  /** {@return whether the learning rate changes during training} */
  public boolean changesLearningRate() {
    return schedule != LearningRateSchedule.CONSTANT || warmupEpochs > 0;
  }

  /**
   * Returns the learning rate at a time in the training.
   *
   * @param epochsDone the number of finished epochs, may be a fraction
   * @return the learning rate: during warmup that of the last step, then that of the next step
   */
  public double learningRateAt(double epochsDone) {
    if (epochsDone < warmupEpochs) {
      return optimizer.learningRate() * epochsDone / warmupEpochs;
    }
    return optimizer.learningRate()
        * schedule.factor((epochsDone - warmupEpochs) / (epochs - warmupEpochs));
  }

  /**
   * Returns the epoch with the highest validation accuracy.
   *
   * @param epochs the finished epochs
   * @return the best epoch, the earliest of several; empty without epochs
   */
  public static Optional<EpochResult> best(List<EpochResult> epochs) {
    // A stream's max would return the last of several.
    EpochResult best = null;
    for (EpochResult epoch : epochs) {
      if (best == null || epoch.validation().accuracy() > best.validation().accuracy()) {
        best = epoch;
      }
    }
    return Optional.ofNullable(best);
  }

  /**
   * Returns the selected epoch: its network is the result of the training.
   *
   * @param epochs the finished epochs
   * @return with a validation split the best epoch, else the last; empty without epochs
   */
  public Optional<EpochResult> selectedEpoch(List<EpochResult> epochs) {
    return hasValidation() || epochs.isEmpty()
        ? best(epochs)
        : Optional.of(epochs.get(epochs.size() - 1));
  }

  /**
   * Returns whether early stopping ends the training.
   *
   * @param epochs the finished epochs
   * @return true if {@link #patience()} epochs have passed since the best one; false if the
   *     patience is 0
   */
  public boolean isOutOfPatience(List<EpochResult> epochs) {
    return patience > 0
        && best(epochs).map(best -> epochs.size() - best.epoch() >= patience).orElse(false);
  }

  /** {@return whether there is a validation split; if not, epochs are evaluated on the test set} */
  public boolean hasValidation() {
    return validationSplit > 0;
  }

  /**
   * Returns the number of replicas of the network: one per thread, as long as each has {@value
   * #LEAST_IMAGES_PER_REPLICA} images of a batch.
   */
  int replicas() {
    return Math.max(1, Math.min(threads, batchSize / LEAST_IMAGES_PER_REPLICA));
  }
}
