package io.github.lenet.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TUint8;

@ExtendWith(OwnGraphs.class)
class LeNetTest {

  @Test
  void everyLayerHasTheShapeOfItsConfig() {
    LeNetConfig config = LeNetConfig.classic();
    try (Graph graph = new Graph();
        Session session = new Session(graph);
        TUint8 images = TUint8.tensorOf(Shape.of(3, 28, 28))) {
      Ops tf = Ops.create(graph);
      Operand<TUint8> input = input(tf, config);
      ForwardPass pass = LeNet.build(tf, config, 1).forward(tf, input);

      assertEquals(
          config.layers().stream().map(Layer::name).toList(), List.copyOf(pass.outputs().keySet()));
      for (Layer layer : config.layers()) {
        try (var result =
            session.runner().feed(input, images).fetch(pass.layer(layer.name())).run()) {
          assertEquals(layer.outputShape().prepend(3), result.get(0).shape(), layer.name());
        }
      }
    }
  }

  @Test
  void parametersAreNamedAfterTheirLayers() {
    try (Graph graph = new Graph()) {
      LeNet lenet = LeNet.build(Ops.create(graph), LeNetConfig.classic(), 1);

      assertEquals(10, lenet.parameters().size());
      lenet.parameters().forEach((name, variable) -> assertEquals(name, variable.op().name()));
      assertEquals(
          61_706, lenet.parameters().values().stream().mapToLong(v -> v.shape().size()).sum());
    }
  }

  @Test
  void forwardPassesShareOneSetOfParameters() {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      LeNet lenet = LeNet.build(tf, LeNetConfig.classic(), 1);
      long before = variables(graph);
      Operand<TUint8> input = input(tf, lenet.config());
      ForwardPass first = lenet.forward(tf.withSubScope("first"), input);
      ForwardPass second = lenet.forward(tf.withSubScope("second"), input);

      assertEquals(10, before);
      assertEquals(10, variables(graph));
      try (TUint8 images = images(5, 28, 28);
          var result =
              session
                  .runner()
                  .feed(input, images)
                  .fetch(first.logits())
                  .fetch(second.logits())
                  .run()) {
        assertEquals(result.get(0), result.get(1));
      }
    }
  }

  @Test
  void theSameNetworkOverConstants() {
    LeNetConfig config = LeNetConfig.classic();
    LeNetModel model = SavedModels.random(config, 4);
    try (Graph graph = new Graph();
        Session session = new Session(graph);
        TUint8 images = images(1, 28, 28)) {
      Ops tf = Ops.create(graph);
      LeNet lenet = model.build(tf);
      Operand<TUint8> input = input(tf, config);
      Operand<TFloat32> output = lenet.forward(tf, input).logits();

      assertEquals(0, variables(graph));
      double[] expected = new PlainNetwork(config, model.parameters()).logits(pixels(images));
      try (var result = session.runner().feed(input, images).fetch(output).run()) {
        for (int c = 0; c < 10; c++) {
          assertEquals(expected[c], ((TFloat32) result.get(0)).getFloat(0, c), 1e-4);
        }
      }
    }
  }

  @Test
  void namesTheParameterThatDoesNotFit() {
    LeNetConfig config = LeNetConfig.classic();
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Map<String, Operand<TFloat32>> parameters =
          new LinkedHashMap<>(SavedModels.random(config, 4).build(tf).parameters());
      Operand<TFloat32> kernel = parameters.remove("conv2/kernel");

      assertMessage("found [conv1/kernel, conv1/bias, conv2/bias,", config, parameters);
      parameters.put("conv2/kernel", tf.reshape(kernel, tf.constant(new int[] {5, 5, 16, 6})));
      assertMessage(
          "conv2/kernel: expected shape [5, 5, 6, 16], found [5, 5, 16, 6]", config, parameters);
      parameters.put("conv2/kernel", kernel);
      assertEquals(
          List.copyOf(LeNet.parameterShapes(config).keySet()),
          List.copyOf(LeNet.of(config, parameters).parameters().keySet()));
      parameters.put("conv3/kernel", kernel);
      assertMessage("conv3/kernel]", config, parameters);
    }
  }

  private static void assertMessage(
      String part, LeNetConfig config, Map<String, Operand<TFloat32>> parameters) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> LeNet.of(config, parameters))
            .getMessage();
    assertTrue(message.contains(part), message);
  }

  @Test
  void namesTheLayersThereAre() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      LeNet lenet = LeNet.build(tf, LeNetConfig.classic(), 1);
      ForwardPass pass = lenet.forward(tf, input(tf, lenet.config()));

      String message =
          assertThrows(IllegalArgumentException.class, () -> pass.layer("fc1")).getMessage();
      assertTrue(message.contains("'fc1'") && message.contains("dense1"), message);
    }
  }

  private static Operand<TUint8> input(Ops tf, LeNetConfig config) {
    Shape shape = Shape.of(-1, config.imageHeight(), config.imageWidth());
    return tf.placeholder(TUint8.class, Placeholder.shape(shape));
  }

  private static TUint8 images(int n, int height, int width) {
    Random random = new Random(5);
    TUint8 images = TUint8.tensorOf(Shape.of(n, height, width));
    images.scalars().forEach(pixel -> pixel.setByte((byte) random.nextInt(256)));
    return images;
  }

  private static byte[] pixels(TUint8 images) {
    byte[] copy = new byte[(int) images.size()];
    images.asRawTensor().data().read(copy);
    return copy;
  }

  private static long variables(Graph graph) {
    long count = 0;
    for (var operations = graph.operations(); operations.hasNext(); ) {
      count += operations.next().type().equals("VariableV2") ? 1 : 0;
    }
    return count;
  }
}
