package io.github.lenet.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.SessionFunction;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.Feature;
import org.tensorflow.proto.Features;
import org.tensorflow.proto.Int64List;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint8;

/**
 * What TensorFlow Serving makes of a sound request in JSON, for models with one input: by its <a
 * href="https://www.tensorflow.org/tfx/serving/api_rest">REST API</a>'s rules, and of a {@code
 * PredictRequest} in protobuf's JSON.
 *
 * @param json the request
 */
record ServingRequest(JsonNode json) {

  private static final JsonMapper JSON = new JsonMapper();

  String signature() {
    String name = json.path("signature_name").asText("");
    name = json.at("/model_spec/signature_name").asText(name);
    return name.isEmpty() ? "serving_default" : name;
  }

  /** Asks a model; rows are answered by rows, columns by columns, tensors by tensors. */
  JsonNode answerOf(SavedModelBundle model) {
    if (json.has("examples")) {
      return classification(model);
    }
    SessionFunction function = model.function(signature());
    boolean floats = function.signature().getInputs().get("images").dataType == DataType.DT_FLOAT;
    try (Tensor images = images(floats);
        Result result = function.call(Map.of("images", images))) {
      ObjectNode outputs = JSON.createObjectNode();
      for (String name : function.signature().outputNames().stream().sorted().toList()) {
        outputs.set(name, toJson(result.get(name).orElseThrow()));
      }
      return json.has("instances")
          ? JSON.createObjectNode().set("predictions", rows(outputs))
          : JSON.createObjectNode().set("outputs", outputs);
    }
  }

  /** The answer of {@code :classify}, for examples of integers. */
  private JsonNode classification(SavedModelBundle model) {
    NdArray<byte[]> examples =
        NdArrays.ofObjects(byte[].class, Shape.of(json.get("examples").size()));
    for (int i = 0; i < examples.size(); i++) {
      Features.Builder features = Features.newBuilder();
      json.get("examples")
          .get(i)
          .properties()
          .forEach(
              feature -> {
                Int64List.Builder numbers = Int64List.newBuilder();
                feature.getValue().forEach(number -> numbers.addValue(number.asLong()));
                features.putFeature(
                    feature.getKey(), Feature.newBuilder().setInt64List(numbers).build());
              });
      examples.setObject(Example.newBuilder().setFeatures(features).build().toByteArray(), i);
    }
    try (Tensor inputs = TString.tensorOfBytes(examples);
        Result result = model.function(signature()).call(Map.of("inputs", inputs))) {
      JsonNode classes = toJson(result.get("classes").orElseThrow());
      JsonNode scores = toJson(result.get("scores").orElseThrow());
      ArrayNode results = JSON.createArrayNode();
      for (int i = 0; i < classes.size(); i++) {
        ArrayNode ranking = results.addArray();
        for (int rank = 0; rank < classes.get(i).size(); rank++) {
          ranking.addArray().add(classes.get(i).get(rank)).add(scores.get(i).get(rank));
        }
      }
      return JSON.createObjectNode().set("results", results);
    }
  }

  private Tensor images(boolean floats) {
    JsonNode tensor = json.at("/inputs/images");
    if (tensor.has("tensor_content")) {
      try {
        List<Long> sizes = new ArrayList<>();
        tensor.at("/tensor_shape/dim").forEach(dim -> sizes.add(dim.get("size").asLong()));
        return TUint8.tensorOf(
            shape(sizes), DataBuffers.of(tensor.get("tensor_content").binaryValue()));
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
    JsonNode list = json.has("instances") ? json.get("instances") : tensor;
    List<Long> sizes = new ArrayList<>();
    for (JsonNode inner = list; inner.isArray(); inner = inner.get(0)) {
      sizes.add((long) inner.size());
    }
    List<Double> numbers = new ArrayList<>();
    flatten(list, numbers);
    if (floats) {
      ByteBuffer values = ByteBuffer.allocate(4 * numbers.size());
      numbers.forEach(number -> values.putFloat(number.floatValue()));
      return TFloat32.tensorOf(shape(sizes), DataBuffers.of(values.flip().asFloatBuffer()));
    }
    byte[] bytes = new byte[numbers.size()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) numbers.get(i).intValue();
    }
    return TUint8.tensorOf(shape(sizes), DataBuffers.of(bytes));
  }

  private static Shape shape(List<Long> sizes) {
    return Shape.of(sizes.stream().mapToLong(Long::longValue).toArray());
  }

  private static void flatten(JsonNode list, List<Double> numbers) {
    if (list.isArray()) {
      list.forEach(inner -> flatten(inner, numbers));
    } else {
      numbers.add(list.asDouble());
    }
  }

  private static JsonNode toJson(Tensor tensor) {
    List<JsonNode> values = new ArrayList<>();
    if (tensor instanceof TFloat32 floats) {
      floats
          .scalars()
          .forEach(value -> values.add(JSON.getNodeFactory().numberNode(value.getFloat())));
    } else if (tensor instanceof TInt64 longs) {
      longs
          .scalars()
          .forEach(value -> values.add(JSON.getNodeFactory().numberNode(value.getLong())));
    } else {
      ((TString) tensor)
          .scalars()
          .forEach(value -> values.add(JSON.getNodeFactory().textNode(value.getObject())));
    }
    return nested(tensor.shape().asArray(), 0, values.iterator());
  }

  private static JsonNode nested(long[] sizes, int axis, Iterator<JsonNode> values) {
    if (axis == sizes.length) {
      return values.next();
    }
    ArrayNode list = JSON.createArrayNode();
    for (long i = 0; i < sizes[axis]; i++) {
      list.add(nested(sizes, axis + 1, values));
    }
    return list;
  }

  private static ArrayNode rows(ObjectNode columns) {
    ArrayNode rows = JSON.createArrayNode();
    for (int i = 0; i < columns.iterator().next().size(); i++) {
      ObjectNode row = rows.addObject();
      int index = i;
      columns.properties().forEach(entry -> row.set(entry.getKey(), entry.getValue().get(index)));
    }
    return rows;
  }
}
