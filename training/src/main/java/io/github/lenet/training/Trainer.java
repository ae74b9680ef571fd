package io.github.lenet.training;

import io.github.lenet.data.Augmentation;
import io.github.lenet.data.ImageBatches;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.LeNet;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.LeNetModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.tensorflow.DeviceSpec;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

/**
 * Fits a LeNet to images by minibatch gradient parameterUpdate on the softmax cross-entropy, mean
 * over the batch.
 *
 * <p>On the CPU several replicas of the network share one set of parameters, and each works on a
 * part of the batch, side by side: it is one step on the gradient of the whole batch all the same.
 * So do several GPUs, each with a replica; the parameters are on the first.
 *
 * <p>Owns the graph and the session; whoever creates a trainer closes it. Training happens on one
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

  /**
   * Training steps per session call, for images in device memory. Not measured on a GPU. With one
   * that computes nothing {@code StepTimes} says 0.6 to 0.8 ms a step in runs of one, and 0.1 to
   * 0.3 in runs of five, ten and twenty, which take half a second longer to prepare than ten.
   */
  static final int STEPS_PER_RUN = 10;

  private final TrainingConfig config;
  private final Graph graph = new Graph();
  private final Session session;
  private final LeNet lenet;
  private final LeNet plain;
  private final ImageFeed images;
  private final Operand<TInt64> stepNumbers;
  private final Operand<TFloat32> learningRates;
  private final Operand<TFloat32> biasCorrections;
  private final Steps oneStep;
  private final Steps severalSteps;
  private final Evaluator evaluator;
  private final Operand<TString> parameterFiles;
  private final Op saveParameters;
  private long steps;
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
    // Images that are changed for every epoch are changed on the host.
    this(config, device, device.isGpu() && config.augmentation().equals(Augmentation.NONE));
  }

  /**
   * @param resident whether the images are to lie on the device, as they do on a GPU
   */
  Trainer(TrainingConfig config, DeviceSelection device, boolean resident) {
    this.config = Objects.requireNonNull(config, "config");
    TensorFlowRuntime.noteMissingOneDnn();
    List<DeviceSpec> devices = // of the replicas
        device.isGpu() || device.specs().size() > 1 || resident
            ? device.specs()
            : Collections.nCopies(config.replicas(), device.spec());
    Session opened = null;
    try (Replicas replicas = new Replicas(graph, config, devices)) {
      Ops tf = Ops.create(graph).withDevice(device.spec());
      Ops host = Ops.create(graph).withDevice(DeviceSelection.HOST);
      LeNetConfig model = config.architecture();
      int height = model.imageHeight();
      int width = model.imageWidth();
      images =
          resident
              ? new ResidentImages(tf, devices, height, width, config.batchSize())
              : new FedImages(
                  tf, devices.size() > 1 ? DeviceSelection.HOST : device.spec(), height, width);
      lenet = LeNet.build(tf, model, config.initializer(), config.seed());
      plain = replicas.plain(tf.withSubScope("plain"), lenet);
      learningRates = perStep(tf, "learning_rates", TFloat32.class);
      biasCorrections = perStep(tf, "bias_corrections", TFloat32.class);
      stepNumbers = perStep(host, "step_numbers", TInt64.class); // seeds are read there
      ParameterUpdate parameterUpdate =
          new ParameterUpdate(graph, config.optimizer(), config.weightDecay());
      oneStep = steps(tf, host, replicas, parameterUpdate, 1);
      severalSteps =
          resident
              ? steps(
                  tf.withSubScope("several"),
                  host.withSubScope("several"),
                  replicas,
                  parameterUpdate,
                  STEPS_PER_RUN)
              : oneStep;
      evaluator = new Evaluator(images, undisturbed(tf, replicas));
      parameterFiles =
          host.withName("parameter_files")
              .placeholder(TString.class, Placeholder.shape(Shape.scalar()));
      saveParameters = saveParameters(host);
      opened =
          new Session(
              graph,
              device.sessionConfig(devices.size(), Math.max(1, config.threads() / devices.size())));
      opened.initialize();
      session = opened;
    } catch (RuntimeException | Error e) {
      if (opened != null) {
        opened.close(); // first: Graph.close waits for its sessions
      }
      graph.close();
      throw e;
    }
  }

  private static <T extends TType> Operand<T> perStep(Ops tf, String name, Class<T> type) {
    return tf.withName(name).placeholder(type, Placeholder.shape(Shape.of(-1)));
  }

  /** Without dropout; on one device a step metrics like that anyway. */
  private Operand<TFloat32> undisturbed(Ops tf, Replicas replicas) {
    if (config.dropout() == 0 && replicas.areOnOneDevice()) {
      return oneStep.metrics();
    }
    Ops scope = tf.withSubScope("evaluation");
    ImageFeed.Batch batch = images.batches(scope, 1).get(0);
    return replicas.stack(scope, List.of(replicas.evaluate(scope, plain, batch, Optional.empty())));
  }

  /**
   * Consecutive steps that one run makes.
   *
   * @param count of them
   * @param metrics mean loss and number of correct predictions of each, float32 {@code [2 · count]}
   * @param update of the last one, which waits for all before it
   */
  private record Steps(int count, Operand<TFloat32> metrics, Op update) {}

  /** Forward, backward, update, and so on. */
  private Steps steps(
      Ops tf, Ops host, Replicas replicas, ParameterUpdate parameterUpdate, int count) {
    List<ImageFeed.Batch> batches = images.batches(tf, count);
    List<Output<TFloat32>> rates = tf.unstack(learningRates, (long) count).output();
    List<Output<TFloat32>> corrections = tf.unstack(biasCorrections, (long) count).output();
    List<Output<TInt64>> numbers = host.unstack(stepNumbers, (long) count).output();
    List<Operand<TFloat32>> variables = List.copyOf(lenet.parameters().values());
    List<Replicas.MetricOutputs> metrics = new ArrayList<>();
    LeNet current = lenet;
    LeNet network = plain;
    Op update = null;
    for (int i = 0; i < count; i++) {
      Ops scope = count == 1 ? tf : tf.withSubScope("step" + i);
      if (update != null) {
        current = readAfter(scope, update);
        network = replicas.plain(scope.withSubScope("plain"), current);
      }
      Operand<TInt64> number = numbers.get(i);
      Replicas.LossAndGradients output =
          replicas.differentiate(
              scope,
              current,
              network,
              batches.get(i),
              config.dropout() == 0 ? Optional.empty() : Optional.of(number));
      metrics.add(output.metrics());
      update =
          parameterUpdate.step(
              variables, output.gradients(), rates.get(i), corrections.get(i), "update");
    }
    return new Steps(count, replicas.stack(tf, metrics), update);
  }

  /** The network with the parameters as an update has left them. */
  private LeNet readAfter(Ops tf, Op update) {
    Ops afterwards = tf.withControlDependencies(update);
    Map<String, Operand<TFloat32>> read = new LinkedHashMap<>();
    lenet.parameters().forEach((name, variable) -> read.put(name, afterwards.identity(variable)));
    return LeNet.of(config.architecture(), read);
  }

  /** Writes {@link LeNet#parameters()} of the plain network under their names. */
  private Op saveParameters(Ops tf) {
    String[] names = plain.parameters().keySet().toArray(String[]::new);
    return tf.train.save(
        parameterFiles,
        tf.array(names),
        tf.array(Collections.nCopies(names.length, "").toArray(String[]::new)), // all of each
        List.copyOf(plain.parameters().values()));
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
   * @param validation the images to evaluate on after each epoch: the test set, or those of a
   *     validation split; with {@link TrainingConfig#patience()} they decide when to end, and
   *     should not be the test set
   * @param listener is told how it goes
   * @return one result per finished epoch; fewer than asked for after {@link #stop()}, or when
   *     patience is at its end
   * @throws DivergedException if the loss is no longer a finite number
   * @throws IOException what the listener threw
   */
  public List<EpochResult> fit(
      ImageDataset train, ImageDataset validation, TrainingListener listener) throws IOException {
    return fit(train, validation, List.of(), listener);
  }

  /** As above, after some epochs that are done already; they are part of what is returned. */
  List<EpochResult> fit(
      ImageDataset train,
      ImageDataset validation,
      List<EpochResult> done,
      TrainingListener listener)
      throws IOException {
    requireFitting("train", train);
    requireFitting("validation", validation);
    images.hold(session, List.of(train, validation));
    List<EpochResult> results = new ArrayList<>(done);
    while (results.size() < config.epochs() && !config.isOutOfPatience(results) && !stopped) {
      int epoch = results.size() + 1;
      long start = System.nanoTime();
      MetricsAccumulator trained = new MetricsAccumulator();
      ImageBatches batches =
          train.shuffledBatches(config.batchSize(), config.seed() + epoch, config.augmentation());
      Iterator<ImageFeed.Run> runs = images.runs(train, batches, severalSteps.count());
      int count = 0;
      while (runs.hasNext()) {
        try (ImageFeed.Run run = runs.next()) {
          count = run(run, epoch, count, batches.count(), trained, listener);
        }
        if (stopped) {
          return results; // half an epoch is no result
        }
      }
      Duration trainingTime = Duration.ofNanos(System.nanoTime() - start);
      Metrics measured = evaluate(validation);
      Duration time = Duration.ofNanos(System.nanoTime() - start);
      EpochResult result = new EpochResult(epoch, trained.sofar(), measured, trainingTime, time);
      results.add(result);
      listener.onEpoch(result);
    }
    return results;
  }

  /**
   * Makes the steps of a session call, and adds the batches' losses and correct predictions.
   *
   * @param done batches of this epoch
   * @return those that are done now
   */
  private int run(
      ImageFeed.Run run,
      int epoch,
      int done,
      int batches,
      MetricsAccumulator trained,
      TrainingListener listener)
      throws IOException {
    int before = done;
    try (Result result = run(run, epoch, before, batches, Session.Runner::run)) {
      TFloat32 metrics = (TFloat32) result.get(0);
      for (int size : run.sizes()) {
        int output = 2 * (done - before);
        double loss = metrics.getFloat(output);
        int correct = (int) metrics.getFloat(output + 1);
        if (!Double.isFinite(loss)) {
          throw new DivergedException(epoch, done + 1, loss, learningRate(epoch, done, batches));
        }
        done++;
        trained.add(loss, correct, size);
        listener.onBatch(new BatchProgress(epoch, config.epochs(), done, batches, trained.sofar()));
      }
    }
    return done;
  }

  /** Gives a run all it takes, and has {@code start} make it, with the metrics for a result. */
  private <T> T run(
      ImageFeed.Run run, int epoch, int done, int batches, Function<Session.Runner, T> start) {
    int count = run.sizes().size();
    Steps made = count == 1 ? oneStep : severalSteps;
    float[] rates = new float[count];
    float[] corrections = new float[count];
    long[] numbers = new long[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = ++steps;
      rates[i] = (float) learningRate(epoch, done + i, batches);
      corrections[i] = (float) ParameterUpdate.biasCorrection(config.optimizer(), steps);
    }
    try (TFloat32 fedRates = TFloat32.vectorOf(rates);
        TFloat32 fedCorrections = TFloat32.vectorOf(corrections);
        TInt64 fedNumbers = TInt64.vectorOf(numbers)) {
      Session.Runner runner =
          run.feed(session.runner())
              .feed(learningRates, fedRates)
              .feed(biasCorrections, fedCorrections)
              .feed(stepNumbers, fedNumbers)
              .addTarget(made.update())
              // They come of logits that the gradients begin with, and no variable is read for
              // them any more.
              .fetch(made.metrics());
      return start.apply(runner);
    }
  }

  /** Where the operations of the first run of an epoch are placed. Its steps count like others. */
  Placement placement(ImageDataset train) {
    return firstRun(train, Placement::observe);
  }

  /**
   * Has {@code start} make the first run of an epoch, whose steps change the parameters like any
   * others.
   */
  <T> T firstRun(ImageDataset train, Function<Session.Runner, T> start) {
    requireFitting("train", train);
    images.hold(session, List.of(train));
    ImageBatches batches = train.shuffledBatches(config.batchSize(), config.seed());
    try (ImageFeed.Run run = images.runs(train, batches, severalSteps.count()).next()) {
      return run(run, 1, 0, batches.count(), start);
    }
  }

  /**
   * Of the next step.
   *
   * @param done batches of this epoch
   */
  private double learningRate(int epoch, int done, int batches) {
    return config.learningRate((epoch - 1L) * batches + done, batches);
  }

  /**
   * Evaluates the network as it is now.
   *
   * @param dataset any number of images
   * @return loss and accuracy over all of them
   */
  public Metrics evaluate(ImageDataset dataset) {
    requireFitting("dataset", dataset);
    return evaluator.evaluate(session, dataset);
  }

  /** Ends a running {@link #fit} after the batch it is at, and every later one at once. */
  public void stop() {
    stopped = true;
  }

  /**
   * Writes a TensorFlow checkpoint, {@code variables}, for {@link #restore}; after training on
   * standardised pixels also {@code parameters}, those for pixels as they are.
   *
   * @param directory exists
   * @throws IOException if they can't be written
   */
  void save(Path directory) throws IOException {
    try (TString prefix = TString.scalarOf(directory.resolve(Checkpoint.PARAMETERS).toString())) {
      session.save(directory.resolve(Checkpoint.VARIABLES).toString());
      if (config.standardization().isPresent()) {
        session.runner().feed(parameterFiles, prefix).addTarget(saveParameters).run().close();
      }
    } catch (TensorFlowException e) {
      throw new IOException(
          directory + ": cannot be written: " + TensorFlowRuntime.firstError(e), e);
    }
  }

  /**
   * Takes over what another trainer with the same configuration has saved.
   *
   * @param directory with its files
   * @param steps it had done
   * @throws IOException if they can't be read, or are of another configuration
   */
  void restore(Path directory, long steps) throws IOException {
    try {
      session.restore(directory.resolve(Checkpoint.VARIABLES).toString());
    } catch (TensorFlowException e) {
      throw new IOException(directory + ": cannot be read: " + TensorFlowRuntime.firstError(e), e);
    }
    this.steps = steps;
  }

  /** Steps done so far, those of earlier processes included. */
  long steps() {
    return steps;
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
    return LeNetModel.of(config.architecture(), classNames, parameters());
  }

  /** The parameters of the plain network as they are now, by name. */
  Map<String, float[]> parameters() {
    Session.Runner runner = session.runner();
    plain.parameters().values().forEach(runner::fetch);
    try (var result = runner.run()) {
      Map<String, float[]> parameters = new LinkedHashMap<>();
      for (String name : plain.parameters().keySet()) {
        TFloat32 tensor = (TFloat32) result.get(parameters.size());
        float[] values = new float[(int) tensor.size()];
        tensor.asRawTensor().data().asFloats().read(values);
        parameters.put(name, values);
      }
      return parameters;
    }
  }

  /** For tests that look inside; belongs to this trainer. */
  Session session() {
    return session;
  }

  /** For tests that look inside; belongs to this trainer. */
  LeNet lenet() {
    return lenet;
  }

  private void requireFitting(String name, ImageDataset dataset) {
    LeNetConfig model = config.architecture();
    if (dataset.height() != model.imageHeight() || dataset.width() != model.imageWidth()) {
      throw new IllegalArgumentException(
          "%s: images of %d×%d do not fit a model for %d×%d"
              .formatted(
                  name,
                  dataset.height(),
                  dataset.width(),
                  model.imageHeight(),
                  model.imageWidth()));
    }
    if (dataset.classCount() > model.classes()) {
      throw new IllegalArgumentException(
          "%s: %d classes do not fit a model for %d"
              .formatted(name, dataset.classCount(), model.classes()));
    }
  }

  /** Closes session and graph. */
  @Override
  public void close() {
    session.close();
    graph.close();
  }

  /** Means over the images of an epoch so far, each batch weighted by its size. */
  private static final class MetricsAccumulator {
    private double summedLoss;
    private int correct;
    private int total;

    void add(double meanLoss, int correct, int size) {
      summedLoss += meanLoss * size;
      this.correct += correct;
      total += size;
    }

    Metrics sofar() {
      return new Metrics(summedLoss / total, correct, total);
    }
  }
}
