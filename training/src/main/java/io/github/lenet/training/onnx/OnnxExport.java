package io.github.lenet.training.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.github.lenet.model.ImagePreprocessor;
import io.github.lenet.model.Layer;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.LeNetModel;
import io.github.lenet.model.Pooling;
import io.github.lenet.model.internal.AtomicFile;
import io.github.lenet.model.internal.ScratchDirectory;
import io.github.lenet.training.internal.io.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.tensorflow.ndarray.Shape;

/**
 * Writes a {@link LeNetModel} as an ONNX file: opset 17, IR version 8. No native library is needed.
 *
 * <table>
 *   <caption>Inputs and outputs</caption>
 *   <tr><th>name</th><th>type</th><th>shape</th><th>contents</th></tr>
 *   <tr><td>{@code images}</td><td>uint8</td><td>{@code [n, height, width]}</td><td>grey pixels, 0
 *       to 255</td></tr>
 *   <tr><td>{@code probabilities}</td><td>float32</td><td>{@code [n, classes]}</td><td>each row
 *       adds up to 1</td></tr>
 *   <tr><td>{@code classes}</td><td>int64</td><td>{@code [n]}</td><td>the most probable
 *       class</td></tr>
 * </table>
 *
 * <p>The initializers have the names of {@code LeNet.parameters()}; kernels of convolutions are
 * {@code [out, in, k, k]}. The output of each layer has the layer's name.
 *
 * <p>The metadata properties are {@code class_names}, a JSON array of strings; {@code
 * architecture}, {@link LeNetConfig#toText()}; {@code preprocessing}, {@link
 * ImagePreprocessor#toText()}; and {@code model_card}, if the model has one.
 */
public final class OnnxExport {

  private static final int IR_VERSION = 8;
  private static final int OPSET = 17;

  private final LeNetConfig config;
  private final Map<String, float[]> parameters;
  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("lenet");

  private OnnxExport(LeNetModel model) {
    config = model.architecture();
    parameters = model.parameters();
  }

  /**
   * Writes an ONNX file. It is written to a temporary file in the same directory and renamed. The
   * same model gives the same bytes.
   *
   * @param model the model to write
   * @param file the file to write; an earlier file is replaced, and parent directories are created
   * @throws FileAlreadyExistsException if it is a directory
   * @throws IOException if it cannot be written; an earlier file does not change
   */
  public static void write(LeNetModel model, Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new FileAlreadyExistsException(file + ": is a directory. Choose another file");
    }
    byte[] bytes = model(model).toByteArray();
    Path parent = Files.createDirectories(file.toAbsolutePath().getParent());
    try (ScratchDirectory scratch = ScratchDirectory.in(parent)) {
      Files.write(scratch.path(), bytes); // a file under the temporary name
      AtomicFile.publish(scratch.path(), file);
    } catch (IOException e) {
      throw AtomicFile.cannotBeWritten(file, e);
    }
  }

  private static ModelProto model(LeNetModel model) {
    ModelProto.Builder proto =
        ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPSET))
            .setProducerName("lenet")
            .setGraph(new OnnxExport(model).graph())
            .addMetadataProps(property("class_names", ascii(Json.toTree(model.classNames()))))
            .addMetadataProps(property("architecture", model.architecture().toText()))
            .addMetadataProps(property("preprocessing", model.preprocessor().toText()));
    if (!model.card().isEmpty()) {
      proto.addMetadataProps(property("model_card", model.card()));
    }
    return proto.build();
  }

  /** Escapes all but ASCII: ONNX Runtime's Java API cuts text before an emoji. */
  private static String ascii(JsonNode json) {
    StringBuilder text = new StringBuilder();
    for (char c : json.toString().toCharArray()) {
      text.append(c < 128 ? String.valueOf(c) : "\\u%s".formatted(HexFormat.of().toHexDigits(c)));
    }
    return text.toString();
  }

  private static StringStringEntryProto property(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  private GraphProto graph() {
    int height = config.imageHeight();
    int width = config.imageWidth();
    graph.addInput(value("images", TensorProto.DataType.UINT8, height, width));
    graph.addOutput(value("probabilities", TensorProto.DataType.FLOAT, config.classes()));
    graph.addOutput(value("classes", TensorProto.DataType.INT64));
    floats("pixel_scale", Shape.scalar(), 1 / 255f);
    longs("image_shape", -1, 1, height, width);

    int type = TensorProto.DataType.FLOAT_VALUE;
    node("Cast", "float_images", "images").addAttribute(attribute("to", type));
    node("Mul", "scaled_images", "float_images", "pixel_scale");
    node("Reshape", "input", "scaled_images", "image_shape");
    String x = "input";
    Shape shape = Shape.of(height, width, 1);
    for (Layer layer : config.layers()) {
      switch (layer.kind()) {
        case CONVOLUTION -> convolution(layer, x);
        case POOLING -> pooling(layer, x);
        case DENSE -> dense(layer, x, shape);
      }
      x = layer.name();
      shape = layer.outputShape();
    }
    node("Softmax", "probabilities", x).addAttribute(attribute("axis", 1));
    node("ArgMax", "classes", x)
        .addAttribute(attribute("axis", 1))
        .addAttribute(attribute("keepdims", 0));
    return graph.build();
  }

  /** Maps {@code [n, in, h, w]} to {@code [n, out, h', w']}. */
  private void convolution(Layer layer, String x) {
    String kernel = layer.name() + "/kernel";
    Shape shape = layer.kernelShape().orElseThrow(); // [k, k, in, out]
    int size = (int) shape.get(0);
    int inputs = (int) shape.get(2);
    int outputs = (int) shape.get(3);
    floats(
        kernel,
        Shape.of(outputs, inputs, size, size),
        transpose(parameters.get(kernel), size * size, inputs, outputs));
    // As TensorFlow's "SAME": an even kernel has one more pixel of padding at the end.
    boolean isPadded = layer.name().equals("conv1");
    int begin = isPadded ? (size - 1) / 2 : 0;
    int end = isPadded ? size - 1 - begin : 0;
    node("Conv", layer.name() + "/sum", x, kernel, bias(layer))
        .addAttribute(attribute("kernel_shape", size, size))
        .addAttribute(attribute("pads", begin, begin, end, end));
    activation(layer);
  }

  /** Maps {@code [n, c, h, w]} to {@code [n, c, h/2, w/2]}, rounded down. */
  private void pooling(Layer layer, String x) {
    node(config.pooling() == Pooling.MAX ? "MaxPool" : "AveragePool", layer.name(), x)
        .addAttribute(attribute("kernel_shape", 2, 2))
        .addAttribute(attribute("strides", 2, 2));
  }

  /**
   * Maps {@code [n, in]}, or {@code [n, c, h, w]}, to {@code [n, out]}.
   *
   * @param shape the output shape of the layer before, {@code [in]} or {@code [h, w, c]}
   */
  private void dense(Layer layer, String x, Shape shape) {
    String kernel = layer.name() + "/kernel";
    Shape kernelShape = layer.kernelShape().orElseThrow();
    float[] values = parameters.get(kernel);
    String input = x;
    if (shape.numDimensions() == 3) {
      input = "flat";
      node("Flatten", input, x);
      // TensorFlow flattens [h, w, c], ONNX [c, h, w]. The rows of the kernel follow.
      int pixels = (int) (shape.get(0) * shape.get(1));
      values = channelsFirst(values, pixels, (int) shape.get(2), (int) kernelShape.get(1));
    }
    floats(kernel, kernelShape, values);
    boolean isLast = layer.name().equals("logits");
    node("Gemm", isLast ? layer.name() : layer.name() + "/sum", input, kernel, bias(layer));
    if (!isLast) {
      activation(layer);
    }
  }

  private String bias(Layer layer) {
    String bias = layer.name() + "/bias";
    float[] values = parameters.get(bias);
    floats(bias, Shape.of(values.length), values);
    return bias;
  }

  private void activation(Layer layer) {
    String operator =
        switch (config.activation()) {
          case SIGMOID -> "Sigmoid";
          case TANH -> "Tanh";
          case RELU -> "Relu";
        };
    node(operator, layer.name(), layer.name() + "/sum");
  }

  /** Transposes {@code [pixels, in, out]} to {@code [out, in, pixels]}. */
  private static float[] transpose(float[] values, int pixels, int inputs, int outputs) {
    float[] transposed = new float[values.length];
    int next = 0;
    for (int output = 0; output < outputs; output++) {
      for (int input = 0; input < inputs; input++) {
        for (int pixel = 0; pixel < pixels; pixel++) {
          transposed[next++] = values[(pixel * inputs + input) * outputs + output];
        }
      }
    }
    return transposed;
  }

  /** Transposes {@code [pixels, channels, units]} to {@code [channels, pixels, units]}. */
  private static float[] channelsFirst(float[] values, int pixels, int channels, int units) {
    float[] transposed = new float[values.length];
    for (int channel = 0; channel < channels; channel++) {
      for (int pixel = 0; pixel < pixels; pixel++) {
        int from = (pixel * channels + channel) * units;
        int to = (channel * pixels + pixel) * units;
        System.arraycopy(values, from, transposed, to, units);
      }
    }
    return transposed;
  }

  /** Adds an operation. It has the name of its output. */
  private NodeProto.Builder node(String operator, String output, String... inputs) {
    return graph
        .addNodeBuilder()
        .setOpType(operator)
        .setName(output)
        .addAllInput(List.of(inputs))
        .addOutput(output);
  }

  private static AttributeProto attribute(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  private static AttributeProto attribute(String name, long... values) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
    for (long value : values) {
      attribute.addInts(value);
    }
    return attribute.build();
  }

  private void floats(String name, Shape shape, float... values) {
    ByteBuffer bytes = littleEndian(Float.BYTES * values.length);
    for (float value : values) {
      bytes.putFloat(value);
    }
    initializer(name, TensorProto.DataType.FLOAT, shape, bytes);
  }

  private void longs(String name, long... values) {
    ByteBuffer bytes = littleEndian(Long.BYTES * values.length);
    for (long value : values) {
      bytes.putLong(value);
    }
    initializer(name, TensorProto.DataType.INT64, Shape.of(values.length), bytes);
  }

  private static ByteBuffer littleEndian(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void initializer(
      String name, TensorProto.DataType type, Shape shape, ByteBuffer littleEndian) {
    TensorProto.Builder tensor = graph.addInitializerBuilder().setName(name);
    for (long size : shape.asArray()) {
      tensor.addDims(size);
    }
    tensor.setDataType(type.getNumber()).setRawData(ByteString.copyFrom(littleEndian.array()));
  }

  /** {@return an input or output of shape {@code [n, sizes…]}} */
  private static ValueInfoProto value(String name, TensorProto.DataType type, int... sizes) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    shape.addDim(Dimension.newBuilder().setDimParam("n"));
    for (int size : sizes) {
      shape.addDim(Dimension.newBuilder().setDimValue(size));
    }
    TypeProto.Tensor tensor =
        TypeProto.Tensor.newBuilder().setElemType(type.getNumber()).setShape(shape).build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }
}
