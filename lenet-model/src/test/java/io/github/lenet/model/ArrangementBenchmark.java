package io.github.lenet.model;

import io.github.lenet.model.internal.GraphLocale;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.RunOptions;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TUint8;

/**
 * What the two peculiarities of {@link InferenceGraph} gain: the session calls of a graph with
 * neither, with patches from the heap, and with dense layers without oneDNN as well. The time is
 * that of a call, p0.50 the median.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime) // its median: another process may take the core
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ArrangementBenchmark {

  private static final RunOptions IN_THE_CALLERS_THREAD =
      RunOptions.newBuilder().setInterOpThreadPool(-1).build();

  /** The arrangements. */
  public enum Arrangement {
    /** Patches by TensorFlow, dense layers by oneDNN, as in a training. */
    TRAINING,
    /** Patches from the heap. */
    PATCHES,
    /** Patches from the heap, dense layers without oneDNN: {@link InferenceGraph}. */
    INFERENCE
  }

  @Param public Arrangement arrangement;

  @Param({"1", "250"})
  public int images;

  private List<byte[]> pixels;
  private Graph graph;
  private Session session;
  private Operand<TUint8> input;
  private Operand<TFloat32> probabilities;

  @Setup
  public void open() throws IOException {
    Random random = new Random(1);
    pixels =
        Stream.generate(() -> new byte[28 * 28]).limit(images).peek(random::nextBytes).toList();
    GraphLocale.enter();
    try {
      graph = new Graph();
      Ops tf = Ops.create(graph);
      LeNet lenet = LeNetModel.pretrained().build(tf);
      boolean isTraining = arrangement == Arrangement.TRAINING;
      Shape shape = isTraining ? Shape.of(-1, 28, 28) : Shape.of(-1, ImagePatches.SIZE);
      input = tf.placeholder(TUint8.class, Placeholder.shape(shape));
      FastForward forward =
          FastForward.of(tf, arrangement == Arrangement.INFERENCE ? lenet.forInference() : lenet);
      probabilities =
          tf.nn.softmax(
              isTraining ? forward.logits(tf, input) : forward.logitsOfPatches(tf, input));
      session = new Session(graph, InferenceGraph.SESSION_CONFIG);
    } finally {
      GraphLocale.exit();
    }
  }

  @TearDown
  public void close() {
    session.close();
    graph.close();
  }

  @Benchmark
  public float[] call() {
    try (TUint8 batch = input();
        Result result =
            session
                .runner()
                .setOptions(IN_THE_CALLERS_THREAD)
                .feed(input, batch)
                .fetch(probabilities)
                .run()) {
      return InferenceGraph.values((TFloat32) result.get(0));
    }
  }

  private TUint8 input() {
    if (arrangement != Arrangement.TRAINING) {
      byte[] patches = ImagePatches.of(pixels, 28, 28);
      Shape shape = Shape.of(patches.length / ImagePatches.SIZE, ImagePatches.SIZE);
      return TUint8.tensorOf(shape, DataBuffers.of(patches));
    }
    byte[] all = new byte[images * 28 * 28];
    for (int i = 0; i < images; i++) {
      System.arraycopy(pixels.get(i), 0, all, i * 28 * 28, 28 * 28);
    }
    return TUint8.tensorOf(Shape.of(images, 28, 28), DataBuffers.of(all));
  }
}
