package io.github.lenet.model;

import io.github.lenet.model.internal.GraphLocale;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.RunOptions;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TUint8;

/**
 * A graph and a session that turn images into probabilities. The parameters are constants, so
 * TensorFlow computes everything that depends only on them once, in the first session call.
 *
 * <p>A session call executes all operations in the caller's thread. Any number of threads may call
 * at the same time, and none waits for another.
 */
final class InferenceGraph implements AutoCloseable {

  static final ConfigProto SESSION_CONFIG =
      ConfigProto.newBuilder()
          .setInterOpParallelismThreads(1)
          .setIntraOpParallelismThreads(1)
          .setUsePerSessionThreads(true) // else the process's first session sets them
          .putDeviceCount("GPU", 0)
          .build();

  /**
   * Executes a session call in the caller's thread, which saves two thread switches. The session's
   * own setting, {@code inter_op_parallelism_threads = -1}, has no effect together with {@code
   * use_per_session_threads}: direct_session.cc reads it for the process's pool only.
   */
  private static final RunOptions IN_THE_CALLERS_THREAD =
      RunOptions.newBuilder().setInterOpThreadPool(-1).build();

  private final LeNetConfig config;
  private final Graph graph = new Graph();
  private final Session session;
  private final boolean cutsPatches;
  private final Operand<TUint8> input;
  private final Operand<TFloat32> probabilities;

  InferenceGraph(LeNetModel model) {
    config = model.architecture();
    cutsPatches = FastForward.fits(config);
    GraphLocale.enter();
    try {
      Ops tf = Ops.create(graph);
      Shape shape =
          cutsPatches
              ? Shape.of(-1, ImagePatches.SIZE)
              : Shape.of(-1, config.imageHeight(), config.imageWidth());
      input = tf.placeholder(TUint8.class, Placeholder.shape(shape));
      FastForward forward = FastForward.of(tf, model.build(tf).forInference());
      probabilities =
          tf.nn.softmax(
              cutsPatches ? forward.logitsOfPatches(tf, input) : forward.logits(tf, input));
      session = new Session(graph, SESSION_CONFIG);
    } finally {
      GraphLocale.exit();
    }
  }

  /**
   * Computes all images in one session call.
   *
   * @param images at least one, each height × width bytes
   * @return {@code [n][classes]}
   */
  float[][] probabilities(List<byte[]> images) {
    try (TUint8 batch = input(images);
        Result result =
            session
                .runner()
                .setOptions(IN_THE_CALLERS_THREAD)
                .feed(input, batch)
                .fetch(probabilities)
                .run()) {
      float[] flat = values((TFloat32) result.get(0));
      float[][] rows = new float[images.size()][];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = Arrays.copyOfRange(flat, i * config.classes(), (i + 1) * config.classes());
      }
      return rows;
    }
  }

  /** {@return the images as the graph takes them; the caller closes the tensor} */
  private TUint8 input(List<byte[]> images) {
    int height = config.imageHeight();
    int width = config.imageWidth();
    if (cutsPatches) {
      byte[] patches = ImagePatches.of(images, height, width);
      Shape shape = Shape.of(patches.length / ImagePatches.SIZE, ImagePatches.SIZE);
      return TUint8.tensorOf(shape, DataBuffers.of(patches));
    }
    ByteBuffer pixels = ByteBuffer.allocate(images.size() * height * width);
    images.forEach(pixels::put);
    return TUint8.tensorOf(Shape.of(images.size(), height, width), DataBuffers.of(pixels.array()));
  }

  /** {@return a copy of all numbers, row by row} */
  static float[] values(TFloat32 tensor) {
    float[] copy = new float[(int) tensor.size()];
    tensor.asRawTensor().data().asFloats().read(copy);
    return copy;
  }

  @Override
  public void close() {
    session.close(); // before the graph, which waits for its sessions
    graph.close();
  }
}
