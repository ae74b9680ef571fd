package io.github.lenet.cli.serve;

import com.fasterxml.jackson.core.ErrorReportConfiguration;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonParser.NumberType;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * Reads one body of JSON, once, from its beginning to its end, as TensorFlow Serving reads it and
 * within limits. It builds no tree.
 *
 * <p>Jackson's own exceptions pass through it.
 */
final class JsonReader implements AutoCloseable {

  /** So many rows at most come in one request. */
  static final int MAX_ROWS = 1024;

  static final int MAX_DEPTH = 32;
  static final int MAX_NUMBER = 1000;
  static final int MAX_STRING = 1 << 20;

  /** The characters of what a client sent that an error repeats. */
  private static final int MAX_QUOTED = 100;

  // In the whole body. The parser keeps each name that is new to it.
  private static final int MAX_NAMES = 16 * MAX_ROWS;

  private static final Pattern WHITE_SPACE = Pattern.compile("\\s+");

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
  private final JsonParser parser;
  private int names;

  /** The parser is at the first name of an object, or at its end; the object is at hand. */
  private boolean hasPeeked;

  private int objectStart;

  /**
   * Starts before the first token.
   *
   * @param body UTF-8, not copied
   */
  JsonReader(byte[] body) throws IOException {
    this.body = body;
    parser = JSON.createParser(body);
  }

  /** How many bytes there are. */
  int size() {
    return body.length;
  }

  /** The token at hand; null before the first and after the last one. */
  JsonToken token() {
    return hasPeeked ? JsonToken.START_OBJECT : parser.currentToken();
  }

  /** Where the token at hand begins. */
  int start() {
    return hasPeeked ? objectStart : (int) parser.currentTokenLocation().getByteOffset();
  }

  /** Goes to the next token; null after the last one. */
  JsonToken next() throws IOException {
    return parser.nextToken();
  }

  /** The first name of the object at hand; null if it has none. The object stays at hand. */
  String firstName() throws IOException {
    objectStart = start();
    String name = parser.nextFieldName();
    hasPeeked = true;
    return name;
  }

  /** Goes to an object's next name. Returns it; null at the object's end. */
  String nextName() throws IOException, StatusException {
    JsonToken token = hasPeeked ? parser.currentToken() : parser.nextToken();
    hasPeeked = false;
    if (token == JsonToken.END_OBJECT) {
      return null;
    }
    checkName();
    return parser.currentName();
  }

  /** Goes to the value of an object's next member. Returns its name; null at the object's end. */
  String nextMember() throws IOException, StatusException {
    String name = nextName();
    if (name != null) {
      parser.nextToken();
    }
    return name;
  }

  private void checkName() throws IOException, StatusException {
    utf8(parser.currentName());
    if (++names > MAX_NAMES) {
      throw StatusException.invalid(
          "Too many names: at most %d in a request. Split the request.".formatted(MAX_NAMES));
    }
  }

  /** Reads an element of a list, from its first token to its last one. */
  interface RowReader {
    void read(int row) throws IOException, StatusException;
  }

  /**
   * Reads the elements of the list at hand; stops as soon as there are too many.
   *
   * @return how many there are
   */
  int readRows(RowReader reader) throws IOException, StatusException {
    int rows = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (rows == MAX_ROWS) {
        throw StatusException.invalid(
            "Too many instances: at most %d in a request. Split the request.".formatted(MAX_ROWS));
      }
      reader.read(rows++);
    }
    return rows;
  }

  /** Goes to the last token of the value at hand. What nobody reads still has to be JSON. */
  void skip() throws IOException, StatusException {
    skip(0);
  }

  /** Goes to the last token of the value at hand, or of the list or object so far around it. */
  private void skip(int enclosing) throws IOException, StatusException {
    int depth = enclosing;
    while (true) {
      JsonToken token = parser.currentToken();
      switch (token) {
        case START_OBJECT, START_ARRAY -> depth++;
        case END_OBJECT, END_ARRAY -> depth--;
        case FIELD_NAME -> checkName();
        case VALUE_STRING -> utf8(parser.getText());
        case VALUE_NUMBER_FLOAT -> toDouble();
        default -> {}
      }
      if (depth == 0) {
        return;
      }
      parser.nextToken();
    }
  }

  /** The string at hand. */
  String string() throws IOException {
    return parser.getText();
  }

  /** The string at hand, as UTF-8. */
  byte[] bytes() throws IOException, StatusException {
    return utf8(parser.getText());
  }

  /** Reads the object at hand, {@code {"b64": "…"}}; goes to its last token. */
  byte[] base64() throws IOException, StatusException {
    int start = start();
    String text = null;
    if ("b64".equals(nextName()) && parser.nextToken() == JsonToken.VALUE_STRING) {
      text = parser.getText();
    }
    if (text == null || parser.nextToken() != JsonToken.END_OBJECT) {
      throw StatusException.invalid(
          "JSON Value: " + quoteObject(start) + " not formatted correctly for base64 data");
    }
    try {
      return Base64.getDecoder().decode(WHITE_SPACE.matcher(text).replaceAll(""));
    } catch (IllegalArgumentException e) {
      throw StatusException.invalid("Unable to base64 decode");
    }
  }

  /** The whole number at hand; -1 if it is none from 0 to 255. */
  int uint8() throws IOException {
    try {
      int value = parser.getIntValue();
      return value < 0 || value > 255 ? -1 : value;
    } catch (InputCoercionException e) { // more than 32 bits
      return -1;
    }
  }

  /** Whether the whole number at hand fits a long. */
  boolean isLong() throws IOException {
    return parser.getNumberType() != NumberType.BIG_INTEGER;
  }

  /** The whole number at hand. */
  long toLong() throws IOException {
    return parser.getLongValue();
  }

  /** The number at hand. TensorFlow Serving also takes one that is not finite. */
  float toFloat() throws IOException, StatusException {
    double value = toDouble();
    if (parser.isNaN()) {
      throw StatusException.invalid(
          "JSON Value: " + quote() + " Type: Number is not a finite number");
    }
    if (!(Math.abs(value) <= Float.MAX_VALUE)) {
      throw StatusException.invalid(
          "Cannot convert JSON value: " + quote() + " to float without loss of precision.");
    }
    return (float) value;
  }

  /** As TensorFlow Serving reads JSON, a number has no plus sign, and fits a double. */
  private double toDouble() throws IOException, StatusException {
    double value = parser.getDoubleValue();
    if (body[start()] == '+') {
      throw parseError("Invalid value.", start());
    }
    if (Double.isInfinite(value) && !parser.isNaN()) {
      throw parseError("Number too big to be stored in double.", start());
    }
    return value;
  }

  private static byte[] utf8(String text) throws StatusException {
    // An escape can write half of a pair.
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw StatusException.invalid("JSON Parse error: The surrogate pair in string is invalid.");
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** The type of the value at hand, in Serving's words. */
  String type() {
    return switch (parser.currentToken()) {
      case VALUE_NULL -> "Null";
      case VALUE_FALSE -> "False";
      case VALUE_TRUE -> "True";
      case START_OBJECT -> "Object";
      case START_ARRAY -> "Array";
      case VALUE_STRING -> "String";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "Number";
      default -> throw new IllegalStateException("no value begins with " + parser.currentToken());
    };
  }

  /** The value at hand, which is no list and no object, as it was sent. */
  String quote() throws IOException {
    String text = quote(parser.getText());
    return parser.currentToken() == JsonToken.VALUE_STRING ? '"' + text + '"' : text;
  }

  /** The object at hand, as it was sent; goes to its last token. */
  String quoteObject() throws IOException, StatusException {
    int start = start();
    nextName();
    return quoteObject(start);
  }

  /**
   * An object as it was sent; goes to its last token.
   *
   * @param start where it begins; the token at hand is in it, or its last one
   */
  String quoteObject(int start) throws IOException, StatusException {
    skip(1);
    return quote(body, start, (int) parser.currentLocation().getByteOffset());
  }

  /** The beginning of a body. */
  static String quote(byte[] body) {
    return quote(body, 0, body.length);
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

  static StatusException parseError(String reason, long offset) {
    return StatusException.invalid("JSON Parse error: " + reason + " at offset: " + offset);
  }

  static StatusException duplicate(String name) {
    return StatusException.invalid("Duplicate key: " + quote(name));
  }

  @Override
  public void close() throws IOException {
    parser.close();
  }
}
