package io.github.lenet.training;

import io.github.lenet.data.ImageBatch;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.ImagePreprocessor;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.LeNetModel;
import io.github.lenet.model.Polarity;
import io.github.lenet.training.device.DeviceSelection;
import io.github.lenet.training.internal.runtime.TensorFlowRuntime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Trains a LeNet by minibatch gradient descent. The loss is the softmax cross-entropy, averaged
 * over the batch.
 *
 * <p>A trainer owns a graph and a session, and must be closed by its creator. It is for one thread;
 * only {@link #stop()} may be called from others.
 *
 * <pre>{@code
 * DatasetSplits data = FashionMnist.load();
 * TrainingConfig config = TrainingConfig.builder().optimizer(Optimizer.sgd(0.9)).epochs(10).build();
 * try (Trainer trainer = new Trainer(config)) {
 *   trainer.fit(data.train(), data.test());
 *   trainer.model(data.classNames()).save(Path.of("models/lenet/1"));
 * }
 * }</pre>
 */
public final class Trainer implements AutoCloseable {

  /** Images per evaluated batch. Larger batches were not faster on the CPU and take more memory. */
  private static final int EVALUATION_BATCH_SIZE = 500;

  private final TrainingConfig config;
  private final TrainingGraph graph;
  private ImagePreprocessor preprocessor;
  private volatile boolean stopped;

  /**
   * Builds the graph on a GPU if one works, else on the CPU, and draws the initial parameters.
   *
   * @param config the architecture and the training settings
   */
  public Trainer(TrainingConfig config) {
    this(config, DeviceSelection.auto());
  }

  /**
   * Builds the graph on a device and draws the initial parameters.
   *
   * @param config the architecture and the training settings
   * @param device the device to train on
   */
  public Trainer(TrainingConfig config, DeviceSelection device) {
    this.config = Objects.requireNonNull(config, "config");
    preprocessor =
        config.preprocessor().polarity() == Polarity.AUTO
            ? config.preprocessor().withPolarity(Polarity.LIGHT_ON_DARK) // until there are images
            : config.preprocessor();
    TensorFlowRuntime.noteMissingOneDnn();
    graph = new TrainingGraph(config, device);
  }

  /**
   * Sets the parameters to those of a model, to fine-tune it. {@link #fit} goes on from there. The
   * last layer keeps its initial parameters if the model has another number of classes.
   *
   * @param model a model with this trainer's architecture, except for the number of classes
   * @return whether the last layer was taken over
   * @throws IllegalArgumentException if the architecture differs, or the last layer is frozen and
   *     cannot be taken over
   */
  public boolean startFrom(LeNetModel model) {
    requireSameLayers(model.architecture());
    int classes = config.architecture().classes();
    boolean sameClasses = model.architecture().classes() == classes;
    Map<String, float[]> parameters = model.parameters();
    if (!sameClasses) {
      if (config.frozen().contains("logits")) {
        throw new IllegalArgumentException(
            "frozen (%s) must not contain logits, which is new: expected a model of %s classes, found %s"
                .formatted(
                    String.join(", ", config.frozen()), classes, model.architecture().classes()));
      }
      parameters.keySet().removeIf(name -> name.startsWith("logits/"));
    }
    graph.assign(
        config.standardization().map(pixels -> pixels.standardized(parameters)).orElse(parameters));
    return sameClasses;
  }

  private void requireSameLayers(LeNetConfig found) {
    List<String> differences = new ArrayList<>();
    List<String> expectedLines = config.architecture().toText().lines().toList();
    List<String> foundLines = found.toText().lines().toList();
    for (int i = 0; i < expectedLines.size(); i++) {
      String line = expectedLines.get(i);
      if (!line.equals(foundLines.get(i)) && !line.startsWith("classes=")) {
        differences.add("expected %s, found %s".formatted(line, foundLines.get(i)));
      }
    }
    if (!differences.isEmpty()) {
      throw new IllegalArgumentException(
          "the model's architecture differs: " + String.join("; ", differences));
    }
  }

  /**
   * Trains like {@link #fit(ImageDataset, ImageDataset, TrainingListener)}, without a listener.
   *
   * @param train the training images
   * @param validation the images for the evaluation after each epoch, such as the test set
   * @return one result per finished epoch
   * @throws DivergedException if the loss is no longer a finite number
   */
  public List<EpochResult> fit(ImageDataset train, ImageDataset validation) {
    try {
      return fit(train, validation, new TrainingListener() {});
    } catch (IOException e) {
      throw new UncheckedIOException(e); // only a listener throws it
    }
  }

  /**
   * Trains the network and evaluates it after every epoch.
   *
   * <p>With {@link Polarity#AUTO} in the preprocessor, the model's polarity is dark on light if the
   * mean of the outermost pixels of the first 1,000 training images is above 127.5.
   *
   * <p>The images are shuffled anew in each epoch, with seed + epoch as the seed. A second call
   * continues with the same parameters and starts the learning rate schedule again.
   *
   * @param train the training images
   * @param validation the images for the evaluation after each epoch: the test set or a validation
   *     split. With {@link TrainingConfig#patience()} they decide when training ends, and should
   *     not be the test set.
   * @param listener called after each step and each epoch
   * @return one result per finished epoch; fewer than configured after {@link #stop()}, or if early
   *     stopping ended the training
   * @throws DivergedException if the loss is no longer a finite number
   * @throws IOException if the listener throws it
   */
  public List<EpochResult> fit(
      ImageDataset train, ImageDataset validation, TrainingListener listener) throws IOException {
    return fit(train, validation, List.of(), listener);
  }

  /**
   * Continues a training whose first epochs are finished.
   *
   * @param train the training images
   * @param validation the images for the evaluation after each epoch
   * @param done the results of the finished epochs; the parameters must be those after them, see
   *     {@link #restoreCheckpoint}
   * @param listener called after each further step and epoch
   * @return the results of all epochs
   * @throws DivergedException if the loss is no longer a finite number
   * @throws IOException if the listener throws it
   */
  public List<EpochResult> fit(
      ImageDataset train,
      ImageDataset validation,
      List<EpochResult> done,
      TrainingListener listener)
      throws IOException {
    requireFitting("train", train);
    requireFitting("validation", validation);
    if (config.preprocessor().polarity() == Polarity.AUTO) {
      preprocessor = config.preprocessor().withPolarity(polarity(train));
    }
    List<EpochResult> results = new ArrayList<>(done);
    while (results.size() < config.epochs() && !config.isOutOfPatience(results) && !stopped) {
      int epoch = results.size() + 1;
      long start = System.nanoTime();
      Metrics.Accumulator training = new Metrics.Accumulator();
      int batches = (train.size() - 1) / config.batchSize() + 1; // the last may be smaller
      int number = 0;
      for (ImageBatch batch :
          train.shuffledBatches(config.batchSize(), config.seed() + epoch, config.augmentation())) {
        try (batch) {
          training.add(step(batch, epoch, ++number, batches));
        }
        listener.onBatch(
            new BatchProgress(epoch, config.epochs(), number, batches, training.result()));
        if (stopped) {
          return results; // an unfinished epoch has no result
        }
      }
      Duration trainingTime = Duration.ofNanos(System.nanoTime() - start);
      Metrics evaluation = evaluate(validation);
      Duration time = Duration.ofNanos(System.nanoTime() - start);
      EpochResult result =
          new EpochResult(epoch, training.result(), evaluation, trainingTime, time);
      results.add(result);
      listener.onEpoch(result);
    }
    return results;
  }

  /** Decides by the border of the images, where most have their background. */
  private static Polarity polarity(ImageDataset images) {
    long sum = 0;
    long count = 0;
    for (int i = 0; i < Math.min(images.size(), 1000); i++) {
      byte[] pixels = images.image(i);
      for (int p = 0; p < pixels.length; p++) {
        int row = p / images.width();
        int column = p % images.width();
        if (row == 0 || row == images.height() - 1 || column == 0 || column == images.width() - 1) {
          sum += Byte.toUnsignedInt(pixels[p]);
          count++;
        }
      }
    }
    return 2 * sum > 255 * count ? Polarity.DARK_ON_LIGHT : Polarity.LIGHT_ON_DARK;
  }

  /** Makes a gradient step with the scheduled learning rate. */
  private Metrics step(ImageBatch batch, int epoch, int number, int batches) {
    long step = (epoch - 1L) * batches + number - 1;
    double learningRate = config.learningRate(step, batches);
    Metrics metrics = graph.step(batch, learningRate);
    if (!Double.isFinite(metrics.meanLoss())) {
      throw new DivergedException(epoch, number, metrics.meanLoss(), learningRate);
    }
    return metrics;
  }

  /**
   * Evaluates the network with its current parameters.
   *
   * @param dataset any number of images
   * @return loss and accuracy over all of them
   */
  public Metrics evaluate(ImageDataset dataset) {
    requireFitting("dataset", dataset);
    Metrics.Accumulator metrics = new Metrics.Accumulator();
    for (ImageBatch batch : dataset.batches(EVALUATION_BATCH_SIZE)) {
      try (batch) {
        metrics.add(graph.evaluate(batch));
      }
    }
    return metrics.result();
  }

  /** Stops a running {@link #fit} after the current batch; later calls return at once. */
  public void stop() {
    stopped = true;
  }

  /**
   * Returns a model with the current parameters. It takes pixels from 0 to 255, even after training
   * on standardized ones.
   *
   * @param classNames one name per class, in order
   * @return a model without a model card; further training does not change it
   * @throws IllegalArgumentException if there are more or fewer names than classes, or a parameter
   *     is not a finite number
   */
  public LeNetModel model(List<String> classNames) {
    return LeNetModel.of(config.architecture(), classNames, graph.parameters())
        .withPreprocessor(preprocessor);
  }

  /**
   * Writes a TensorFlow checkpoint with the parameters and the optimizer's state.
   *
   * @param directory an existing directory for the files {@code variables.*}; after training on
   *     standardized pixels also for {@code parameters.*}, the parameters for original pixels
   * @throws IOException if the files can't be written
   */
  public void saveCheckpoint(Path directory) throws IOException {
    graph.save(directory);
  }

  /**
   * Reads a checkpoint of a trainer with the same configuration.
   *
   * @param directory the directory of the checkpoint
   * @param steps the gradient steps before the checkpoint
   * @throws IOException if the files can't be read, or belong to another configuration
   */
  public void restoreCheckpoint(Path directory, long steps) throws IOException {
    graph.restore(directory, steps);
  }

  /** {@return the number of gradient steps so far, including those before a restored checkpoint} */
  public long steps() {
    return graph.steps();
  }

  /** {@return the graph, for tests; this trainer owns it} */
  TrainingGraph graph() {
    return graph;
  }

  private void requireFitting(String name, ImageDataset dataset) {
    LeNetConfig architecture = config.architecture();
    if (dataset.height() != architecture.imageHeight()
        || dataset.width() != architecture.imageWidth()) {
      throw new IllegalArgumentException(
          "%s: images of %s×%s do not fit a model for %s×%s"
              .formatted(
                  name,
                  dataset.height(),
                  dataset.width(),
                  architecture.imageHeight(),
                  architecture.imageWidth()));
    }
    if (dataset.classCount() > architecture.classes()) {
      throw new IllegalArgumentException(
          "%s: %s classes do not fit a model for %s"
              .formatted(name, dataset.classCount(), architecture.classes()));
    }
  }

  /** Closes the session and the graph. */
  @Override
  public void close() {
    graph.close();
  }
}
