package io.github.lenet.cli.serve;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.tensorflow.proto.DataType;

/** The responses of TensorFlow Serving's REST API, in its JSON. */
final class JsonResponse {

  private static final JsonFactory JSON =
      new JsonFactoryBuilder()
          .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER) // the shortest decimal that reads back
          .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
          // What breaks off must not look whole.
          .disable(StreamWriteFeature.AUTO_CLOSE_CONTENT)
          .disable(StreamWriteFeature.FLUSH_PASSED_TO_STREAM)
          .build()
          .setCodec(new JsonMapper());

  /** RapidJSON's layout: members on lines of their own, elements of a list on one. */
  private static final DefaultPrettyPrinter FOUR_SPACES =
      printer("    ", Separators.Spacing.AFTER).withArrayIndenter(new OneLine());

  /** The layout of protobuf's JSON. */
  private static final DefaultPrettyPrinter ONE_SPACE =
      printer(" ", Separators.Spacing.NONE).withArrayIndenter(indenter(" "));

  private static DefaultPrettyPrinter printer(String indent, Separators.Spacing betweenElements) {
    return new DefaultPrettyPrinter(
            Separators.createDefaultInstance()
                .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
                .withArrayValueSpacing(betweenElements)
                .withObjectEmptySeparator("")
                .withArrayEmptySeparator(""))
        .withObjectIndenter(indenter(indent));
  }

  private static DefaultIndenter indenter(String indent) {
    return new DefaultIndenter(indent, "\n");
  }

  /** Counts as a level of the indentation, and breaks no line. */
  private static final class OneLine implements DefaultPrettyPrinter.Indenter {
    @Override
    public void writeIndentation(JsonGenerator json, int level) {}

    @Override
    public boolean isInline() {
      return false;
    }
  }

  private JsonResponse() {}

  private interface Content {
    void writeTo(JsonGenerator json) throws IOException;
  }

  private static HttpResponse object(StatusException.Code status, Content members) {
    return object(status, FOUR_SPACES, members);
  }

  private static HttpResponse object(
      StatusException.Code status, DefaultPrettyPrinter layout, Content members) {
    return new HttpResponse(
        status.http(),
        HttpResponse.JSON,
        out -> {
          try (JsonGenerator json = JSON.createGenerator(out)) {
            json.setPrettyPrinter(layout.createInstance()); // it counts levels
            json.writeStartObject();
            members.writeTo(json);
            json.writeEndObject();
          }
        });
  }

  /** What went wrong. */
  static HttpResponse error(StatusException e) {
    // Half a surrogate pair, which a client can write as an escape, becomes a question mark.
    byte[] message = e.getMessage().getBytes(StandardCharsets.UTF_8);
    return object(
        e.code(),
        json -> json.writeStringField("error", new String(message, StandardCharsets.UTF_8)));
  }

  /** A model's outputs, row by row. */
  static HttpResponse predictions(Map<String, HeapTensor> outputs) throws StatusException {
    checkFinite(outputs);
    int rows = outputs.values().iterator().next().rows();
    return object(
        StatusException.Code.OK,
        json -> {
          json.writeArrayFieldStart("predictions");
          for (int row = 0; row < rows; row++) {
            write(json, outputs, OptionalInt.of(row));
          }
          json.writeEndArray();
        });
  }

  /** A model's outputs, output by output. */
  static HttpResponse outputs(Map<String, HeapTensor> outputs) throws StatusException {
    checkFinite(outputs);
    return object(
        StatusException.Code.OK,
        json -> {
          json.writeFieldName("outputs");
          write(json, outputs, OptionalInt.empty());
        });
  }

  /** Writes a row of all outputs, or all rows; by name if there are several. */
  private static void write(JsonGenerator json, Map<String, HeapTensor> outputs, OptionalInt row)
      throws IOException {
    boolean named = outputs.size() > 1;
    if (named) {
      json.writeStartObject();
    }
    for (Map.Entry<String, HeapTensor> output : outputs.entrySet()) {
      if (named) {
        json.writeFieldName(output.getKey());
      }
      HeapTensor tensor = output.getValue();
      int size = tensor.rowSize();
      boolean asBytes = isBytes(output);
      if (row.isPresent()) {
        write(json, tensor, asBytes, 1, row.getAsInt() * size, size);
      } else {
        write(json, tensor, asBytes, 0, 0, tensor.rows() * size);
      }
    }
    if (named) {
      json.writeEndObject();
    }
  }

  /**
   * Classes with their scores, example by example.
   *
   * @param classes string {@code [n, classes]}
   * @param scores float {@code [n, classes]}
   */
  static HttpResponse results(HeapTensor classes, HeapTensor scores) throws StatusException {
    checkFinite(Map.of("scores", scores));
    return object(
        StatusException.Code.OK,
        json -> {
          json.writeArrayFieldStart("results");
          for (int row = 0; row < classes.rows(); row++) {
            json.writeStartArray();
            for (int i = row * classes.rowSize(); i < (row + 1) * classes.rowSize(); i++) {
              json.writeStartArray();
              writeValue(json, classes, false, i);
              writeValue(json, scores, false, i);
              json.writeEndArray();
            }
            json.writeEndArray();
          }
          json.writeEndArray();
        });
  }

  /** Where a model's versions stand. */
  static HttpResponse status(List<ServedModel.VersionStatus> versions) {
    return object(
        StatusException.Code.OK,
        ONE_SPACE,
        json ->
            json.writePOJOField(
                "model_version_status", versions.stream().map(JsonResponse::status).toList()));
  }

  private static Map<String, Object> status(ServedModel.VersionStatus version) {
    String code = version.error().isEmpty() ? "OK" : "UNKNOWN";
    return members(
        "version", Long.toString(version.version()),
        "state", version.state().name(),
        "status", members("error_code", code, "error_message", version.error()));
  }

  /** How a model can be asked; as protobuf writes a {@code GetModelMetadataResponse}. */
  static HttpResponse metadata(String name, Servable servable) {
    Map<String, Object> signatures = new LinkedHashMap<>();
    servable.signatures().forEach((key, each) -> signatures.put(key, signature(each)));
    String version = Long.toString(servable.version());
    return object(
        StatusException.Code.OK,
        ONE_SPACE,
        json -> {
          json.writePOJOField(
              "model_spec", members("name", name, "signature_name", "", "version", version));
          json.writePOJOField(
              "metadata", members("signature_def", members("signature_def", signatures)));
        });
  }

  private static Map<String, Object> signature(SignatureDef signature) {
    return members(
        "inputs", tensorInfos(signature.inputs()),
        "outputs", tensorInfos(signature.outputs()),
        "method_name", signature.methodName(),
        "defaults", Map.of());
  }

  private static Map<String, Object> tensorInfos(Map<String, SignatureDef.TensorInfo> tensors) {
    Map<String, Object> infos = new LinkedHashMap<>();
    tensors.forEach(
        (name, info) -> {
          List<?> sizes =
              Arrays.stream(info.shape().asArray())
                  .mapToObj(size -> members("size", Long.toString(size), "name", ""))
                  .toList();
          infos.put(
              name,
              members(
                  "dtype", info.type().name(),
                  "tensor_shape", members("dim", sizes, "unknown_rank", false),
                  "name", info.tensorName()));
        });
    return infos;
  }

  /** An object with these members, each a name and its value, in this order. */
  private static Map<String, Object> members(Object... namesAndValues) {
    Map<String, Object> members = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      members.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return members;
  }

  /** Before the first byte is sent; afterwards it would be too late to say so. */
  private static void checkFinite(Map<String, HeapTensor> outputs) throws StatusException {
    for (HeapTensor tensor : outputs.values()) {
      if (tensor.values() instanceof float[] floats) {
        for (float value : floats) {
          if (!Float.isFinite(value)) {
            throw new StatusException(
                StatusException.Code.INTERNAL, "the network's output is not finite");
          }
        }
      }
    }
  }

  /** Serving's rule for strings that are no text. */
  private static boolean isBytes(Map.Entry<String, HeapTensor> output) {
    return output.getValue().type() == DataType.DT_STRING && output.getKey().endsWith("_bytes");
  }

  /**
   * Writes a part of a tensor as nested lists.
   *
   * @param axis of the outermost list
   * @param from the first value
   * @param size how many values there are
   */
  private static void write(
      JsonGenerator json, HeapTensor tensor, boolean asBytes, int axis, int from, int size)
      throws IOException {
    if (axis == tensor.shape().numDimensions()) {
      writeValue(json, tensor, asBytes, from);
      return;
    }
    json.writeStartArray();
    int length = (int) tensor.shape().get(axis);
    for (int i = 0; i < length; i++) {
      write(json, tensor, asBytes, axis + 1, from + i * (size / length), size / length);
    }
    json.writeEndArray();
  }

  private static void writeValue(JsonGenerator json, HeapTensor tensor, boolean asBytes, int i)
      throws IOException {
    if (tensor.values() instanceof float[] floats) {
      json.writeNumber(floats[i]);
    } else if (tensor.values() instanceof long[] longs) {
      json.writeNumber(longs[i]);
    } else {
      byte[] string = ((byte[][]) tensor.values())[i];
      if (asBytes) {
        json.writeStartObject();
        json.writeBinaryField("b64", string);
        json.writeEndObject();
      } else {
        json.writeString(new String(string, StandardCharsets.UTF_8));
      }
    }
  }
}
