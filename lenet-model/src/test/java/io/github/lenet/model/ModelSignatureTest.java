package io.github.lenet.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TUint8;

/** The signatures for a CPU beside those layer by layer, which a SavedModel has. */
@ExtendWith(OwnGraphs.class)
class ModelSignatureTest {

  private static final int IMAGES = 9;

  static Stream<LeNetConfig> architectures() {
    List<Integer> channels = List.of(6, 16);
    return Stream.of(
        LeNetConfig.classic(),
        LeNetConfig.builder()
            .channels(channels)
            .pooling(Pooling.MAX)
            .denseUnits(30)
            .activation(Activation.RELU)
            .build(),
        LeNetConfig.builder()
            .imageSize(30, 22)
            .kernelSize(3)
            .channels(4)
            .denseUnits()
            .activation(Activation.TANH)
            .classes(3)
            .build(),
        LeNetConfig.builder()
            .imageSize(32, 32)
            .kernelSize(3)
            .channels(12, 8)
            .pooling(Pooling.MAX)
            .denseUnits(9)
            .activation(Activation.RELU)
            .classes(4)
            .build());
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void areTheSameUpToRounding(LeNetConfig architecture) {
    LeNetModel model = SavedModels.random(architecture, 5);
    Map<String, Object> byLayers = run(model, false);
    Map<String, Object> forCpu = run(model, true);

    assertEquals(byLayers.keySet(), forCpu.keySet());
    byLayers.forEach(
        (name, values) -> {
          if (values instanceof float[] numbers) {
            float delta = name.startsWith("layers") ? 0 : 1e-5f;
            assertArrayEquals(numbers, (float[]) forCpu.get(name), delta, name);
          } else {
            assertEquals(values, forCpu.get(name), name);
          }
        });
  }

  /** The outputs of the three signatures that take images, and the names of all tensors. */
  private static Map<String, Object> run(LeNetModel model, boolean forCpu) {
    try (Graph graph = new Graph();
        Session session = new Session(graph);
        TUint8 images = images(model.architecture());
        TFloat32 scaled = scaled(images)) {
      Ops tf = Ops.create(graph);
      LeNet lenet = model.build(tf.withSubScope("parameters"));
      List<ModelSignature> signatures =
          forCpu
              ? ModelSignature.buildForCpu(tf, lenet, model.classNames())
              : ModelSignature.build(tf, lenet, model.classNames());
      Map<String, Object> found = new LinkedHashMap<>();
      for (ModelSignature signature : signatures) {
        signature.inputs().forEach((name, input) -> found.put(signature.key() + name, of(input)));
        signature
            .outputs()
            .forEach((name, output) -> found.put(signature.key() + " as " + name, of(output)));
        if (signature.methodName().equals(ModelSignature.PREDICT)) {
          boolean takesScaled = signature.key().equals(ModelSignature.SCALED);
          Session.Runner runner =
              session
                  .runner()
                  .feed(signature.inputs().get("images").asOutput(), takesScaled ? scaled : images);
          List<String> names = new ArrayList<>(signature.outputs().keySet());
          names.remove("labels");
          names.forEach(name -> runner.fetch(signature.outputs().get(name)));
          try (Result result = runner.run()) {
            for (String name : names) {
              var tensor = result.get(names.indexOf(name));
              found.put(
                  signature.key() + "/" + name,
                  tensor instanceof TInt64 classes
                      ? classes.streamOfObjects().toList()
                      : InferenceGraph.values((TFloat32) tensor));
            }
          }
        }
      }
      return found;
    }
  }

  private static String of(Operand<?> operand) {
    return operand.op().name() + " " + operand.type().getSimpleName() + operand.shape();
  }

  private static TUint8 images(LeNetConfig architecture) {
    byte[] pixels = new byte[IMAGES * architecture.imageHeight() * architecture.imageWidth()];
    new Random(3).nextBytes(pixels);
    return TUint8.tensorOf(
        Shape.of(IMAGES, architecture.imageHeight(), architecture.imageWidth()),
        DataBuffers.of(pixels));
  }

  private static TFloat32 scaled(TUint8 images) {
    TFloat32 scaled = TFloat32.tensorOf(images.shape().append(1));
    for (long i = 0; i < images.size(); i++) {
      int pixel = Byte.toUnsignedInt(images.asRawTensor().data().getByte(i));
      scaled.asRawTensor().data().asFloats().setFloat(pixel / 255f, i);
    }
    return scaled;
  }
}
