package io.github.lenet.training;

import io.github.lenet.data.Augmentation;
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
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
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
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TType;

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

  /** Of pictures that lie on the device. Not chosen by measurement yet. */
  static final int STEPS_PER_RUN = 10;

  private final TrainingConfig config;
  private final Graph graph = new Graph();
  private final Session session;
  private final LeNet lenet;
  private final LeNet plain;
  private final PictureFeed pictures;
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
   * Builds the graph on a device and draws the initial parameters.
   *
   * @param config the architecture and how to train it
   * @param device where
   */
  public Trainer(TrainingConfig config, DeviceSelection device) {
    // Pictures that are changed for every epoch are changed on the host.
    this(config, device, device.isGpu() && config.augmentation().equals(Augmentation.NONE));
  }

  /**
   * @param resident whether the pictures are to lie on the device, as they do on a GPU
   */
  Trainer(TrainingConfig config, DeviceSelection device, boolean resident) {
    this.config = Objects.requireNonNull(config, "config");
    TensorFlowRuntime.noteMissingOneDnn();
    Session opened = null;
    try {
      int replicas = device.isGpu() || resident ? 1 : config.replicas();
      Ops tf = Ops.create(graph).withDevice(device.spec());
      Ops host = Ops.create(graph).withDevice(DeviceSelection.cpu("host").spec());
      LeNetConfig model = config.model();
      pictures =
          resident
              ? new ResidentPictures(
                  tf, model.imageHeight(), model.imageWidth(), config.batchSize())
              : new FedPictures(tf, model.imageHeight(), model.imageWidth());
      lenet = LeNet.build(tf, model, config.initializer(), config.seed());
      plain = plain(tf.withSubScope("plain"), lenet);
      learningRates = perStep(tf, "learning_rates", TFloat32.class);
      biasCorrections = perStep(tf, "bias_corrections", TFloat32.class);
      stepNumbers = perStep(host, "step_numbers", TInt64.class); // seeds are read there
      Descent descent =
          new Descent(graph, config.updateRule(), config.momentum(), config.weightDecay());
      oneStep = steps(tf, host, descent, 1, replicas);
      severalSteps =
          resident
              ? steps(
                  tf.withSubScope("several"),
                  host.withSubScope("several"),
                  descent,
                  STEPS_PER_RUN,
                  replicas)
              : oneStep;
      Measures undisturbed =
          config.dropout() == 0
              ? oneStep.measures().get(0)
              : measure(
                  tf.withSubScope("evaluation"),
                  plain,
                  pictures.batches(tf.withSubScope("evaluation"), 1).get(0),
                  replicas,
                  Optional.empty());
      evaluator = new Evaluator(pictures, undisturbed.meanLoss(), undisturbed.correct());
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

  private static <T extends TType> Operand<T> perStep(Ops tf, String name, Class<T> type) {
    return tf.withName(name).placeholder(type, Placeholder.shape(Shape.of(-1)));
  }

  /** The network for pictures as they are. */
  private LeNet plain(Ops tf, LeNet trained) {
    return config
        .standardization()
        .map(standardization -> standardization.plain(tf, trained))
        .orElse(trained);
  }

  /**
   * Consecutive steps that one run makes.
   *
   * @param measures of each
   * @param update of the last one, which waits for all before it
   */
  private record Steps(List<Measures> measures, Op update) {}

  /** Forward, backward, update, and so on. */
  private Steps steps(Ops tf, Ops host, Descent descent, int count, int replicas) {
    List<PictureFeed.Batch> batches = pictures.batches(tf, count);
    List<Output<TFloat32>> rates = tf.unstack(learningRates, (long) count).output();
    List<Output<TFloat32>> corrections = tf.unstack(biasCorrections, (long) count).output();
    List<Output<TInt64>> numbers = host.unstack(stepNumbers, (long) count).output();
    List<Operand<TFloat32>> variables = List.copyOf(lenet.parameters().values());
    List<Measures> measures = new ArrayList<>();
    LeNet current = lenet;
    LeNet network = plain;
    Op update = null;
    for (int i = 0; i < count; i++) {
      Ops scope = count == 1 ? tf : tf.withSubScope("step" + i);
      if (update != null) {
        current = readAfter(scope, update);
        network = plain(scope.withSubScope("plain"), current);
      }
      Operand<TInt64> number = numbers.get(i);
      Measures measure =
          measure(
              scope,
              network,
              batches.get(i),
              replicas,
              config.dropout() == 0 ? Optional.empty() : Optional.of(number));
      measures.add(measure);
      update =
          descent.step(
              measure.meanLoss(),
              variables,
              List.copyOf(current.parameters().values()),
              rates.get(i),
              corrections.get(i),
              "update");
    }
    return new Steps(measures, update);
  }

  /** The network with the parameters as an update has left them. */
  private LeNet readAfter(Ops tf, Op update) {
    Ops afterwards = tf.withControlDependencies(update);
    Map<String, Operand<TFloat32>> read = new LinkedHashMap<>();
    lenet.parameters().forEach((name, variable) -> read.put(name, afterwards.identity(variable)));
    return LeNet.of(config.model(), read);
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

  /**
   * Measures a batch, by replicas that take a part of it each.
   *
   * @param step whose dropout it is, int64 scalar; none without
   */
  private Measures measure(
      Ops tf,
      LeNet network,
      PictureFeed.Batch batch,
      int replicas,
      Optional<Operand<TInt64>> step) {
    FastForward forward = FastForward.of(tf.withSubScope("kernels"), network);
    Operand<TInt32> size = tf.size(batch.labels());
    Operand<TFloat32> divisor = tf.dtypes.cast(size, TFloat32.class);
    if (replicas == 1) {
      Ops scope = tf.withSubScope("replica0");
      Operand<TFloat32> share = scope.math.div(scope.constant(1f), divisor);
      return measure(scope, forward, batch, share, dropout(step, 0));
    }
    List<Operand<TFloat32>> losses = new ArrayList<>();
    List<Operand<TInt32>> counts = new ArrayList<>();
    for (int replica = 0; replica < replicas; replica++) {
      Ops scope = tf.withSubScope("replica" + replica);
      Part part = Part.of(scope, size, replica, replicas);
      Operand<TFloat32> share =
          scope.math.div(scope.dtypes.cast(part.present(), TFloat32.class), divisor);
      Measures measured =
          measure(scope, forward, part.of(scope, batch), share, dropout(step, replica));
      losses.add(measured.meanLoss());
      counts.add(scope.math.mul(measured.correct(), part.present()));
    }
    return new Measures(tf.math.addN(losses), tf.math.addN(counts));
  }

  /**
   * Measures pictures, the loss as their share of the whole batch's mean: were the sum divided
   * later, the gradients of one replica would wait for the loss of the other.
   */
  private Measures measure(
      Ops tf,
      FastForward forward,
      PictureFeed.Batch batch,
      Operand<TFloat32> share,
      Optional<Dropout> dropout) {
    Operand<TFloat32> logits = forward.logits(tf, batch.images(), dropout);
    return new Measures(
        tf.math.mul(summedLoss(tf, batch.labels(), logits, config.model().classes()), share),
        Evaluator.correct(tf, batch.labels(), logits));
  }

  /** Other choices in every replica, and not those of the initial kernels' generator either. */
  private Optional<Dropout> dropout(Optional<Operand<TInt64>> step, int replica) {
    return step.map(
        number -> new Dropout(config.dropout(), config.seed() ^ (replica + 1L) << 48, number));
  }

  /** Softmax cross-entropy in nats, summed over the pictures, float32 scalar. */
  private static Operand<TFloat32> summedLoss(
      Ops tf, Operand<TUint8> labels, Operand<TFloat32> logits, int classes) {
    // The sparse form of this op, which takes labels as they are, has no gradient in C++.
    Operand<TFloat32> oneHot =
        tf.oneHot(labels, tf.constant(classes), tf.constant(1f), tf.constant(0f));
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

    PictureFeed.Batch of(Ops tf, PictureFeed.Batch batch) {
      return new PictureFeed.Batch(of(tf, batch.images()), of(tf, batch.labels()));
    }

    /** Of a tensor whose first axis is the batch. */
    private Operand<TUint8> of(Ops tf, Operand<TUint8> batch) {
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
    pictures.hold(session, List.of(train, heldOut));
    List<EpochResult> results = new ArrayList<>(done);
    while (results.size() < config.epochs() && !config.isOutOfPatience(results) && !stopped) {
      int epoch = results.size() + 1;
      long start = System.nanoTime();
      RunningEvaluation trained = new RunningEvaluation();
      ImageBatches batches =
          train.shuffledBatches(config.batchSize(), config.seed() + epoch, config.augmentation());
      Iterator<PictureFeed.Run> runs =
          pictures.runs(train, batches, severalSteps.measures().size());
      int count = 0;
      while (runs.hasNext()) {
        try (PictureFeed.Run run = runs.next()) {
          count = run(run, epoch, count, batches.count(), trained, listener);
        }
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

  /**
   * Makes the steps of a run, and adds the batches' losses and correct answers.
   *
   * @param done batches of this epoch
   * @return those that are done now
   */
  private int run(
      PictureFeed.Run run,
      int epoch,
      int done,
      int batches,
      RunningEvaluation trained,
      TrainingListener listener)
      throws IOException {
    int before = done;
    try (Result result = run(run, epoch, before, batches, Session.Runner::run)) {
      for (int size : run.sizes()) {
        int output = 2 * (done - before);
        double loss = ((TFloat32) result.get(output)).getFloat();
        int correct = ((TInt32) result.get(output + 1)).getInt();
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

  /** Gives a run all it takes, and has {@code start} make it: mean loss and correct, per step. */
  private <T> T run(
      PictureFeed.Run run, int epoch, int done, int batches, Function<Session.Runner, T> start) {
    int count = run.sizes().size();
    Steps made = count == 1 ? oneStep : severalSteps;
    float[] rates = new float[count];
    float[] corrections = new float[count];
    long[] numbers = new long[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = ++steps;
      rates[i] = (float) learningRate(epoch, done + i, batches);
      corrections[i] = (float) config.updateRule().biasCorrection(config.momentum(), steps);
    }
    try (TFloat32 fedRates = TFloat32.vectorOf(rates);
        TFloat32 fedCorrections = TFloat32.vectorOf(corrections);
        TInt64 fedNumbers = TInt64.vectorOf(numbers)) {
      Session.Runner runner =
          run.feed(session.runner())
              .feed(learningRates, fedRates)
              .feed(biasCorrections, fedCorrections)
              .feed(stepNumbers, fedNumbers)
              .addTarget(made.update());
      // What is fetched beside the update is computed on the way to the gradients, hence before it.
      made.measures().forEach(measure -> runner.fetch(measure.meanLoss()).fetch(measure.correct()));
      return start.apply(runner);
    }
  }

  /**
   * Where the operations of the first run of an epoch are placed. Its steps are like any others,
   * and change the parameters.
   */
  Placement placement(ImageDataset train) {
    requireFitting("train", train);
    pictures.hold(session, List.of(train));
    ImageBatches batches = train.shuffledBatches(config.batchSize(), config.seed());
    try (PictureFeed.Run run =
        pictures.runs(train, batches, severalSteps.measures().size()).next()) {
      return run(run, 1, 0, batches.count(), Placement::observe);
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
