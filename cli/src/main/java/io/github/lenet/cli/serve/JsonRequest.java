package io.github.lenet.cli.serve;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.Feature;
import org.tensorflow.proto.Feature.KindCase;
import org.tensorflow.proto.Features;

/**
 * The body of a request to {@code :predict}, {@code :classify} or {@code :regress}: an object of
 * few members.
 *
 * <p>The signature decides what the numbers mean, and may be named after them. So a body that may
 * name one is read twice: for the name, and for the numbers.
 */
final class JsonRequest {

  private static final Set<String> MEMBERS =
      Set.of("signature_name", "instances", "inputs", "context", "examples");

  private final byte[] body;
  private String signatureName = "";

  // Of the reading that is under way.
  private JsonReader json;
  private final Set<String> members = new HashSet<>();
  private final Map<String, TensorReader> readers = new LinkedHashMap<>();
  private boolean rowsAreNamed; // objects, with a member for each input

  /**
   * Finds out which signature is asked for.
   *
   * @param body not copied
   * @throws StatusException if it is not UTF-8; if it may name a signature, also if it is not JSON,
   *     beyond a limit, or not an object
   */
  JsonRequest(byte[] body) throws StatusException {
    this.body = trimmed(body);
    if (mayNameSignature()) {
      check();
    }
  }

  /** Without a byte order mark before the JSON and a NUL byte behind it, as C clients send one. */
  private static byte[] trimmed(byte[] body) {
    int to = body.length > 0 && body[body.length - 1] == 0 ? body.length - 1 : body.length;
    boolean hasMark =
        to >= 3 && body[0] == (byte) 0xef && body[1] == (byte) 0xbb && body[2] == (byte) 0xbf;
    return hasMark || to < body.length ? Arrays.copyOfRange(body, hasMark ? 3 : 0, to) : body;
  }

  /**
   * Looks at the bytes. Without an underscore, and a backslash to write one in another way, there
   * is no {@code signature_name}; so it is with most requests.
   */
  private boolean mayNameSignature() throws StatusException {
    boolean may = false;
    boolean ascii = true;
    for (byte each : body) {
      may |= each == '_' || each == '\\';
      ascii &= each >= 0;
    }
    if (!ascii) {
      checkEncoding();
    }
    return may;
  }

  /** The parser takes some sequences for characters that are none. */
  private void checkEncoding() throws StatusException {
    ByteBuffer bytes = ByteBuffer.wrap(body);
    CharBuffer chars = CharBuffer.allocate(Math.min(body.length, 8192));
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    CoderResult result;
    do {
      result = decoder.decode(bytes, chars.clear(), true);
    } while (result.isOverflow());
    if (result.isError()) {
      throw JsonReader.parseError("Invalid encoding in string.", bytes.position());
    }
  }

  /** Which signature is asked for; empty if that is not said. */
  String signatureName() {
    return signatureName;
  }

  /**
   * Reads the whole body and decodes nothing.
   *
   * @throws StatusException if it is not JSON, beyond a limit, or not an object
   */
  void check() throws StatusException {
    read(
        member -> {
          if (json.token() == JsonToken.START_ARRAY) {
            json.readRows(row -> json.skip());
          } else {
            json.skip();
          }
        });
  }

  /** Reads a member's value, from its first token to its last one. */
  private interface MemberReader {
    void read(String member) throws IOException, StatusException;
  }

  /** Reads the members that hold data, in the order in which they come. */
  private void read(MemberReader reader) throws StatusException {
    members.clear();
    try (JsonReader opened = new JsonReader(body)) {
      json = opened;
      readMembers(reader);
    } catch (StreamConstraintsException e) {
      throw StatusException.invalid(
          "JSON Parse error: nested deeper than %d, or a number longer than %d or a string longer than %d characters"
              .formatted(JsonReader.MAX_DEPTH, JsonReader.MAX_NUMBER, JsonReader.MAX_STRING));
    } catch (JsonProcessingException e) {
      throw JsonReader.parseError(
          reason(e), e.getLocation() == null ? 0 : e.getLocation().getByteOffset());
    } catch (IOException e) {
      throw new IllegalStateException("reading from memory", e);
    }
  }

  private static String reason(JsonProcessingException e) {
    if (e instanceof JsonEOFException) {
      return "Unexpected end of the document.";
    }
    // Further words are about the parser's settings.
    String message = e.getOriginalMessage().split(": |\n", 2)[0];
    return message.startsWith("Unrecognized token") ? "Invalid value." : message + ".";
  }

  private void readMembers(MemberReader reader) throws IOException, StatusException {
    JsonToken first = json.next();
    if (first == null) {
      throw StatusException.invalid("JSON Parse error: The document is empty");
    }
    if (first != JsonToken.START_OBJECT) {
      throw malformed("Is not object");
    }
    for (String name; (name = json.nextMember()) != null; ) {
      if (!MEMBERS.contains(name)) {
        json.skip();
      } else if (!members.add(name)) {
        throw JsonReader.duplicate(name);
      } else if (!name.equals("signature_name")) {
        reader.read(name);
      } else if (json.token() == JsonToken.VALUE_STRING) {
        signatureName = json.string();
      } else {
        throw malformed("not formatted correctly. 'signature_name' key must be a string value.");
      }
    }
    if (json.next() != null) {
      throw JsonReader.parseError(
          "The document root must not be followed by other values.", json.start());
    }
  }

  /** A mistake of the request as a whole. */
  private StatusException malformed(String message) {
    return StatusException.invalid("JSON Value: " + JsonReader.quote(body) + " " + message);
  }

  /**
   * What {@code :predict} is asked.
   *
   * @param byRows whether they came row by row, and the response has to
   * @param tensors all inputs of the signature, with the same number of rows, at least one
   */
  record Inputs(boolean byRows, Map<String, HeapTensor> tensors) {}

  /**
   * Decodes a request to {@code :predict}.
   *
   * @throws StatusException if it does not have the form, or is not what the signature takes
   */
  Inputs inputs(SignatureDef signature) throws StatusException {
    readers.clear();
    read(member -> readInputs(member, signature));
    boolean byRows = members.contains("instances");
    if (!byRows && !members.contains("inputs")) {
      throw StatusException.invalid("Missing 'inputs' or 'instances' key");
    }
    Map<String, HeapTensor> tensors = new LinkedHashMap<>();
    readers.forEach((name, reader) -> tensors.put(name, reader.tensor()));
    requireSameRows(tensors);
    return new Inputs(byRows, tensors);
  }

  private void readInputs(String member, SignatureDef signature)
      throws IOException, StatusException {
    boolean byRows = member.equals("instances");
    if (!byRows && !member.equals("inputs")) {
      json.skip();
      return;
    }
    if (!readers.isEmpty()) {
      throw malformed(
          "Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist ");
    }
    signature
        .inputs()
        .forEach((name, info) -> readers.put(name, new TensorReader(json, name, info)));
    if (byRows) {
      readRows();
    } else {
      readColumns();
    }
  }

  private void readRows() throws IOException, StatusException {
    if (json.token() != JsonToken.START_ARRAY) {
      throw malformed("Expecting 'instances' to be an list/array");
    }
    if (json.readRows(this::readRow) == 0) {
      throw malformed("No values in 'instances' array");
    }
  }

  private void readRow(int row) throws IOException, StatusException {
    boolean isNamed = hasNames();
    if (row == 0) {
      rowsAreNamed = isNamed;
    }
    if (!rowsAreNamed && readers.size() > 1) {
      throw StatusException.invalid(
          "instances is a plain list, but expecting list of objects as multiple input tensors"
              + " required as per tensorinfo_map");
    }
    if (isNamed != rowsAreNamed) {
      throw StatusException.invalid(
          (isNamed ? "Expecting value/list but got object" : "Expecting object but got list")
              + " at item %d of input list".formatted(row));
    }
    if (isNamed) {
      readNamedRow(row);
      return;
    }
    try {
      readers.values().iterator().next().readRow();
    } catch (StatusException e) {
      throw failed(row, "", e);
    }
  }

  /** Whether the value at hand is an object of inputs; one of Base64 is a string. */
  private boolean hasNames() throws IOException {
    return json.token() == JsonToken.START_OBJECT && !"b64".equals(json.firstName());
  }

  private void readNamedRow(int row) throws IOException, StatusException {
    int start = json.start();
    Set<String> missing = new LinkedHashSet<>(readers.keySet());
    for (String name; (name = json.nextMember()) != null; ) {
      try {
        reader(name, missing).readRow();
      } catch (StatusException e) {
        throw failed(row, " key: " + JsonReader.quote(name), e);
      }
    }
    if (!missing.isEmpty()) {
      throw StatusException.invalid(
          "Failed to process element: %d of 'instances' list. JSON object: %s keys must be equal to: %s"
              .formatted(row, json.quoteObject(start), String.join(",", readers.keySet())));
    }
  }

  private static StatusException failed(int row, String key, StatusException cause) {
    return StatusException.invalid(
        "Failed to process element: %d%s of 'instances' list. Error: %s: %s"
            .formatted(row, key, cause.code(), cause.getMessage()));
  }

  private void readColumns() throws IOException, StatusException {
    if (!hasNames()) {
      if (readers.size() > 1) {
        throw StatusException.invalid(
            "inputs is a plain value/list, but expecting an object as multiple input tensors"
                + " required as per tensorinfo_map");
      }
      readers.values().iterator().next().readRows();
      return;
    }
    Set<String> missing = new LinkedHashSet<>(readers.keySet());
    for (String name; (name = json.nextMember()) != null; ) {
      reader(name, missing).readRows();
    }
    for (String name : missing) {
      throw StatusException.invalid("Missing named input: " + name + " in 'inputs' object.");
    }
  }

  /** Serving ignores an unknown name among {@code inputs}, and with it one that was misspelled. */
  private TensorReader reader(String name, Set<String> missing) throws StatusException {
    if (!readers.containsKey(name)) {
      throw StatusException.invalid(
          "JSON object: does not have named input: " + JsonReader.quote(name));
    }
    if (!missing.remove(name)) {
      throw JsonReader.duplicate(name);
    }
    return readers.get(name);
  }

  private static void requireSameRows(Map<String, HeapTensor> tensors) throws StatusException {
    int rows = tensors.values().iterator().next().rows();
    for (Map.Entry<String, HeapTensor> tensor : tensors.entrySet()) {
      if (tensor.getValue().rows() != rows) {
        throw StatusException.invalid(
            "Tensor name: %s has inconsistent batch size: %d expecting: %d"
                .formatted(tensor.getKey(), tensor.getValue().rows(), rows));
      }
    }
  }

  /**
   * Decodes a request to {@code :classify} or {@code :regress}: the examples, serialized, string
   * {@code [n]}. Each has the features of the context before its own; of two with the same name,
   * protobuf takes the latter.
   *
   * @param method one of the two, for messages
   * @throws StatusException if it does not have the form
   */
  HeapTensor examples(String method) throws StatusException {
    Features.Builder context = Features.newBuilder();
    List<byte[]> examples = new ArrayList<>();
    read(
        member -> {
          switch (member) {
            case "context" -> readFeatures(context);
            case "examples" -> readExamples(examples);
            default -> json.skip();
          }
        });
    if (!members.contains("examples")) {
      throw malformed(
          "When method is %s, key 'examples' is expected and was not found".formatted(method));
    }
    byte[] shared = serialized(context);
    byte[][] rows = examples.stream().map(each -> concatenate(shared, each)).toArray(byte[][]::new);
    return new HeapTensor(DataType.DT_STRING, Shape.of(rows.length), rows);
  }

  private static byte[] serialized(Features.Builder features) {
    return Example.newBuilder().setFeatures(features).build().toByteArray();
  }

  private static byte[] concatenate(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private void readExamples(List<byte[]> examples) throws IOException, StatusException {
    if (json.token() != JsonToken.START_ARRAY) {
      throw malformed("Expecting 'examples' value to be an list/array");
    }
    int rows =
        json.readRows(
            row -> {
              Features.Builder features = Features.newBuilder();
              readFeatures(features);
              examples.add(serialized(features));
            });
    if (rows == 0) {
      throw malformed("'examples' value is an empty array");
    }
  }

  private void readFeatures(Features.Builder features) throws IOException, StatusException {
    if (json.token() != JsonToken.START_OBJECT) {
      throw StatusException.invalid("Example must be JSON object but got JSON " + json.type());
    }
    for (String name; (name = json.nextMember()) != null; ) {
      if (features.containsFeature(name)) {
        throw JsonReader.duplicate(name);
      }
      Feature.Builder feature = Feature.newBuilder();
      if (json.token() == JsonToken.START_ARRAY) {
        while (json.next() != JsonToken.END_ARRAY) {
          addValue(name, feature);
        }
      } else {
        addValue(name, feature);
      }
      features.putFeature(name, feature.build());
    }
  }

  private void addValue(String name, Feature.Builder feature) throws IOException, StatusException {
    switch (json.token()) {
      case VALUE_TRUE, VALUE_FALSE -> {
        requireKind(KindCase.INT64_LIST, name, feature);
        feature.getInt64ListBuilder().addValue(json.token() == JsonToken.VALUE_TRUE ? 1 : 0);
      }
      case VALUE_NUMBER_INT -> {
        requireKind(KindCase.INT64_LIST, name, feature);
        if (!json.isLong()) {
          throw featureError(name, " has uint64_t element. Only int64_t is supported.");
        }
        feature.getInt64ListBuilder().addValue(json.toLong());
      }
      case VALUE_NUMBER_FLOAT -> {
        requireKind(KindCase.FLOAT_LIST, name, feature);
        feature.getFloatListBuilder().addValue(json.toFloat());
      }
      case VALUE_STRING -> {
        requireKind(KindCase.BYTES_LIST, name, feature);
        feature.getBytesListBuilder().addValue(ByteString.copyFrom(json.bytes()));
      }
      case START_OBJECT -> {
        if (!"b64".equals(json.firstName())) {
          throw featureError(name, " has element with unexpected JSON type: Object");
        }
        requireKind(KindCase.BYTES_LIST, name, feature);
        feature.getBytesListBuilder().addValue(ByteString.copyFrom(json.base64()));
      }
      default -> throw featureError(name, " has element with unexpected JSON type: " + json.type());
    }
  }

  private static StatusException featureError(String name, String message) {
    return StatusException.invalid("Feature: " + JsonReader.quote(name) + message);
  }

  /** The first value decides. */
  private static void requireKind(KindCase kind, String name, Feature.Builder feature)
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
          "Unexpected element type in feature: %s expecting type: %s"
              .formatted(JsonReader.quote(name), type));
    }
  }
}
