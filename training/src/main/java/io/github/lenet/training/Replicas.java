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
 * one on each of several GPUs. They share one set of parameters, and what they give together is the
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

  /** Whether a {@link #measure} on the way to the gradients does for an evaluation, too. */
  boolean areOnOneDevice() {
    return onOneDevice;
  }

  /**
   * What a batch gives.
   *
   * @param meanLoss over the batch, float32 scalar
   * @param correct answers, float32 scalar
   */
  record Measures(Operand<TFloat32> meanLoss, Operand<TFloat32> correct) {}

  /**
   * What a batch teaches.
   *
   * @param measures before the step
   * @param gradients of the mean loss, in the order of the parameters
   */
  record Lesson(Measures measures, List<Operand<TFloat32>> gradients) {}

  /**
   * Measures a batch and differentiates.
   *
   * @param trained the network whose parameters are trained
   * @param plain the same for images as they are; a function makes its own
   * @param step whose dropout it is, int64 scalar; none without
   */
  Lesson learn(
      Ops tf, LeNet trained, LeNet plain, ImageFeed.Batch batch, Optional<Operand<TInt64>> step) {
    if (onOneDevice) {
      List<Pass> passes = passes(tf, plain, batch, step);
      return new Lesson(
          sum(tf, passes.stream().map(Pass::measures).toList()), gradients(graph, passes, trained));
    }
    List<Measures> measures = new ArrayList<>();
    List<List<Operand<TFloat32>>> gradients = new ArrayList<>();
    for (int replica = 0; replica < devices.size(); replica++) {
      Share share = share(tf, batch, replica);
      Lesson lesson = callFunction(share, trained, replica, step);
      measures.add(share.of(lesson.measures()));
      gradients.add(lesson.gradients());
    }
    List<Operand<TFloat32>> sums = new ArrayList<>();
    for (int i = 0; i < trained.parameters().size(); i++) {
      int parameter = i;
      sums.add(tf.math.addN(gradients.stream().map(of -> of.get(parameter)).toList()));
    }
    return new Lesson(sum(tf, measures), sums);
  }

  /**
   * Measures a batch.
   *
   * @param plain the network for images as they are
   * @param step whose dropout it is, int64 scalar; none without
   */
  Measures measure(Ops tf, LeNet plain, ImageFeed.Batch batch, Optional<Operand<TInt64>> step) {
    return sum(tf, passes(tf, plain, batch, step).stream().map(Pass::measures).toList());
  }

  /**
   * What a replica has made of its part.
   *
   * @param logits float32 {@code [n, classes]}
   * @param slope of the batch's mean loss by these logits
   */
  private record Pass(Measures measures, Operand<TFloat32> logits, Operand<TFloat32> slope) {}

  private List<Pass> passes(
      Ops tf, LeNet plain, ImageFeed.Batch batch, Optional<Operand<TInt64>> step) {
    Optional<FastForward> shared =
        onOneDevice ? Optional.of(forward(tf.withSubScope("kernels"), plain)) : Optional.empty();
    List<Pass> passes = new ArrayList<>();
    for (int replica = 0; replica < devices.size(); replica++) {
      Share share = share(tf, batch, replica);
      FastForward forward =
          shared.orElseGet(() -> forward(share.tf().withSubScope("kernels"), plain));
      Pass pass = pass(share.tf(), forward, share.images(), share.ofMean(), dropout(step, replica));
      passes.add(new Pass(share.of(pass.measures()), pass.logits(), pass.slope()));
    }
    return passes;
  }

  /**
   * A replica's share of a batch.
   *
   * @param tf where the replica is built
   * @param images its part
   * @param ofMean what its summed loss is to be multiplied by, float32 scalar
   * @param present 0 if its image does not count, else 1, float32 scalar; always 1 where empty
   */
  private record Share(
      Ops tf,
      ImageFeed.Images images,
      Operand<TFloat32> ofMean,
      Optional<Operand<TFloat32>> present) {

    /** Without what does not count. */
    Measures of(Measures measured) {
      return present
          .map(
              one ->
                  new Measures(
                      measured.meanLoss(),
                      tf.withDevice(DeviceSelection.HOST).math.mul(measured.correct(), one)))
          .orElse(measured);
    }
  }

  private Share share(Ops tf, ImageFeed.Batch batch, int replica) {
    Ops scope = tf.withSubScope("replica" + replica).withDevice(devices.get(replica));
    Operand<TInt32> size = batch.size();
    if (devices.size() == 1) {
      Operand<TFloat32> divisor = tf.dtypes.cast(size, TFloat32.class);
      Operand<TFloat32> ofMean = scope.math.div(scope.constant(1f), divisor);
      return new Share(scope, batch.whole(), ofMean, Optional.empty());
    }
    Ops host = scope.withDevice(DeviceSelection.HOST);
    BatchPart part = BatchPart.of(host, size, replica, devices.size());
    Operand<TFloat32> present = host.dtypes.cast(part.present(), TFloat32.class);
    Operand<TFloat32> ofMean = host.math.div(present, host.dtypes.cast(size, TFloat32.class));
    return new Share(scope, batch.part(scope, part), ofMean, Optional.of(present));
  }

  private static Measures sum(Ops tf, List<Measures> measures) {
    if (measures.size() == 1) {
      return measures.get(0);
    }
    return new Measures(
        tf.math.addN(measures.stream().map(Measures::meanLoss).toList()),
        tf.withDevice(DeviceSelection.HOST)
            .math
            .addN(measures.stream().map(Measures::correct).toList()));
  }

  /**
   * Measures of several batches as one tensor: what comes from a GPU is waited for one by one.
   *
   * @return mean loss and number of correct answers of each, float32 {@code [2 · measures]}
   */
  Operand<TFloat32> stack(Ops tf, List<Measures> measures) {
    return (onOneDevice ? tf : tf.withDevice(DeviceSelection.HOST))
        .stack(measures.stream().flatMap(of -> Stream.of(of.meanLoss(), of.correct())).toList());
  }

  /** Forward and backward of a replica on its device. */
  private Lesson callFunction(
      Share share, LeNet trained, int replica, Optional<Operand<TInt64>> step) {
    if (functions.size() == replica) {
      functions.add(function(trained, replica, step.isPresent()));
    }
    Map<String, Operand<?>> arguments = new HashMap<>(trained.parameters());
    arguments.put("images", share.images().images());
    arguments.put("labels", share.images().labels());
    arguments.put("of_mean", share.ofMean());
    step.ifPresent(number -> arguments.put("step", number));
    Map<String, Operand<?>> results = share.tf().call(functions.get(replica), arguments);
    return new Lesson(
        new Measures(
            results.get("loss").asOutput().expect(TFloat32.class),
            results.get("correct").asOutput().expect(TFloat32.class)),
        trained.parameters().keySet().stream()
            .<Operand<TFloat32>>map(
                name -> results.get(gradient(name)).asOutput().expect(TFloat32.class))
            .toList());
  }

  /** Of parameters and images: loss, correct answers, gradients. */
  private ConcreteFunction function(LeNet trained, int replica, boolean hasStep) {
    try (Graph inside = new Graph()) {
      Ops tf = Ops.create(inside);
      Signature.Builder signature = Signature.builder("replica" + replica);
      Map<String, Operand<TFloat32>> parameters = new LinkedHashMap<>();
      trained
          .parameters()
          .forEach((name, of) -> parameters.put(name, argument(tf, TFloat32.class, of.shape())));
      parameters.forEach(signature::input);
      LeNet copy = LeNet.of(config.model(), parameters);
      Shape shape = Shape.of(-1, config.model().imageHeight(), config.model().imageWidth());
      ImageFeed.Images images =
          new ImageFeed.Images(
              argument(tf, TUint8.class, shape), argument(tf, TUint8.class, Shape.of(-1)));
      signature.input("images", images.images()).input("labels", images.labels());
      Operand<TFloat32> ofMean = argument(tf, TFloat32.class, Shape.scalar());
      signature.input("of_mean", ofMean);
      Optional<Operand<TInt64>> step =
          hasStep ? Optional.of(argument(tf, TInt64.class, Shape.scalar())) : Optional.empty();
      step.ifPresent(number -> signature.input("step", number));

      Pass pass = pass(tf, forward(tf, plain(tf, copy)), images, ofMean, dropout(step, replica));
      signature
          .output("loss", pass.measures().meanLoss())
          .output("correct", pass.measures().correct());
      Iterator<Operand<TFloat32>> gradients = gradients(inside, List.of(pass), copy).iterator();
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

  private static List<Operand<TFloat32>> gradients(Graph graph, List<Pass> passes, LeNet trained) {
    Output<?>[] gradients =
        graph.addGradients(
            null,
            outputs(passes.stream().map(Pass::logits)),
            outputs(trained.parameters().values().stream()),
            outputs(passes.stream().map(Pass::slope)));
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
   * A replica's way through its part. The loss is a share of the batch's mean: were the sum divided
   * later, the gradients of one replica would wait for the loss of the other.
   */
  private Pass pass(
      Ops tf,
      FastForward forward,
      ImageFeed.Images images,
      Operand<TFloat32> ofMean,
      Optional<Dropout> dropout) {
    Operand<TFloat32> logits = forward.logits(tf, images.images(), dropout);
    CrossEntropy loss =
        CrossEntropy.of(tf, images.labels(), logits, ofMean, config.model().classes(), onGpu);
    return new Pass(
        new Measures(loss.shareOfMean(), Evaluator.correct(tf, images.labels(), logits)),
        logits,
        loss.slope());
  }

  /** Other choices in every replica, and not those of the initial kernels' generator either. */
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
