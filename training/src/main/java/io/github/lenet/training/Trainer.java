package io.github.lenet.training;

import io.github.lenet.data.ImageBatch;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.LeNetModel;
import io.github.lenet.training.device.DeviceSelection;
import io.github.lenet.training.internal.runtime.TensorFlowRuntime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Fits a LeNet to images by minibatch gradient descent on the softmax cross-entropy, mean over the
 * batch.
 *
 * <p>Owns a graph and a session; whoever creates a trainer closes it. Training happens on one
 * thread; {@link #stop()} may be called from any.
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

  /** Images per evaluated batch; larger ones were not faster on the CPU, and take more memory. */
  private static final int EVALUATION_BATCH_SIZE = 500;

  private final TrainingConfig config;
  private final TrainingGraph graph;
  private volatile boolean stopped;

  /**
   * Builds the graph on a GPU if there is one that works, else on the CPU, and draws the initial
   * parameters.
   *
   * @param config the architecture and how to train it
   */
  public Trainer(TrainingConfig config) {
    this(config, DeviceSelection.auto());
  }

  /**
   * Builds the graph on a device and draws the initial parameters.
   *
   * @param config the architecture and how to train it
   * @param device where
   */
  public Trainer(TrainingConfig config, DeviceSelection device) {
    this.config = Objects.requireNonNull(config, "config");
    TensorFlowRuntime.noteMissingOneDnn();
    graph = new TrainingGraph(config, device);
  }

  /**
   * Trains as {@link #fit(ImageDataset, ImageDataset, TrainingListener)} does, with no listener.
   *
   * @param train the training images
   * @param validation the images of each epoch's evaluation, such as the test set
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
   * Trains, and evaluates after every epoch. The images are shuffled anew for each epoch, by seed
   * and epoch; a second call goes on with the same parameters, and begins the schedule of the
   * learning rate again.
   *
   * @param train the training images
   * @param validation the images of each epoch's evaluation: the test set, or those of a validation
   *     split; with {@link TrainingConfig#patience()} they decide when to end, and should not be
   *     the test set
   * @param listener is called after each step and each epoch
   * @return one result per finished epoch; fewer than configured after {@link #stop()}, or when
   *     patience is at its end
   * @throws DivergedException if the loss is no longer a finite number
   * @throws IOException what the listener threw
   */
  public List<EpochResult> fit(
      ImageDataset train, ImageDataset validation, TrainingListener listener) throws IOException {
    return fit(train, validation, List.of(), listener);
  }

  /**
   * Goes on with a training whose first epochs are done already.
   *
   * @param train as above
   * @param validation as above
   * @param done the results of these epochs; the parameters are those after them, see {@link
   *     #restoreCheckpoint}
   * @param listener is called after each step and each epoch from here on
   * @return the results of all epochs
   * @throws DivergedException if the loss is no longer a finite number
   * @throws IOException what the listener threw
   */
  public List<EpochResult> fit(
      ImageDataset train,
      ImageDataset validation,
      List<EpochResult> done,
      TrainingListener listener)
      throws IOException {
    requireFitting("train", train);
    requireFitting("validation", validation);
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
          return results; // half an epoch is no result
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

  /** Makes a gradient step with the learning rate that the schedule has for it. */
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
   * Evaluates the network as it is now.
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

  /** Ends a running {@link #fit} after the batch it is at, and every later one at once. */
  public void stop() {
    stopped = true;
  }

  /**
   * The model with the parameters as they are now. It is for pixels from 0 to 255, also after
   * training on standardised ones.
   *
   * @param classNames one per class, in order
   * @return a model without a card; it does not change when training goes on
   * @throws IllegalArgumentException if there are more or fewer names than classes, or a parameter
   *     is not a finite number
   */
  public LeNetModel model(List<String> classNames) {
    return LeNetModel.of(config.architecture(), classNames, graph.parameters());
  }

  /**
   * Writes a TensorFlow checkpoint: parameters, the optimizer's memory, and so on.
   *
   * @param directory exists; the files are {@code variables.*} and, after training on standardised
   *     pixels, {@code parameters.*} with those for pixels as they are
   * @throws IOException if they can't be written
   */
  public void saveCheckpoint(Path directory) throws IOException {
    graph.save(directory);
  }

  /**
   * Reads a checkpoint of a trainer with the same configuration.
   *
   * @param directory with its files
   * @param steps the gradient steps before it
   * @throws IOException if they can't be read, or are of another configuration
   */
  public void restoreCheckpoint(Path directory, long steps) throws IOException {
    graph.restore(directory, steps);
  }

  /** {@return the gradient steps so far, those before a restored checkpoint included} */
  public long steps() {
    return graph.steps();
  }

  /** For tests that look inside; belongs to this trainer. */
  TrainingGraph graph() {
    return graph;
  }

  private void requireFitting(String name, ImageDataset dataset) {
    LeNetConfig architecture = config.architecture();
    if (dataset.height() != architecture.imageHeight()
        || dataset.width() != architecture.imageWidth()) {
      throw new IllegalArgumentException(
          "%s: images of %d×%d do not fit a model for %d×%d"
              .formatted(
                  name,
                  dataset.height(),
                  dataset.width(),
                  architecture.imageHeight(),
                  architecture.imageWidth()));
    }
    if (dataset.classCount() > architecture.classes()) {
      throw new IllegalArgumentException(
          "%s: %d classes do not fit a model for %d"
              .formatted(name, dataset.classCount(), architecture.classes()));
    }
  }

  /** Closes session and graph. */
  @Override
  public void close() {
    graph.close();
  }
}
