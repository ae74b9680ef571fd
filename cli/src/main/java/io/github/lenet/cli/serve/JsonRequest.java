package io.github.lenet.cli.serve;

import com.fasterxml.jackson.core.ErrorReportConfiguration;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.Set;

/**
 * The JSON of a request to {@code :predict}, {@code :classify} or {@code :regress}: an object of
 * few members, checked to be well-formed and within limits, of which nothing has been decoded yet.
 *
 * <p>The signature decides what the numbers mean, and may come after them. So a body is walked
 * twice: here, to find what there is, and by whoever decodes a member. Neither builds a tree.
 */
final class JsonRequest {

  static final String SIGNATURE_NAME = "signature_name";
  static final String INSTANCES = "instances";
  static final String INPUTS = "inputs";
  static final String CONTEXT = "context";
  static final String EXAMPLES = "examples";

  /** So many pictures at most come in one request. */
  static final int MAX_ROWS = 1024;

  /** The characters of what a client sent that an error repeats. */
  static final int MAX_QUOTED = 100;

  private static final double MAX_EXACT_FLOAT = (1 << 24) - 1;
  private static final int MAX_DEPTH = 32;
  private static final int MAX_NUMBER = 100;
  private static final int MAX_NAME = 256;
  private static final int MAX_STRING = 1 << 20;
  // In the whole body. The parser keeps each name that is new to it.
  private static final int MAX_NAMES = 16 * MAX_ROWS;

  private static final Set<String> MEMBERS =
      Set.of(SIGNATURE_NAME, INSTANCES, INPUTS, CONTEXT, EXAMPLES);

  private static final JsonFactory JSON =
      new JsonFactoryBuilder()
          .disable(JsonFactory.Feature.CHARSET_DETECTION) // it is UTF-8
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
          // Serving knows NaN and Infinity; they are refused with a word about the value.
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(MAX_NUMBER)
                  .maxNameLength(MAX_NAME)
                  .maxStringLength(MAX_STRING)
                  .build())
          .errorReportConfiguration(
              ErrorReportConfiguration.builder().maxErrorTokenLength(MAX_QUOTED).build())
          .build();

  private final byte[] body;
  private final Set<String> members = new HashSet<>();
  private String signatureName = "";
  private int names;

  /**
   * Checks a body.
   *
   * @param body not copied
   * @throws StatusException if it is not UTF-8, not JSON, beyond a limit, or not an object
   */
  JsonRequest(byte[] body) throws StatusException {
    this.body = body;
    checkEncoding();
    read(
        () -> {
          try (JsonParser parser = JSON.createParser(body)) {
            walk(parser);
          }
        });
  }

  /** Which signature is asked for; empty if that is not said. */
  String signatureName() {
    return signatureName;
  }

  /** Whether there is such a member. */
  boolean has(String member) {
    return members.contains(member);
  }

  /** Decodes JSON. */
  interface Reading {
    void run() throws IOException, StatusException;
  }

  /** Decodes a member. */
  interface MemberReading {
    void run(JsonParser parser) throws IOException, StatusException;
  }

  /** Has a member decoded, from the first token of its value on. */
  void read(String member, MemberReading reading) throws StatusException {
    read(
        () -> {
          try (JsonParser parser = JSON.createParser(body)) {
            parser.nextToken();
            while (!parser.nextFieldName().equals(member)) {
              parser.nextToken();
              parser.skipChildren();
            }
            parser.nextToken();
            reading.run(parser);
          }
        });
  }

  private void read(Reading reading) throws StatusException {
    try {
      reading.run();
    } catch (StreamConstraintsException e) {
      throw parseError(
          "Nested deeper than %d, or a number longer than %d, a name longer than %d or a string longer than %d characters."
              .formatted(MAX_DEPTH, MAX_NUMBER, MAX_NAME, MAX_STRING),
          e.getLocation() == null ? 0 : e.getLocation().getByteOffset());
    } catch (JsonProcessingException e) {
      throw parseError(reason(e), e.getLocation() == null ? 0 : e.getLocation().getByteOffset());
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

  private static StatusException parseError(String reason, long offset) {
    return StatusException.invalid("JSON Parse error: " + reason + " at offset: " + offset);
  }

  private void walk(JsonParser parser) throws IOException, StatusException {
    JsonToken first = parser.nextToken();
    if (first == null) {
      throw StatusException.invalid("JSON Parse error: The document is empty");
    }
    if (first != JsonToken.START_OBJECT) {
      throw formatError("Is not object");
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      countName();
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (!MEMBERS.contains(name)) {
        skip(parser);
        continue;
      }
      if (!members.add(name)) {
        throw duplicate(name);
      }
      if (name.equals(SIGNATURE_NAME)) {
        if (value != JsonToken.VALUE_STRING) {
          throw formatError(
              "not formatted correctly. 'signature_name' key must be a string value.");
        }
        signatureName = parser.getText();
      } else if (name.equals(INPUTS) && value == JsonToken.START_OBJECT) {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          countName();
          parser.nextToken();
          skipRows(parser);
        }
      } else {
        skipRows(parser);
      }
    }
    if (parser.nextToken() != null) {
      throw parseError(
          "The document root must not be followed by other values.",
          parser.currentTokenLocation().getByteOffset());
    }
  }

  /** Skips a list, or another value; stops as soon as the list is too long. */
  private void skipRows(JsonParser parser) throws IOException, StatusException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      skip(parser);
      return;
    }
    for (int rows = 0; parser.nextToken() != JsonToken.END_ARRAY; rows++) {
      if (rows == MAX_ROWS) {
        throw StatusException.invalid(
            "Too many instances: at most %d in a request. Split the request.".formatted(MAX_ROWS));
      }
      skip(parser);
    }
  }

  private void skip(JsonParser parser) throws IOException, StatusException {
    int depth = 0;
    JsonToken token = parser.currentToken();
    while (true) {
      if (token.isStructStart()) {
        depth++;
      } else if (token.isStructEnd()) {
        depth--;
      } else if (token == JsonToken.FIELD_NAME) {
        countName();
      }
      if (depth == 0) {
        return;
      }
      token = parser.nextToken();
    }
  }

  private void countName() throws StatusException {
    if (++names > MAX_NAMES) {
      throw StatusException.invalid(
          "Too many names: at most %d in a request. Split the request.".formatted(MAX_NAMES));
    }
  }

  /** The parser takes some sequences for characters that are none. */
  private void checkEncoding() throws StatusException {
    int ascii = 0;
    while (ascii < body.length && body[ascii] >= 0) {
      ascii++;
    }
    ByteBuffer bytes = ByteBuffer.wrap(body, ascii, body.length - ascii);
    CharBuffer chars = CharBuffer.allocate(Math.min(bytes.remaining(), 8192));
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    CoderResult result;
    do {
      result = decoder.decode(bytes, chars.clear(), true);
    } while (result.isOverflow());
    if (result.isError()) {
      throw parseError("Invalid encoding in string.", bytes.position());
    }
  }

  /** A mistake of the request as a whole. */
  StatusException formatError(String message) {
    return StatusException.invalid("JSON Value: " + quote(body, 0, body.length) + " " + message);
  }

  static StatusException duplicate(String name) {
    return StatusException.invalid("Duplicate key: " + quote(name));
  }

  /** The value that a parser is at, as it was sent. */
  String quote(JsonParser parser) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      return '"' + quote(parser.getText()) + '"';
    }
    if (!parser.currentToken().isStructStart()) {
      return quote(parser.getText());
    }
    int start = start(parser);
    try (JsonParser again = from(start)) {
      again.nextToken();
      again.skipChildren();
      return quote(body, start, start + (int) again.currentLocation().getByteOffset());
    }
  }

  /** Where the value begins that a parser of a member is at. */
  static int start(JsonParser parser) {
    return (int) parser.currentTokenLocation().getByteOffset();
  }

  private JsonParser from(int start) throws IOException {
    return JSON.createParser(body, start, body.length - start);
  }

  private static String quote(byte[] text, int from, int to) {
    // Four bytes at most make a character; the last one may be cut, but is not shown then.
    int end = Math.min(to, from + 4 * (MAX_QUOTED + 2));
    return quote(new String(text, from, end - from, StandardCharsets.UTF_8));
  }

  /** Something that a client sent, for an error message. */
  static String quote(String text) {
    return text.codePointCount(0, Math.min(text.length(), 2 * MAX_QUOTED + 2)) <= MAX_QUOTED
        ? text
        : text.substring(0, text.offsetByCodePoints(0, MAX_QUOTED)) + "...";
  }

  /**
   * The length of a list, of its first element, and so on; none for another value.
   *
   * @param start where it begins
   */
  int[] denseShape(int start) throws IOException {
    if (body[start] != '[') {
      return new int[0];
    }
    int[] sizes = new int[MAX_DEPTH];
    try (JsonParser parser = from(start)) {
      parser.nextToken();
      return Arrays.copyOf(sizes, measure(parser, sizes, 0));
    }
  }

  private static int measure(JsonParser parser, int[] sizes, int rank) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      parser.skipChildren();
      return rank;
    }
    int deepest = rank + 1;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (sizes[rank]++ == 0) {
        deepest = measure(parser, sizes, rank + 1);
      } else {
        parser.skipChildren();
      }
    }
    return deepest;
  }

  /** What Jackson calls the token, in Serving's words. */
  static String type(JsonToken token) {
    return switch (token) {
      case VALUE_NULL -> "Null";
      case VALUE_FALSE -> "False";
      case VALUE_TRUE -> "True";
      case START_OBJECT -> "Object";
      case START_ARRAY -> "Array";
      case VALUE_STRING -> "String";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "Number";
      default -> throw new IllegalStateException("no value begins with " + token);
    };
  }

  /** Whether a parser is at {@code {"b64": "…"}}. */
  boolean isBase64(JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      return false;
    }
    try (JsonParser again = from(start(parser))) {
      again.nextToken();
      return "b64".equals(again.nextFieldName())
          && again.nextToken() == JsonToken.VALUE_STRING
          && again.nextToken() == JsonToken.END_OBJECT;
    }
  }

  /** Reads {@code "…"} or {@code {"b64": "…"}}; leaves the parser at its last token. */
  byte[] bytes(JsonParser parser) throws IOException, StatusException {
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      return utf8(parser.getText());
    }
    if (!isBase64(parser)) {
      throw StatusException.invalid(
          "JSON Value: " + quote(parser) + " not formatted correctly for base64 data");
    }
    parser.nextToken();
    parser.nextToken();
    String text = parser.getText();
    parser.nextToken();
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw StatusException.invalid("Unable to base64 decode");
    }
  }

  private static byte[] utf8(String text) throws StatusException {
    // An escape can write half of a pair.
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw StatusException.invalid("JSON Parse error: The surrogate pair in string is invalid.");
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads a number as TensorFlow Serving takes it for a float: a whole one only if it is below
   * 2<sup>24</sup>. Stricter, it has to be finite.
   */
  float toFloat(JsonParser parser) throws IOException, StatusException {
    double value = parser.getDoubleValue();
    if (parser.isNaN()) {
      throw StatusException.invalid(
          "JSON Value: " + quote(parser) + " Type: Number is not a finite number");
    }
    double limit =
        parser.currentToken() == JsonToken.VALUE_NUMBER_INT ? MAX_EXACT_FLOAT : Float.MAX_VALUE;
    if (!(Math.abs(value) <= limit)) {
      throw StatusException.invalid(
          "Cannot convert JSON value: " + quote(parser) + " to float without loss of precision.");
    }
    return (float) value;
  }
}
