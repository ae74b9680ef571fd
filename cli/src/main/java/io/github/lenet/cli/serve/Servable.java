package io.github.lenet.cli.serve;

import io.github.lenet.model.LeNetModel;
import io.github.lenet.model.ModelSignature;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.exceptions.TFInvalidArgumentException;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.RunOptions;

/**
 * One version of a model, loaded: a graph with the signatures of {@link ModelSignature}, its
 * parameters as constants. A run happens in the thread that asks for it, from its first operation
 * to its last. Any number of threads may ask at the same time.
 */
final class Servable implements AutoCloseable {

  // As the classifier runs its graph, and for the same reasons (see LeNetClassifier).
  private static final ConfigProto SESSION_CONFIG =
      ConfigProto.newBuilder()
          .setInterOpParallelismThreads(1)
          .setIntraOpParallelismThreads(1)
          .setUsePerSessionThreads(true)
          .putDeviceCount("GPU", 0)
          .build();

  private static final RunOptions IN_THE_CALLERS_THREAD =
      RunOptions.newBuilder().setInterOpThreadPool(-1).build();

  private final long version;
  private final LeNetModel model;
  private final Graph graph = new Graph();
  private final Session session;
  private final Map<String, ModelSignature> signatures = new LinkedHashMap<>();
  private final Map<String, SignatureDef> specs = new LinkedHashMap<>();

  /**
   * Builds it.
   *
   * @param version its number
   * @param model the network
   */
  Servable(long version, LeNetModel model) {
    this.version = version;
    this.model = model;
    Ops tf = Ops.create(graph);
    for (ModelSignature signature :
        ModelSignature.buildForCpu(
            tf, model.build(tf.withSubScope("parameters")), model.classNames())) {
      signatures.put(signature.key(), signature);
      specs.put(signature.key(), SignatureDef.of(signature));
    }
    session = new Session(graph, SESSION_CONFIG);
  }

  long version() {
    return version;
  }

  /** What the network looks like, and which images it takes. */
  LeNetModel model() {
    return model;
  }

  /** All of them, by name. */
  Map<String, SignatureDef> signatures() {
    return specs;
  }

  /** One of them. */
  Optional<SignatureDef> signature(String key) {
    return Optional.ofNullable(specs.get(key));
  }

  /**
   * Runs the network.
   *
   * @param key one of {@link #signatures()}
   * @param inputs all of the signature's, with the same number of rows, at least one
   * @return the signature's outputs, by name, in its order, with as many rows
   * @throws StatusException if TensorFlow can't parse the examples
   */
  Map<String, HeapTensor> run(String key, Map<String, HeapTensor> inputs) throws StatusException {
    ModelSignature signature = signatures.get(key);
    Session.Runner runner = session.runner().setOptions(IN_THE_CALLERS_THREAD);
    Map<String, Tensor> fed = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, Operand<?>> input : signature.inputs().entrySet()) {
        Tensor tensor = inputs.get(input.getKey()).toTensor();
        fed.put(input.getKey(), tensor);
        runner.feed(input.getValue().asOutput(), tensor);
      }
      signature.outputs().values().forEach(runner::fetch);
      try (Result result = runner.run()) {
        Map<String, HeapTensor> outputs = new LinkedHashMap<>();
        for (String name : signature.outputs().keySet()) {
          outputs.put(name, HeapTensor.copyOf(result.get(outputs.size())));
        }
        return outputs;
      }
    } catch (TFInvalidArgumentException e) {
      if (!signature.methodName().equals(ModelSignature.CLASSIFY)) {
        throw e; // the shape was right, so it is the graph's fault
      }
      throw StatusException.invalid(e.getMessage().lines().findFirst().orElse(""));
    } finally {
      fed.values().forEach(Tensor::close);
    }
  }

  /**
   * Runs the signatures that take numbers, once with one row and once with many, on black images.
   *
   * @throws StatusException if it does not work
   */
  void warmUp(int rows) throws StatusException {
    for (SignatureDef signature : specs.values()) {
      if (signature.methodName().equals(ModelSignature.PREDICT)) {
        for (int n : new int[] {1, rows}) {
          Map<String, HeapTensor> inputs = new LinkedHashMap<>();
          signature.inputs().forEach((name, port) -> inputs.put(name, HeapTensor.zeros(port, n)));
          run(signature.key(), inputs);
        }
      }
    }
  }

  /** Gives the memory back; nothing may be running. */
  @Override
  public void close() {
    session.close(); // first: a graph waits for its sessions
    graph.close();
  }
}
