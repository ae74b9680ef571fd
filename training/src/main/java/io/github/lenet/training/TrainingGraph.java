package io.github.lenet.training;

import io.github.lenet.data.ImageBatch;
import io.github.lenet.model.FastForward;
import io.github.lenet.model.LeNet;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.internal.Dropout;
import io.github.lenet.model.internal.GraphLocale;
import io.github.lenet.model.internal.Variables;
import io.github.lenet.training.device.DeviceSelection;
import io.github.lenet.training.internal.runtime.TensorFlowRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
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
 * The graph of a training and its session: forward passes, loss, gradients, update.
 *
 * <p>On the CPU, several replicas of the network share one set of parameters. Each works on a shard
 * of the batch, and they work in parallel. The sum of their gradients is the gradient of the whole
 * batch, so together they make one gradient step. On a GPU there is one replica.
 *
 * <p>Owns graph and session until it is closed. It is for one thread.
 */
final class TrainingGraph implements AutoCloseable {

  /** The prefix of the files that {@link #restore} reads. */
  private static final String VARIABLES = "variables";

  private final TrainingConfig config;
  private final DeviceSelection device;
  private final int replicas;
  private final Graph graph = new Graph();
  private final Session session;
  private final LeNet lenet;

  /** The network for original pixels; another one than {@code lenet} only with standardization. */
  private final LeNet plain;

  // Placeholders.
  private final Operand<TUint8> images;
  private final Operand<TUint8> labels;
  private final Operand<TFloat32> learningRate;
  private final Operand<TFloat32> biasCorrection;
  private final Operand<TInt64> stepNumber;
  private final Operand<TString> parameterFile;

  private final Operand<TFloat32> trainingMetrics;
  private final Operand<TFloat32> evaluationMetrics;
  private final Op update;
  private final Op saveParameters;
  private long steps;

  /** Builds the graph and draws the initial parameters. */
  TrainingGraph(TrainingConfig config, DeviceSelection device) {
    this.config = config;
    this.device = device;
    replicas = device.isGpu() ? 1 : config.replicas();
    Session opened = null;
    GraphLocale.enter();
    try {
      Ops tf = Ops.create(graph).withDevice(device.spec());
      Ops host = Ops.create(graph).withDevice(DeviceSelection.HOST);
      LeNetConfig architecture = config.architecture();
      images =
          fed(
              tf,
              "images",
              TUint8.class,
              Shape.of(-1, architecture.imageHeight(), architecture.imageWidth()));
      labels = fed(tf, "labels", TUint8.class, Shape.of(-1));
      lenet = LeNet.build(tf, architecture, config.initializer(), config.seed());
      plain =
          config
              .standardization()
              .map(pixels -> pixels.plain(tf.withSubScope("plain"), lenet))
              .orElse(lenet);
      learningRate = fed(tf, "learning_rate", TFloat32.class, Shape.scalar());
      biasCorrection = fed(tf, "bias_correction", TFloat32.class, Shape.scalar());
      stepNumber = fed(host, "step_number", TInt64.class, Shape.scalar()); // seeds are read there
      List<ReplicaOutput> outputs = replicas(tf, config.dropout() > 0);
      trainingMetrics = metrics(tf, outputs);
      update =
          new ParameterUpdate(graph, config.optimizer(), config.weightDecay())
              .step(
                  trainedParameters(), gradients(outputs), learningRate, biasCorrection, "update");
      Ops evaluation = tf.withSubScope("evaluation");
      evaluationMetrics =
          config.dropout() == 0
              ? trainingMetrics
              : metrics(evaluation, replicas(evaluation, false));
      parameterFile = fed(host, "parameter_file", TString.class, Shape.scalar());
      saveParameters = saveParameters(host);
      opened =
          new Session(
              graph, device.sessionConfig(replicas, Math.max(1, config.threads() / replicas)));
      opened.initialize();
      session = opened;
    } catch (RuntimeException | Error e) {
      if (opened != null) {
        opened.close(); // first: Graph.close waits for its sessions
      }
      graph.close();
      throw e;
    } finally {
      GraphLocale.exit();
    }
  }

  private static <T extends TType> Operand<T> fed(Ops tf, String name, Class<T> type, Shape shape) {
    return tf.withName(name).placeholder(type, Placeholder.shape(shape));
  }

  /**
   * The output of a replica for its shard.
   *
   * @param loss the shard's part of the batch's mean loss, float32 scalar
   * @param correct number of correct predictions, float32 scalar
   * @param logits float32 {@code [n, classes]}
   * @param logitsGradient gradient of the batch's mean loss with respect to these logits
   */
  private record ReplicaOutput(
      Operand<TFloat32> loss,
      Operand<TFloat32> correct,
      Operand<TFloat32> logits,
      Operand<TFloat32> logitsGradient) {}

  /** Builds the forward passes: layer by layer on a GPU, in faster blocks on a CPU. */
  private List<ReplicaOutput> replicas(Ops tf, boolean hasDropout) {
    Operand<TInt32> size = tf.withDevice(device.spec()).size(labels);
    FastForward forward =
        device.isGpu()
            ? FastForward.layerByLayer(plain)
            : FastForward.of(tf.withSubScope("kernels"), plain);
    List<ReplicaOutput> outputs = new ArrayList<>();
    for (int replica = 0; replica < replicas; replica++) {
      Ops scope = tf.withSubScope("replica" + replica);
      Optional<Dropout> dropout = hasDropout ? Optional.of(dropout(replica)) : Optional.empty();
      outputs.add(
          replicas == 1
              ? whole(scope, tf, forward, size, dropout)
              : shard(scope, forward, size, replica, dropout));
    }
    return outputs;
  }

  /** Each replica has its own dropout seed, distinct from the initializer's. */
  private Dropout dropout(int replica) {
    return new Dropout(config.dropout(), config.seed() ^ (replica + 1L) << 48, stepNumber);
  }

  private ReplicaOutput whole(
      Ops scope, Ops tf, FastForward forward, Operand<TInt32> size, Optional<Dropout> dropout) {
    Operand<TFloat32> divisor = tf.dtypes.cast(size, TFloat32.class);
    Operand<TFloat32> lossScale = scope.math.div(scope.constant(1f), divisor);
    return replica(scope, forward, images, labels, lossScale, dropout);
  }

  private ReplicaOutput shard(
      Ops scope, FastForward forward, Operand<TInt32> size, int number, Optional<Dropout> dropout) {
    Ops host = scope.withDevice(DeviceSelection.HOST);
    Shard shard = Shard.of(host, size, number, replicas);
    Operand<TFloat32> counts = host.dtypes.cast(shard.counts(), TFloat32.class);
    Operand<TFloat32> lossScale = host.math.div(counts, host.dtypes.cast(size, TFloat32.class));
    Ops here = scope.withDevice(device.spec());
    ReplicaOutput output =
        replica(scope, forward, shard.of(here, images), shard.of(here, labels), lossScale, dropout);
    return new ReplicaOutput(
        output.loss(),
        host.math.mul(output.correct(), counts),
        output.logits(),
        output.logitsGradient());
  }

  /**
   * Builds the forward pass and the loss for some images of the batch. The loss is scaled here to
   * its part of the batch's mean. If the sum were divided later, the gradients of one replica would
   * wait for the losses of the others.
   */
  private ReplicaOutput replica(
      Ops tf,
      FastForward forward,
      Operand<TUint8> pixels,
      Operand<TUint8> expected,
      Operand<TFloat32> lossScale,
      Optional<Dropout> dropout) {
    Operand<TFloat32> logits =
        dropout.isPresent()
            ? forward.logits(tf, pixels, dropout.get())
            : forward.logits(tf, pixels);
    CrossEntropy loss =
        CrossEntropy.of(
            tf, expected, logits, lossScale, config.architecture().classes(), device.isGpu());
    return new ReplicaOutput(
        loss.scaledLoss(), correct(tf, expected, logits), logits, loss.logitsGradient());
  }

  /**
   * Counts the correct predictions, float32 scalar. float32 is exact up to 16 million images;
   * TensorFlow sums int32 on the host, even for a GPU.
   */
  static Operand<TFloat32> correct(Ops tf, Operand<TUint8> labels, Operand<TFloat32> logits) {
    Operand<TInt64> predicted = tf.math.argMax(logits, tf.constant(1));
    Operand<TInt64> expected = tf.dtypes.cast(labels, TInt64.class);
    return tf.reduceSum(
        tf.dtypes.cast(tf.math.equal(predicted, expected), TFloat32.class), tf.constant(0));
  }

  /** {@return mean loss and number of correct predictions of the batch, float32 {@code [2]}} */
  private static Operand<TFloat32> metrics(Ops tf, List<ReplicaOutput> outputs) {
    if (outputs.size() == 1) {
      return tf.stack(List.of(outputs.get(0).loss(), outputs.get(0).correct()));
    }
    Operand<TFloat32> loss = tf.math.addN(outputs.stream().map(ReplicaOutput::loss).toList());
    Operand<TFloat32> correct =
        tf.withDevice(DeviceSelection.HOST)
            .math
            .addN(outputs.stream().map(ReplicaOutput::correct).toList());
    return tf.stack(List.of(loss, correct));
  }

  /** {@return the parameters of the layers that are not frozen} */
  private List<Operand<TFloat32>> trainedParameters() {
    return lenet.parameters().entrySet().stream()
        .filter(parameter -> !config.frozen().contains(parameter.getKey().split("/")[0]))
        .map(Map.Entry::getValue)
        .toList();
  }

  /**
   * Builds the gradients of the batch's mean loss, in the order of the trained parameters.
   * Backpropagation starts from the logits gradients and ends at the first trained layer.
   */
  private List<Operand<TFloat32>> gradients(List<ReplicaOutput> outputs) {
    Output<?>[] gradients =
        graph.addGradients(
            null,
            outputs(outputs.stream().map(ReplicaOutput::logits)),
            outputs(trainedParameters().stream()),
            outputs(outputs.stream().map(ReplicaOutput::logitsGradient)));
    return Stream.of(gradients)
        .<Operand<TFloat32>>map(gradient -> gradient.expect(TFloat32.class))
        .toList();
  }

  private static Output<?>[] outputs(Stream<Operand<TFloat32>> operands) {
    return operands.map(Operand::asOutput).toArray(Output<?>[]::new);
  }

  /**
   * Builds the operation that writes {@link LeNet#parameters()} of the plain network under their
   * names.
   */
  private Op saveParameters(Ops tf) {
    String[] names = plain.parameters().keySet().toArray(String[]::new);
    return tf.train.save(
        parameterFile,
        tf.array(names),
        tf.array(Collections.nCopies(names.length, "").toArray(String[]::new)), // the whole tensors
        List.copyOf(plain.parameters().values()));
  }

  /**
   * Makes a gradient step.
   *
   * @param batch the batch of the step; the caller still owns it
   * @param rate the learning rate of the step
   * @return loss and accuracy of the batch just before the step
   */
  Metrics step(ImageBatch batch, double rate) {
    return step(
        batch,
        rate,
        runner -> {
          try (Result result = runner.run()) {
            return metrics(result, batch.size());
          }
        });
  }

  /** Makes a gradient step. {@code start} executes it; its first result is the metrics. */
  <T> T step(ImageBatch batch, double rate, Function<Session.Runner, T> start) {
    steps++;
    double correction = ParameterUpdate.biasCorrection(config.optimizer(), steps);
    try (TFloat32 fedRate = TFloat32.scalarOf((float) rate);
        TFloat32 fedCorrection = TFloat32.scalarOf((float) correction);
        TInt64 fedNumber = TInt64.scalarOf(steps)) {
      return start.apply(
          feed(batch)
              .feed(learningRate, fedRate)
              .feed(biasCorrection, fedCorrection)
              .feed(stepNumber, fedNumber)
              .addTarget(update)
              // The metrics come from the logits, which the gradients need anyway. So no
              // variable is read for them after the update.
              .fetch(trainingMetrics));
    }
  }

  /** {@return loss and accuracy of a batch, which the caller still owns} */
  Metrics evaluate(ImageBatch batch) {
    try (Result result = feed(batch).fetch(evaluationMetrics).run()) {
      return metrics(result, batch.size());
    }
  }

  private Session.Runner feed(ImageBatch batch) {
    return session.runner().feed(images, batch.images()).feed(labels, batch.labels());
  }

  private static Metrics metrics(Result result, int size) {
    TFloat32 metrics = (TFloat32) result.get(0);
    return new Metrics(metrics.getFloat(0), (int) metrics.getFloat(1), size);
  }

  /**
   * Writes a TensorFlow checkpoint, {@code variables}, for {@link #restore}. After training on
   * standardized pixels it also writes {@code parameters}, the parameters for original pixels.
   *
   * @param directory an existing directory
   * @throws IOException if the files can't be written
   */
  void save(Path directory) throws IOException {
    GraphLocale.enter();
    try (TString file = TString.scalarOf(directory.resolve("parameters").toString())) {
      session.save(directory.resolve(VARIABLES).toString());
      if (config.standardization().isPresent()) {
        session.runner().feed(parameterFile, file).addTarget(saveParameters).run().close();
      }
    } catch (TensorFlowException e) {
      throw new IOException(
          directory + ": cannot be written: " + TensorFlowRuntime.firstError(e), e);
    } finally {
      GraphLocale.exit();
    }
  }

  /**
   * Reads the variables that a graph with the same configuration has saved.
   *
   * @param directory the directory of the checkpoint
   * @param steps the gradient steps before the checkpoint
   * @throws IOException if the files can't be read, or belong to another configuration
   */
  void restore(Path directory, long steps) throws IOException {
    GraphLocale.enter();
    try {
      session.restore(directory.resolve(VARIABLES).toString());
    } catch (TensorFlowException e) {
      throw new IOException(directory + ": cannot be read: " + TensorFlowRuntime.firstError(e), e);
    } finally {
      GraphLocale.exit();
    }
    this.steps = steps;
  }

  /** {@return the number of gradient steps so far, including those of earlier processes} */
  long steps() {
    return steps;
  }

  /**
   * Sets parameters.
   *
   * @param values float32 by name, some or all of {@link #lenet}'s parameters, each row by row
   */
  void assign(Map<String, float[]> values) {
    Ops tf = Ops.create(graph).withDevice(device.spec());
    Variables.assign(tf, session, lenet.parameters(), values);
  }

  /** {@return the parameters for original pixels, by name, in the order of the layers} */
  Map<String, float[]> parameters() {
    Session.Runner runner = session.runner();
    plain.parameters().values().forEach(runner::fetch);
    try (Result result = runner.run()) {
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

  /** {@return the session, for tests; this graph owns it} */
  Session session() {
    return session;
  }

  /** {@return the network, for tests; it belongs to this graph} */
  LeNet lenet() {
    return lenet;
  }

  @Override
  public void close() {
    session.close();
    graph.close();
  }
}
