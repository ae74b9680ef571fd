package io.github.lenet.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TUint8;

/** Models for tests: drawn at random, and written with as little of this module as possible. */
public final class SavedModels {

  private static final List<String> PARTS = List.of("kernel", "bias");

  private SavedModels() {}

  /** A network with random numbers that are large enough to matter. */
  public static LeNetModel random(LeNetConfig config, long seed) {
    Random random = new Random(seed);
    Map<String, float[]> parameters = new LinkedHashMap<>();
    for (Layer layer : config.layers()) {
      layer
          .kernelShape()
          .ifPresent(
              kernel -> {
                int outputs = (int) kernel.get(kernel.numDimensions() - 1);
                float scale = (float) Math.sqrt(2.0 * outputs / kernel.size());
                parameters.put(layer.name() + "/kernel", numbers(kernel.size(), scale, random));
                parameters.put(layer.name() + "/bias", numbers(outputs, 0.5f, random));
              });
    }
    return LeNetModel.of(
        config,
        IntStream.range(0, config.classes()).mapToObj(c -> "class " + c).toList(),
        parameters);
  }

  private static float[] numbers(long count, float scale, Random random) {
    float[] values = new float[(int) count];
    for (int i = 0; i < values.length; i++) {
      values[i] = scale * (float) random.nextGaussian();
    }
    return values;
  }

  /** By other means than {@link LeNetModel#save}, and without checksums. */
  static void write(LeNetModel model, Path directory) throws IOException {
    write(model, model.architecture().toText(), directory);
  }

  /** With any text as the architecture. */
  static void write(LeNetModel model, String architecture, Path directory) throws IOException {
    write(model, model.parameters(), architecture, directory);
  }

  /** With any numbers as the parameters, too. */
  static void write(
      LeNetModel model, Map<String, float[]> parameters, String architecture, Path directory)
      throws IOException {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      tf.withName("architecture").constant(architecture);
      tf.withName("preprocessing").constant(model.preprocessor().toText());
      tf.withName("class_names")
          .constant(NdArrays.vectorOfObjects(model.classNames().toArray(String[]::new)));
      Map<String, Shape> shapes = LeNet.parameterShapes(model.architecture());
      for (Layer layer : model.architecture().layers()) {
        Ops scope = tf.withSubScope(layer.name()); // a second one would be called conv1_1
        for (String part : layer.kernelShape().isPresent() ? PARTS : List.<String>of()) {
          String name = layer.name() + "/" + part;
          float[] values = parameters.get(name);
          scope.withName(part).variable(tf.constant(shapes.get(name), DataBuffers.of(values)));
        }
      }
      Operand<TUint8> images = tf.placeholder(TUint8.class, Placeholder.shape(Shape.of(-1, 1, 1)));
      Signature signature =
          Signature.builder().input("images", images).output("same", tf.identity(images)).build();
      session.initialize();
      SavedModelBundle.exporter(directory.toString())
          .withFunction(session.function(signature))
          .export();
    }
  }
}
