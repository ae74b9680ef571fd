package io.github.lenet.training;

import io.github.lenet.data.ImageBatch;
import io.github.lenet.data.ImageBatches;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.Dropout;
import io.github.lenet.model.FastForward;
import io.github.lenet.model.LeNet;
import io.github.lenet.model.LeNetConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint8;

/**
 * Fits a LeNet to pictures by minibatch gradient descent on the softmax cross-entropy, mean over
 * the batch.
 *
 * <p>On the CPU several replicas of the network share one set of parameters, and each works on a
 * part of the batch, side by side: it is one step on the gradient of the whole batch all the same.
 *
 * <p>Owns the graph and the session; whoever creates a trainer closes it. Training happens on one
 * thread; {@link #stop()} may be called from any.
 *
 * <pre>{@code
 * try (Trainer trainer = new Trainer(TrainingConfig.defaults(), DeviceSelection.select(Device.AUTO))) {
 *   List<EpochResult> epochs = trainer.fit(data.train(), data.test(), new TrainingListener() {});
 * }
 * }</pre>
 */
public final class Trainer implements AutoCloseable {

  private final TrainingConfig config;
  private final Graph graph = new Graph();
  private final Session session;
  private final LeNet lenet;
  private final LeNet plain;
  private final Operand<TUint8> images;
  private final Operand<TUint8> labels;
  private final Operand<TInt64> step;
  private final Measures measures;
  private final Operand<TFloat32> learningRate;
  private final Operand<TFloat32> biasCorrection;
  private final Op update;
  private final Evaluator evaluator;
  private final Operand<TString> parameterFiles;
  private final Op saveParameters;
  private long steps;
  private volatile boolean stopped;

  /**
   * Builds the graph on a device and draws the initial parameters.
   *
   * @param config the architecture and how to train it
   * @param device where
   */
  public Trainer(TrainingConfig config, DeviceSelection device) {
    this.config = Objects.requireNonNull(config, "config");
    TensorFlowRuntime.noteMissingOneDnn();
    Session opened = null;
    try {
      int replicas = device.isGpu() ? 1 : config.replicas();
      Ops tf = Ops.create(graph).withDevice(device.spec());
      LeNetConfig model = config.model();
      images =
          tf.withName("images")
              .placeholder(
                  TUint8.class,
                  Placeholder.shape(Shape.of(-1, model.imageHeight(), model.imageWidth())));
      labels = tf.withName("labels").placeholder(TUint8.class, Placeholder.shape(Shape.of(-1)));
      lenet = LeNet.build(tf, model, config.initializer(), config.seed());
      plain =
          config
              .standardization()
              .map(standardization -> standardization.plain(tf.withSubScope("plain"), lenet))
              .orElse(lenet);
      FastForward forward = FastForward.of(tf.withSubScope("kernels"), plain);
      step = tf.withName("step").placeholder(TInt64.class, Placeholder.shape(Shape.scalar()));
      measures = measure(tf, forward, replicas, config.dropout());
      Measures undisturbed =
          config.dropout() == 0
              ? measures
              : measure(tf.withSubScope("evaluation"), forward, replicas, 0);
      learningRate =
          tf.withName("learning_rate")
              .placeholder(TFloat32.class, Placeholder.shape(Shape.scalar()));
      biasCorrection =
          tf.withName("bias_correction")
              .placeholder(TFloat32.class, Placeholder.shape(Shape.scalar()));
      update =
          new Descent(
                  graph,
                  config.updateRule(),
                  config.momentum(),
                  config.weightDecay(),
                  learningRate,
                  biasCorrection)
              .minimize(measures.meanLoss(), "update");
      evaluator = new Evaluator(images, labels, undisturbed.meanLoss(), undisturbed.correct());
      Ops host = Ops.create(graph); // files are written there, whatever the device
      parameterFiles =
          host.withName("parameter_files")
              .placeholder(TString.class, Placeholder.shape(Shape.scalar()));
      saveParameters = saveParameters(host);
      opened = new Session(graph, device.sessionConfig(replicas, config.threads() / replicas));
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
   * What a batch gives.
   *
   * @param meanLoss over the batch, float32 scalar
   * @param correct answers, int32 scalar
   */
  private record Measures(Operand<TFloat32> meanLoss, Operand<TInt32> correct) {}

  /** Builds the replicas, each over its part of the batch. */
  private Measures measure(Ops tf, FastForward forward, int replicas, double dropout) {
    Operand<TInt32> size = tf.size(labels);
    List<Operand<TFloat32>> losses = new ArrayList<>();
    List<Operand<TInt32>> counts = new ArrayList<>();
    for (int replica = 0; replica < replicas; replica++) {
      Ops scope = tf.withSubScope("replica" + replica);
      Part part = Part.of(scope, size, replica, replicas);
      Operand<TUint8> truth = part.of(scope, labels);
      Operand<TFloat32> logits =
          forward.logits(scope, part.of(scope, images), dropout(dropout, replica));
      // Its share of the batch's mean: were the sum divided later, the gradients of one replica
      // would wait for the loss of the other.
      losses.add(
          scope.math.mul(
              summedLoss(scope, truth, logits, config.model().classes()),
              scope.math.div(
                  scope.dtypes.cast(part.present(), TFloat32.class),
                  scope.dtypes.cast(size, TFloat32.class))));
      counts.add(scope.math.mul(Evaluator.correct(scope, truth, logits), part.present()));
    }
    return new Measures(tf.math.addN(losses), tf.math.addN(counts));
  }

  /** Other choices in every replica, and not those of the initial kernels' generator either. */
  private Optional<Dropout> dropout(double rate, int replica) {
    return rate == 0
        ? Optional.empty()
        : Optional.of(new Dropout(rate, config.seed() ^ (replica + 1L) << 48, step));
  }

  /** Softmax cross-entropy in nats, summed over the pictures, float32 scalar. */
  private static Operand<TFloat32> summedLoss(
      Ops tf, Operand<TUint8> labels, Operand<TFloat32> logits, int classes) {
    // The sparse form of this op, which takes labels as they are, has no gradient in C++.
    Operand<TFloat32> oneHot =
        tf.oneHot(
            tf.dtypes.cast(labels, TInt32.class),
            tf.constant(classes),
            tf.constant(1f),
            tf.constant(0f));
    Operand<TFloat32> losses = tf.nn.softmaxCrossEntropyWithLogits(logits, oneHot).loss();
    return tf.reduceSum(losses, tf.constant(0));
  }

  /**
   * A replica's consecutive part of a batch; sizes differ by one picture at most. Where there are
   * fewer pictures than replicas, some get a picture that does not count ({@code present} is 0):
   * TensorFlow's oneDNN convolutions can't do without.
   */
  private record Part(Operand<TInt32> from, Operand<TInt32> size, Operand<TInt32> present) {

    static Part of(Ops tf, Operand<TInt32> batchSize, int replica, int replicas) {
      Operand<TInt32> one = tf.constant(1);
      Operand<TInt32> from = bound(tf, batchSize, replica, replicas);
      Operand<TInt32> size = tf.math.sub(bound(tf, batchSize, replica + 1, replicas), from);
      return new Part(
          tf.math.minimum(from, tf.math.sub(batchSize, one)),
          tf.math.maximum(size, one),
          tf.math.minimum(size, one));
    }

    private static Operand<TInt32> bound(
        Ops tf, Operand<TInt32> batchSize, int replica, int replicas) {
      return tf.math.floorDiv(tf.math.mul(batchSize, tf.constant(replica)), tf.constant(replicas));
    }

    /** Of a tensor whose first axis is the batch. */
    Operand<TUint8> of(Ops tf, Operand<TUint8> batch) {
      List<Operand<TInt32>> begin = new ArrayList<>(List.of(from));
      List<Operand<TInt32>> sizes = new ArrayList<>(List.of(size));
      for (int axis = 1; axis < batch.shape().numDimensions(); axis++) {
        begin.add(tf.constant(0));
        sizes.add(tf.constant(-1)); // all of it
      }
      return tf.slice(batch, tf.stack(begin), tf.stack(sizes));
    }
  }

  /**
   * Trains, and evaluates after every epoch. The pictures are shuffled anew for each epoch, by seed
   * and epoch; a second call goes on with the same parameters, and begins the schedule of the
   * learning rate again.
   *
   * @param train pictures to learn from
   * @param heldOut pictures to measure with after each epoch; with {@link
   *     TrainingConfig#patience()} they decide when to end, and should not be the test set
   * @param listener is told how it goes
   * @return one result per finished epoch; fewer than asked for after {@link #stop()}, or when
   *     patience is at its end
   * @throws DivergedException if the loss is no longer a finite number
   * @throws IOException what the listener threw
   */
  public List<EpochResult> fit(ImageDataset train, ImageDataset heldOut, TrainingListener listener)
      throws IOException {
    return fit(train, heldOut, List.of(), listener);
  }

  /** As above, after some epochs that are done already; they are part of what is returned. */
  List<EpochResult> fit(
      ImageDataset train, ImageDataset heldOut, List<EpochResult> done, TrainingListener listener)
      throws IOException {
    requireFitting("train", train);
    requireFitting("heldOut", heldOut);
    List<EpochResult> results = new ArrayList<>(done);
    while (results.size() < config.epochs() && !config.isOutOfPatience(results) && !stopped) {
      int epoch = results.size() + 1;
      long start = System.nanoTime();
      RunningEvaluation trained = new RunningEvaluation();
      ImageBatches batches =
          train.shuffledBatches(config.batchSize(), config.seed() + epoch, config.augmentation());
      int count = 0;
      for (ImageBatch batch : batches) {
        int stepsPerEpoch = batches.count();
        double rate = config.learningRate((epoch - 1L) * stepsPerEpoch + count, stepsPerEpoch);
        try (batch) {
          step(epoch, ++count, rate, batch, trained);
        }
        listener.onBatch(
            new BatchProgress(epoch, config.epochs(), count, batches.count(), trained.sofar()));
        if (stopped) {
          return results; // half an epoch is no result
        }
      }
      Duration trainingTime = Duration.ofNanos(System.nanoTime() - start);
      Evaluation measured = evaluate(heldOut);
      Duration time = Duration.ofNanos(System.nanoTime() - start);
      EpochResult result = new EpochResult(epoch, trained.sofar(), measured, trainingTime, time);
      results.add(result);
      listener.onEpoch(result);
    }
    return results;
  }

  /** One step: forward, backward, update; adds the batch's loss and correct answers. */
  private void step(
      int epoch, int number, double rate, ImageBatch batch, RunningEvaluation trained) {
    try (var result = step(rate, batch, Session.Runner::run)) {
      double loss = ((TFloat32) result.get(0)).getFloat();
      if (!Double.isFinite(loss)) {
        throw new DivergedException(epoch, number, loss, rate);
      }
      trained.add(loss, ((TInt32) result.get(1)).getInt(), batch.size());
    }
  }

  private <T> T step(double rate, ImageBatch batch, Function<Session.Runner, T> run) {
    steps++;
    double correction = config.updateRule().biasCorrection(config.momentum(), steps);
    try (TFloat32 fedRate = TFloat32.scalarOf((float) rate);
        TFloat32 fedCorrection = TFloat32.scalarOf((float) correction);
        TInt64 fedStep = TInt64.scalarOf(steps)) {
      // What is fetched beside the update is computed on the way to the gradients, hence before it.
      return run.apply(
          session
              .runner()
              .feed(images, batch.images())
              .feed(labels, batch.labels())
              .feed(learningRate, fedRate)
              .feed(biasCorrection, fedCorrection)
              .feed(step, fedStep)
              .addTarget(update)
              .fetch(measures.meanLoss())
              .fetch(measures.correct()));
    }
  }

  /**
   * Where the operations of a step are placed. It is a step like any other, and changes the
   * parameters.
   */
  Placement placement(ImageDataset train) {
    requireFitting("train", train);
    try (ImageBatch batch =
        train.shuffledBatches(config.batchSize(), config.seed()).iterator().next()) {
      return step(config.learningRate(), batch, Placement::observe);
    }
  }

  /**
   * Measures the network as it is now.
   *
   * @param dataset any number of pictures
   * @return loss and accuracy over all of them
   */
  public Evaluation evaluate(ImageDataset dataset) {
    requireFitting("dataset", dataset);
    return evaluator.evaluate(session, dataset);
  }

  /** Ends a running {@link #fit} after the batch it is at, and every later one at once. */
  public void stop() {
    stopped = true;
  }

  /**
   * Writes two TensorFlow checkpoints: {@code variables}, from which {@link #restore} goes on, and
   * {@code parameters}, the plain network's, whatever it was trained with.
   *
   * @param directory exists
   * @throws IOException if they can't be written
   */
  void save(Path directory) throws IOException {
    try (TString prefix = TString.scalarOf(directory.resolve(Checkpoint.PARAMETERS).toString())) {
      session.save(directory.resolve(Checkpoint.VARIABLES).toString());
      session.runner().feed(parameterFiles, prefix).addTarget(saveParameters).run().close();
    } catch (TensorFlowException e) {
      throw new IOException(
          directory + ": cannot be written: " + e.getMessage().lines().findFirst().orElse(""), e);
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
      throw new IOException(
          directory + ": cannot be read: " + e.getMessage().lines().findFirst().orElse(""), e);
    }
    this.steps = steps;
  }

  /** Steps done so far, those of earlier processes included. */
  long steps() {
    return steps;
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
    LeNetConfig model = config.model();
    if (dataset.height() != model.imageHeight() || dataset.width() != model.imageWidth()) {
      throw new IllegalArgumentException(
          "%s: pictures of %d×%d do not fit a model for %d×%d"
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

  /** Means over the pictures of an epoch so far, each batch weighted by its size. */
  private static final class RunningEvaluation {
    private double summedLoss;
    private int correct;
    private int total;

    void add(double meanLoss, int correct, int size) {
      summedLoss += meanLoss * size;
      this.correct += correct;
      total += size;
    }

    Evaluation sofar() {
      return new Evaluation(summedLoss / total, correct, total);
    }
  }
}
