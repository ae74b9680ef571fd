package io.github.lenet.training;

import io.github.lenet.model.Dropout;
import io.github.lenet.model.FastForward;
import io.github.lenet.model.LeNet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.tensorflow.ConcreteFunction;
import org.tensorflow.DeviceSpec;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TType;

/**
 * Replicas of the network that work side by side, each on its part of a batch: several on a CPU, or
 * one on each of several GPUs. They shard one set of parameters, and what they give together is the
 * loss and the gradients of the whole batch.
 *
 * <p>TensorFlow puts gradients, which have no device of their own, on the first device that there
 * is. Where there are several, a replica with its gradients is therefore a function, whose
 * operations go where the function is called.
 *
 * <p>Operands are in the caller's graph. The functions are closed with this; the graph has copies.
 */
final class Replicas implements AutoCloseable {

  private final Graph graph;
  private final TrainingConfig config;
  private final List<DeviceSpec> devices;
  private final boolean onOneDevice;
  private final boolean onGpu;
  private final List<ConcreteFunction> functions = new ArrayList<>();

  /**
   * Creates nothing in the graph yet.
   *
   * @param graph of the operands that are handed over
   * @param devices of the replicas, one for each
   */
  Replicas(Graph graph, TrainingConfig config, List<DeviceSpec> devices) {
    this.graph = graph;
    this.config = config;
    this.devices = List.copyOf(devices);
    onOneDevice = devices.stream().map(DeviceSpec::toString).distinct().count() == 1;
    onGpu = devices.get(0).deviceType() == DeviceSpec.DeviceType.GPU;
  }

  /** Whether the training metrics can also serve for evaluation. */
  boolean areOnOneDevice() {
    return onOneDevice;
  }

  /**
   * The metrics of a batch.
   *
   * @param meanLoss over the batch, float32 scalar
   * @param correct predictions, float32 scalar
   */
  record MetricOutputs(Operand<TFloat32> meanLoss, Operand<TFloat32> correct) {}

  /**
   * The metrics of a batch and the gradients of its loss.
   *
   * @param metrics before the step
   * @param gradients of the mean loss, in the order of the parameters
   */
  record LossAndGradients(MetricOutputs metrics, List<Operand<TFloat32>> gradients) {}

  /**
   * Computes the metrics and the gradients of a batch.
   *
   * @param trained the network whose parameters are trained
   * @param plain the same for images as they are; a function makes its own
   * @param step whose dropout it is, int64 scalar; none without
   */
  LossAndGradients differentiate(
      Ops tf, LeNet trained, LeNet plain, ImageFeed.Batch batch, Optional<Operand<TInt64>> step) {
    if (onOneDevice) {
      List<ReplicaOutput> outputs = replicas(tf, plain, batch, step);
      return new LossAndGradients(
          sum(tf, outputs.stream().map(ReplicaOutput::metrics).toList()),
          gradients(graph, outputs, trained));
    }
    List<MetricOutputs> metrics = new ArrayList<>();
    List<List<Operand<TFloat32>>> gradients = new ArrayList<>();
    for (int replica = 0; replica < devices.size(); replica++) {
      Shard shard = shard(tf, batch, replica);
      LossAndGradients output = callFunction(shard, trained, replica, step);
      metrics.add(shard.of(output.metrics()));
      gradients.add(output.gradients());
    }
    List<Operand<TFloat32>> sums = new ArrayList<>();
    for (int i = 0; i < trained.parameters().size(); i++) {
      int parameter = i;
      sums.add(tf.math.addN(gradients.stream().map(of -> of.get(parameter)).toList()));
    }
    return new LossAndGradients(sum(tf, metrics), sums);
  }

  /**
   * Computes the metrics of a batch.
   *
   * @param plain the network for images as they are
   * @param step whose dropout it is, int64 scalar; none without
   */
  MetricOutputs evaluate(
      Ops tf, LeNet plain, ImageFeed.Batch batch, Optional<Operand<TInt64>> step) {
    return sum(tf, replicas(tf, plain, batch, step).stream().map(ReplicaOutput::metrics).toList());
  }

  /**
   * The output of a replica for its shard.
   *
   * @param logits float32 {@code [n, classes]}
   * @param logitsGradient of the batch's mean loss by these logits
   */
  private record ReplicaOutput(
      MetricOutputs metrics, Operand<TFloat32> logits, Operand<TFloat32> logitsGradient) {}

  private List<ReplicaOutput> replicas(
      Ops tf, LeNet plain, ImageFeed.Batch batch, Optional<Operand<TInt64>> step) {
    Optional<FastForward> shared =
        onOneDevice ? Optional.of(forward(tf.withSubScope("kernels"), plain)) : Optional.empty();
    List<ReplicaOutput> outputs = new ArrayList<>();
    for (int replica = 0; replica < devices.size(); replica++) {
      Shard shard = shard(tf, batch, replica);
      FastForward forward =
          shared.orElseGet(() -> forward(shard.tf().withSubScope("kernels"), plain));
      ReplicaOutput output =
          replica(shard.tf(), forward, shard.images(), shard.lossScale(), dropout(step, replica));
      outputs.add(
          new ReplicaOutput(shard.of(output.metrics()), output.logits(), output.logitsGradient()));
    }
    return outputs;
  }

  /**
   * The shard of a batch that a replica works on.
   *
   * @param tf where the replica is built
   * @param images its part
   * @param lossScale the factor of its summed loss, float32 scalar
   * @param present 0 if its image does not count, else 1, float32 scalar; always 1 where empty
   */
  private record Shard(
      Ops tf,
      ImageFeed.Images images,
      Operand<TFloat32> lossScale,
      Optional<Operand<TFloat32>> present) {

    /** Without what does not count. */
    MetricOutputs of(MetricOutputs measured) {
      return present
          .map(
              one ->
                  new MetricOutputs(
                      measured.meanLoss(),
                      tf.withDevice(DeviceSelection.HOST).math.mul(measured.correct(), one)))
          .orElse(measured);
    }
  }

  private Shard shard(Ops tf, ImageFeed.Batch batch, int replica) {
    Ops scope = tf.withSubScope("replica" + replica).withDevice(devices.get(replica));
    Operand<TInt32> size = batch.size();
    if (devices.size() == 1) {
      Operand<TFloat32> divisor = tf.dtypes.cast(size, TFloat32.class);
      Operand<TFloat32> lossScale = scope.math.div(scope.constant(1f), divisor);
      return new Shard(scope, batch.whole(), lossScale, Optional.empty());
    }
    Ops host = scope.withDevice(DeviceSelection.HOST);
    BatchPart part = BatchPart.of(host, size, replica, devices.size());
    Operand<TFloat32> present = host.dtypes.cast(part.present(), TFloat32.class);
    Operand<TFloat32> lossScale = host.math.div(present, host.dtypes.cast(size, TFloat32.class));
    return new Shard(scope, batch.part(scope, part), lossScale, Optional.of(present));
  }

  private static MetricOutputs sum(Ops tf, List<MetricOutputs> metrics) {
    if (metrics.size() == 1) {
      return metrics.get(0);
    }
    return new MetricOutputs(
        tf.math.addN(metrics.stream().map(MetricOutputs::meanLoss).toList()),
        tf.withDevice(DeviceSelection.HOST)
            .math
            .addN(metrics.stream().map(MetricOutputs::correct).toList()));
  }

  /**
   * MetricOutputs of several batches as one tensor: what comes from a GPU is waited for one by one.
   *
   * @return mean loss and number of correct predictions of each, float32 {@code [2 · metrics]}
   */
  Operand<TFloat32> stack(Ops tf, List<MetricOutputs> metrics) {
    return (onOneDevice ? tf : tf.withDevice(DeviceSelection.HOST))
        .stack(metrics.stream().flatMap(of -> Stream.of(of.meanLoss(), of.correct())).toList());
  }

  /** Forward and backward of a replica on its device. */
  private LossAndGradients callFunction(
      Shard shard, LeNet trained, int replica, Optional<Operand<TInt64>> step) {
    if (functions.size() == replica) {
      functions.add(function(trained, replica, step.isPresent()));
    }
    Map<String, Operand<?>> arguments = new HashMap<>(trained.parameters());
    arguments.put("images", shard.images().images());
    arguments.put("labels", shard.images().labels());
    arguments.put("loss_scale", shard.lossScale());
    step.ifPresent(number -> arguments.put("step", number));
    Map<String, Operand<?>> results = shard.tf().call(functions.get(replica), arguments);
    return new LossAndGradients(
        new MetricOutputs(
            results.get("loss").asOutput().expect(TFloat32.class),
            results.get("correct").asOutput().expect(TFloat32.class)),
        trained.parameters().keySet().stream()
            .<Operand<TFloat32>>map(
                name -> results.get(gradient(name)).asOutput().expect(TFloat32.class))
            .toList());
  }

  /** Of parameters and images: loss, correct predictions, gradients. */
  private ConcreteFunction function(LeNet trained, int replica, boolean hasStep) {
    try (Graph inside = new Graph()) {
      Ops tf = Ops.create(inside);
      Signature.Builder signature = Signature.builder("replica" + replica);
      Map<String, Operand<TFloat32>> parameters = new LinkedHashMap<>();
      trained
          .parameters()
          .forEach((name, of) -> parameters.put(name, argument(tf, TFloat32.class, of.shape())));
      parameters.forEach(signature::input);
      LeNet copy = LeNet.of(config.architecture(), parameters);
      Shape shape =
          Shape.of(-1, config.architecture().imageHeight(), config.architecture().imageWidth());
      ImageFeed.Images images =
          new ImageFeed.Images(
              argument(tf, TUint8.class, shape), argument(tf, TUint8.class, Shape.of(-1)));
      signature.input("images", images.images()).input("labels", images.labels());
      Operand<TFloat32> lossScale = argument(tf, TFloat32.class, Shape.scalar());
      signature.input("loss_scale", lossScale);
      Optional<Operand<TInt64>> step =
          hasStep ? Optional.of(argument(tf, TInt64.class, Shape.scalar())) : Optional.empty();
      step.ifPresent(number -> signature.input("step", number));

      ReplicaOutput output =
          replica(tf, forward(tf, plain(tf, copy)), images, lossScale, dropout(step, replica));
      signature
          .output("loss", output.metrics().meanLoss())
          .output("correct", output.metrics().correct());
      Iterator<Operand<TFloat32>> gradients = gradients(inside, List.of(output), copy).iterator();
      parameters.keySet().forEach(name -> signature.output(gradient(name), gradients.next()));
      return ConcreteFunction.create(signature.build(), inside);
    }
  }

  private static <T extends TType> Operand<T> argument(Ops tf, Class<T> type, Shape shape) {
    return tf.placeholder(type, Placeholder.shape(shape));
  }

  private static String gradient(String parameter) {
    return parameter + "/gradient";
  }

  private static List<Operand<TFloat32>> gradients(
      Graph graph, List<ReplicaOutput> outputs, LeNet trained) {
    Output<?>[] gradients =
        graph.addGradients(
            null,
            outputs(outputs.stream().map(ReplicaOutput::logits)),
            outputs(trained.parameters().values().stream()),
            outputs(outputs.stream().map(ReplicaOutput::logitsGradient)));
    return Stream.of(gradients)
        .<Operand<TFloat32>>map(gradient -> gradient.expect(TFloat32.class))
        .toList();
  }

  private static Output<?>[] outputs(Stream<Operand<TFloat32>> operands) {
    return operands.map(Operand::asOutput).toArray(Output<?>[]::new);
  }

  private FastForward forward(Ops tf, LeNet plain) {
    return onGpu ? FastForward.layerByLayer(plain) : FastForward.of(tf, plain);
  }

  /** The network for images as they are. */
  LeNet plain(Ops tf, LeNet trained) {
    return config
        .standardization()
        .map(standardization -> standardization.plain(tf, trained))
        .orElse(trained);
  }

  /**
   * Runs a replica on its shard. The loss is scaled here, to its part of the batch's mean: if the
   * sum were divided later, the gradients of one replica would wait for the loss of the other.
   */
  private ReplicaOutput replica(
      Ops tf,
      FastForward forward,
      ImageFeed.Images images,
      Operand<TFloat32> lossScale,
      Optional<Dropout> dropout) {
    Operand<TFloat32> logits =
        dropout.isPresent()
            ? forward.logits(tf, images.images(), dropout.get())
            : forward.logits(tf, images.images());
    CrossEntropy loss =
        CrossEntropy.of(
            tf, images.labels(), logits, lossScale, config.architecture().classes(), onGpu);
    return new ReplicaOutput(
        new MetricOutputs(loss.scaledLoss(), Evaluator.correct(tf, images.labels(), logits)),
        logits,
        loss.logitsGradient());
  }

  /** Each replica has its own dropout seed, distinct from the initializer's. */
  private Optional<Dropout> dropout(Optional<Operand<TInt64>> step, int replica) {
    return step.map(
        number -> new Dropout(config.dropout(), config.seed() ^ (replica + 1L) << 48, number));
  }

  /** Closes the functions. */
  @Override
  public void close() {
    functions.forEach(ConcreteFunction::close);
  }
}
