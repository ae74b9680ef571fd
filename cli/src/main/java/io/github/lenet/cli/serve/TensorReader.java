package io.github.lenet.cli.serve;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.tensorflow.ndarray.Shape;

/**
 * Collects the rows of one input out of nested lists. What TensorFlow Serving refuses here or only
 * when the graph runs, is refused here.
 */
final class TensorReader {

  private final JsonRequest json;
  private final String name;
  private final SignatureDef.TensorInfo port;
  private final int[] rowShape;
  private final int rowSize;
  private final Object values;
  private int size;
  private int rows;

  /**
   * Creates it.
   *
   * @param name of the input
   */
  TensorReader(JsonRequest json, String name, SignatureDef.TensorInfo port) {
    this.json = json;
    this.name = name;
    this.port = port;
    rowShape =
        IntStream.range(1, port.shape().numDimensions())
            .map(axis -> Math.toIntExact(port.shape().get(axis)))
            .toArray();
    rowSize = Arrays.stream(rowShape).reduce(1, Math::multiplyExact);
    // No value takes less than a byte.
    int capacity = (int) Math.min((long) JsonRequest.MAX_ROWS * rowSize, json.size());
    values =
        switch (port.type()) {
          case DT_UINT8 -> new byte[capacity];
          case DT_FLOAT -> new float[capacity];
          case DT_STRING -> new byte[capacity][];
          default -> throw new IllegalStateException("no input has type " + port.type());
        };
  }

  /** Adds a row, from the parser's token on. */
  void readRow(JsonParser parser) throws IOException, StatusException {
    readRow(parser, JsonRequest.start(parser), 0);
  }

  /** Adds all rows, the elements of a list. */
  void readRows(JsonParser parser) throws IOException, StatusException {
    int start = JsonRequest.start(parser);
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      checkType(parser);
      throw wrongShape(start, 1, "");
    }
    if (JsonRequest.readRows(parser, (row, element) -> readRow(element, start, 1)) == 0) {
      throw wrongShape(start, 1, "");
    }
  }

  /** What was read. */
  HeapTensor tensor() {
    long[] sizes = port.shape().asArray();
    sizes[0] = rows;
    return new HeapTensor(port.type(), Shape.of(sizes), trimmed());
  }

  private Object trimmed() {
    return switch (port.type()) {
      case DT_UINT8 -> Arrays.copyOf((byte[]) values, size);
      case DT_FLOAT -> Arrays.copyOf((float[]) values, size);
      default -> Arrays.copyOf((byte[][]) values, size);
    };
  }

  /**
   * Adds a row.
   *
   * @param start where the row begins, or the list of which it is an element
   * @param outer how many lists it is an element of
   */
  private void readRow(JsonParser parser, int start, int outer)
      throws IOException, StatusException {
    read(parser, parser.currentToken(), 0, start, outer);
    rows++;
  }

  private void read(JsonParser parser, JsonToken token, int axis, int start, int outer)
      throws IOException, StatusException {
    int level = outer + axis;
    if (token != JsonToken.START_ARRAY) {
      checkType(parser);
      if (axis < rowShape.length) {
        throw wrongShape(
            start,
            outer,
            "JSON Value: %s found at incorrect level: %d in the JSON DOM. Expected at level: %d"
                .formatted(json.quote(parser), level + 1, outer + rowShape.length));
      }
      add(parser, token);
      return;
    }
    if (axis == rowShape.length) {
      throw wrongShape(
          start,
          outer,
          "Encountered list at unexpected level: %d expected < %d".formatted(level, level));
    }
    int expected = rowShape[axis];
    int found = 0;
    for (JsonToken inner; (inner = parser.nextToken()) != JsonToken.END_ARRAY; found++) {
      if (found < expected) {
        read(parser, inner, axis + 1, start, outer);
      } else {
        json.skip(parser);
      }
    }
    if (found != expected) {
      throw wrongShape(
          start,
          outer,
          "Encountered list at unexpected size: %d at level: %d expected size: %d"
              .formatted(found, level, expected));
    }
  }

  private void checkType(JsonParser parser) throws IOException, StatusException {
    JsonToken token = parser.currentToken();
    boolean fits =
        switch (port.type()) {
          case DT_UINT8 -> token == JsonToken.VALUE_NUMBER_INT;
          case DT_FLOAT -> token.isNumeric();
          default -> token == JsonToken.VALUE_STRING || token == JsonToken.START_OBJECT;
        };
    if (!fits) {
      throw wrongType(parser);
    }
  }

  private void add(JsonParser parser, JsonToken token) throws IOException, StatusException {
    switch (port.type()) {
      case DT_UINT8 -> ((byte[]) values)[size++] = toUint8(parser);
      case DT_FLOAT -> ((float[]) values)[size++] = json.toFloat(parser);
      default -> ((byte[][]) values)[size++] = json.bytes(parser);
    }
  }

  private byte toUint8(JsonParser parser) throws IOException, StatusException {
    int value;
    try {
      value = parser.getIntValue();
    } catch (InputCoercionException e) { // more than 32 bits
      throw wrongType(parser);
    }
    if (value < 0 || value > 255) {
      throw wrongType(parser);
    }
    return (byte) value;
  }

  private StatusException wrongType(JsonParser parser) throws IOException, StatusException {
    String type =
        switch (port.type()) {
          case DT_UINT8 -> "uint8";
          case DT_FLOAT -> "float";
          default -> "string";
        };
    return StatusException.invalid(
        "JSON Value: "
            + json.quote(parser)
            + " Type: "
            + JsonRequest.type(parser.currentToken())
            + " is not of expected type: "
            + type);
  }

  /**
   * Says which shape was found; if the lists are of the right lengths at their beginnings, what
   * else is wrong with them.
   */
  private StatusException wrongShape(int start, int outer, String ragged)
      throws IOException, StatusException {
    int[] found = json.denseShape(start);
    boolean asExpected =
        found.length == outer + rowShape.length
            && Arrays.equals(found, outer, found.length, rowShape, 0, rowShape.length)
            && !ragged.isEmpty();
    String message =
        asExpected
            ? ragged
            : "Expecting shape "
                + toText(outer == 0 ? rowShape : allRows())
                + " but got: "
                + toText(found);
    return StatusException.invalid(message + " for input: " + name);
  }

  private int[] allRows() {
    int[] shape = new int[rowShape.length + 1];
    shape[0] = -1;
    System.arraycopy(rowShape, 0, shape, 1, rowShape.length);
    return shape;
  }

  private static String toText(int[] shape) {
    return Arrays.stream(shape)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(",", "[", "]"));
  }
}
