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
import java.util.regex.Pattern;

/**
 * The JSON of a request to {@code :predict}, {@code :classify} or {@code :regress}: an object of
 * few members, within limits.
 *
 * <p>The signature decides what the numbers mean, and may be named after them. So a body that may
 * name one is walked twice: for the name, and for the numbers. Neither builds a tree.
 */
final class JsonRequest {

  static final String SIGNATURE_NAME = "signature_name";
  static final String INSTANCES = "instances";
  static final String INPUTS = "inputs";
  static final String CONTEXT = "context";
  static final String EXAMPLES = "examples";

  /** So many images at most come in one request. */
  static final int MAX_ROWS = 1024;

  /** The characters of what a client sent that an error repeats. */
  static final int MAX_QUOTED = 100;

  private static final int MAX_DEPTH = 32;
  private static final int MAX_NUMBER = 1000;
  private static final int MAX_STRING = 1 << 20;
  // In the whole body. The parser keeps each name that is new to it.
  private static final int MAX_NAMES = 16 * MAX_ROWS;

  private static final Pattern WHITE_SPACE = Pattern.compile("\\s+");

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
                  .maxNameLength(MAX_STRING)
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
   * Reads the whole body and decodes nothing.
   *
   * @throws StatusException if it is not JSON, beyond a limit, or not an object
   */
  void check() throws StatusException {
    read((member, parser) -> skipRows(parser));
  }

  /** Which signature is asked for; empty if that is not said. */
  String signatureName() {
    return signatureName;
  }

  /** How many bytes there are. */
  int size() {
    return body.length;
  }

  /** Whether there is such a member, as far as has been read. */
  boolean has(String member) {
    return members.contains(member);
  }

  /** Decodes a member. */
  interface MemberReading {
    /**
     * Decodes.
     *
     * @param parser at the first token of the member's value, to be left at its last one
     */
    void read(String member, JsonParser parser) throws IOException, StatusException;
  }

  /** Decodes an element of a list. */
  interface RowReading {
    /**
     * Decodes.
     *
     * @param parser at the first token of the element, to be left at its last one
     */
    void read(int row, JsonParser parser) throws IOException, StatusException;
  }

  /**
   * Has the members decoded that hold data, in the order in which they come.
   *
   * @throws StatusException if something is wrong with them; if the body is not JSON, beyond a
   *     limit, or not an object
   */
  void read(MemberReading reading) throws StatusException {
    members.clear();
    names = 0;
    try (JsonParser parser = JSON.createParser(body)) {
      walk(parser, reading);
    } catch (StreamConstraintsException e) {
      throw StatusException.invalid(
          "JSON Parse error: nested deeper than %d, or a number longer than %d or a string longer than %d characters"
              .formatted(MAX_DEPTH, MAX_NUMBER, MAX_STRING));
    } catch (JsonProcessingException e) {
      throw parseError(reason(e), e.getLocation() == null ? 0 : e.getLocation().getByteOffset());
    } catch (IOException e) {
      throw new IllegalStateException("reading from memory", e);
    }
  }

  /**
   * Has the elements of a list decoded; stops as soon as there are too many.
   *
   * @param parser at the beginning of the list
   * @return how many there are
   */
  static int readRows(JsonParser parser, RowReading reading) throws IOException, StatusException {
    int rows = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (rows == MAX_ROWS) {
        throw StatusException.invalid(
            "Too many instances: at most %d in a request. Split the request.".formatted(MAX_ROWS));
      }
      reading.read(rows++, parser);
    }
    return rows;
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

  private void walk(JsonParser parser, MemberReading reading) throws IOException, StatusException {
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
      parser.nextToken();
      if (!MEMBERS.contains(name)) {
        skip(parser);
      } else if (!members.add(name)) {
        throw duplicate(name);
      } else if (name.equals(SIGNATURE_NAME)) {
        readSignatureName(parser);
      } else {
        reading.read(name, parser);
      }
    }
    if (parser.nextToken() != null) {
      throw parseError("The document root must not be followed by other values.", start(parser));
    }
  }

  private void readSignatureName(JsonParser parser) throws IOException, StatusException {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw formatError("not formatted correctly. 'signature_name' key must be a string value.");
    }
    signatureName = parser.getText();
  }

  private void skipRows(JsonParser parser) throws IOException, StatusException {
    if (parser.currentToken() == JsonToken.START_ARRAY) {
      readRows(parser, (row, element) -> skip(element));
    } else {
      skip(parser);
    }
  }

  /** Goes from a value's first token to its last one. */
  void skip(JsonParser parser) throws IOException, StatusException {
    JsonToken token = parser.currentToken();
    int depth = 0;
    while (true) {
      if (token.isStructStart()) {
        depth++;
      } else if (token.isStructEnd()) {
        depth--;
      } else if (token == JsonToken.FIELD_NAME) {
        countName();
        utf8(parser.currentName());
      } else if (token == JsonToken.VALUE_STRING) {
        utf8(parser.getText());
      } else if (token == JsonToken.VALUE_NUMBER_FLOAT) {
        number(parser);
      }
      if (depth == 0) {
        return;
      }
      token = parser.nextToken();
    }
  }

  /** Has to be told of each name. */
  void countName() throws StatusException {
    if (++names > MAX_NAMES) {
      throw StatusException.invalid(
          "Too many names: at most %d in a request. Split the request.".formatted(MAX_NAMES));
    }
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
  String quote(JsonParser parser) throws IOException, StatusException {
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      return '"' + quote(parser.getText()) + '"';
    }
    if (!parser.currentToken().isStructStart()) {
      return quote(parser.getText());
    }
    return quoteFrom(start(parser));
  }

  /** The list or object that begins there, as it was sent. */
  String quoteFrom(int start) throws IOException, StatusException {
    try (JsonParser again = from(start)) {
      again.nextToken();
      skip(again);
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
  int[] denseShape(int start) throws IOException, StatusException {
    if (body[start] != '[') {
      return new int[0];
    }
    int[] sizes = new int[MAX_DEPTH];
    try (JsonParser parser = from(start)) {
      parser.nextToken();
      return Arrays.copyOf(sizes, measure(parser, sizes, 0));
    }
  }

  private int measure(JsonParser parser, int[] sizes, int rank)
      throws IOException, StatusException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      skip(parser);
      return rank;
    }
    int deepest = rank + 1;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (sizes[rank]++ == 0) {
        deepest = measure(parser, sizes, rank + 1);
      } else {
        skip(parser);
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
      return Base64.getDecoder().decode(WHITE_SPACE.matcher(text).replaceAll(""));
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

  /** Reads a number as TensorFlow Serving reads JSON: it has no plus sign, and fits a double. */
  private double number(JsonParser parser) throws IOException, StatusException {
    double value = parser.getDoubleValue();
    if (body[start(parser)] == '+') {
      throw parseError("Invalid value.", start(parser));
    }
    if (Double.isInfinite(value) && !parser.isNaN()) {
      throw parseError("Number too big to be stored in double.", start(parser));
    }
    return value;
  }

  /** Reads a number for a float. TensorFlow Serving also takes one that is not finite. */
  float toFloat(JsonParser parser) throws IOException, StatusException {
    double value = number(parser);
    if (parser.isNaN()) {
      throw StatusException.invalid(
          "JSON Value: " + quote(parser) + " Type: Number is not a finite number");
    }
    if (!(Math.abs(value) <= Float.MAX_VALUE)) {
      throw StatusException.invalid(
          "Cannot convert JSON value: " + quote(parser) + " to float without loss of precision.");
    }
    return (float) value;
  }
}
