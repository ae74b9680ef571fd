package io.github.lenet.cli.serve;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonParser.NumberType;
import com.fasterxml.jackson.core.JsonToken;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.Feature;
import org.tensorflow.proto.Feature.KindCase;
import org.tensorflow.proto.Features;

/** What {@code :classify} asks: examples, each a set of named features. */
final class ClassifyRequest {

  private final JsonRequest json;
  private final List<byte[]> examples = new ArrayList<>();
  private byte[] context = new byte[0];

  /**
   * Decodes it.
   *
   * @param method {@code classify} or {@code regress}, for messages
   * @throws StatusException if it does not have the form
   */
  ClassifyRequest(JsonRequest json, String method) throws StatusException {
    this.json = json;
    json.read(this::readMember);
    if (!json.has(JsonRequest.EXAMPLES)) {
      throw json.formatError(
          "When method is %s, key 'examples' is expected and was not found".formatted(method));
    }
  }

  /**
   * The examples, serialized, string {@code [n]}. Each has the features of the context before its
   * own; of two with the same name, protobuf takes the latter.
   */
  HeapTensor serialized() {
    byte[][] rows = examples.stream().map(this::inContext).toArray(byte[][]::new);
    return new HeapTensor(DataType.DT_STRING, Shape.of(rows.length), rows);
  }

  private byte[] inContext(byte[] example) {
    byte[] merged = Arrays.copyOf(context, context.length + example.length);
    System.arraycopy(example, 0, merged, context.length, example.length);
    return merged;
  }

  private void readMember(String member, JsonParser parser) throws IOException, StatusException {
    switch (member) {
      case JsonRequest.CONTEXT -> context = readExample(parser);
      case JsonRequest.EXAMPLES -> readExamples(parser);
      default -> json.skip(parser);
    }
  }

  private void readExamples(JsonParser parser) throws IOException, StatusException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw json.formatError("Expecting 'examples' value to be an list/array");
    }
    if (JsonRequest.readRows(parser, (row, element) -> examples.add(readExample(element))) == 0) {
      throw json.formatError("'examples' value is an empty array");
    }
  }

  private byte[] readExample(JsonParser parser) throws IOException, StatusException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw StatusException.invalid(
          "Example must be JSON object but got JSON " + JsonRequest.type(parser.currentToken()));
    }
    Features.Builder features = Features.newBuilder();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      json.countName();
      String name = parser.currentName();
      if (features.containsFeature(name)) {
        throw JsonRequest.duplicate(name);
      }
      Feature.Builder feature = Feature.newBuilder();
      if (parser.nextToken() == JsonToken.START_ARRAY) {
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          add(parser, name, feature);
        }
      } else {
        add(parser, name, feature);
      }
      features.putFeature(name, feature.build());
    }
    return Example.newBuilder().setFeatures(features).build().toByteArray();
  }

  private void add(JsonParser parser, String name, Feature.Builder feature)
      throws IOException, StatusException {
    JsonToken token = parser.currentToken();
    switch (token) {
      case VALUE_TRUE, VALUE_FALSE -> {
        require(KindCase.INT64_LIST, name, feature);
        feature.getInt64ListBuilder().addValue(token == JsonToken.VALUE_TRUE ? 1 : 0);
      }
      case VALUE_NUMBER_INT -> {
        require(KindCase.INT64_LIST, name, feature);
        if (parser.getNumberType() == NumberType.BIG_INTEGER) {
          throw StatusException.invalid(
              "Feature: "
                  + JsonRequest.quote(name)
                  + " has uint64_t element. Only int64_t is supported.");
        }
        feature.getInt64ListBuilder().addValue(parser.getLongValue());
      }
      case VALUE_NUMBER_FLOAT -> {
        require(KindCase.FLOAT_LIST, name, feature);
        feature.getFloatListBuilder().addValue(json.toFloat(parser));
      }
      case VALUE_STRING -> addBytes(parser, name, feature);
      default -> {
        if (!json.isBase64(parser)) {
          throw StatusException.invalid(
              "Feature: "
                  + JsonRequest.quote(name)
                  + " has element with unexpected JSON type: "
                  + JsonRequest.type(token));
        }
        addBytes(parser, name, feature);
      }
    }
  }

  private void addBytes(JsonParser parser, String name, Feature.Builder feature)
      throws IOException, StatusException {
    require(KindCase.BYTES_LIST, name, feature);
    feature.getBytesListBuilder().addValue(ByteString.copyFrom(json.bytes(parser)));
  }

  /** The first element decides. */
  private static void require(KindCase kind, String name, Feature.Builder feature)
      throws StatusException {
    KindCase first = feature.getKindCase();
    if (first != kind && first != KindCase.KIND_NOT_SET) {
      String type =
          switch (first) {
            case BYTES_LIST -> "bytes";
            case FLOAT_LIST -> "float";
            default -> "int64_t";
          };
      throw StatusException.invalid(
          "Unexpected element type in feature: "
              + JsonRequest.quote(name)
              + " expecting type: "
              + type);
    }
  }
}
