package io.github.lenet.cli.serve;

import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.tensorflow.ndarray.Shape;

/**
 * Collects the values of one input out of nested lists. It takes lists of any shape, and compares
 * what it has found with what the signature allows.
 */
final class TensorReader {

  private static final int UNKNOWN = -1;

  private final JsonReader json;
  private final String name;
  private final SignatureDef.TensorInfo info;
  private final Object values; // byte[], float[] or byte[][]
  private final int capacity;
  private int size;
  private int rows;

  /** Of the value at hand: the lengths of its lists, and how many lists a number is in. */
  private final int[] lengths = new int[JsonReader.MAX_DEPTH + 1];

  private int rank;

  /**
   * Creates it.
   *
   * @param name of the input
   */
  TensorReader(JsonReader json, String name, SignatureDef.TensorInfo info) {
    this.json = json;
    this.name = name;
    this.info = info;
    long rowSize = Arrays.stream(rowShape()).reduce(1, Math::multiplyExact);
    // No value takes less than a byte.
    capacity = (int) Math.min(JsonReader.MAX_ROWS * rowSize, json.size());
    values =
        switch (info.type()) {
          case DT_UINT8 -> new byte[capacity];
          case DT_FLOAT -> new float[capacity];
          case DT_STRING -> new byte[capacity][];
          default -> throw new IllegalStateException("no input has type " + info.type());
        };
  }

  private long[] rowShape() {
    long[] shape = info.shape().asArray();
    return Arrays.copyOfRange(shape, 1, shape.length);
  }

  /** Adds the value at hand as a row. */
  void readRow() throws IOException, StatusException {
    begin();
    read(json.token(), 0);
    requireShape(rowShape());
    rows++;
  }

  /** Adds the value at hand as all rows. */
  void readRows() throws IOException, StatusException {
    begin();
    if (json.token() == JsonToken.START_ARRAY) {
      rows = json.readRows(row -> read(json.token(), 1));
      setLength(0, rows);
    } else {
      read(json.token(), 0);
    }
    requireShape(info.shape().asArray());
  }

  /** What was read. */
  HeapTensor tensor() {
    long[] shape = info.shape().asArray();
    shape[0] = rows;
    Object read =
        switch (info.type()) {
          case DT_UINT8 -> Arrays.copyOf((byte[]) values, size);
          case DT_FLOAT -> Arrays.copyOf((float[]) values, size);
          default -> Arrays.copyOf((byte[][]) values, size);
        };
    return new HeapTensor(info.type(), Shape.of(shape), read);
  }

  private void begin() {
    Arrays.fill(lengths, UNKNOWN);
    rank = UNKNOWN;
  }

  /** Reads the value at hand, which is in so many lists. */
  private void read(JsonToken token, int depth) throws IOException, StatusException {
    if (token == JsonToken.START_OBJECT) {
      addObject(depth);
      return;
    }
    if (token != JsonToken.START_ARRAY) {
      if (!isAtRank(depth)) {
        throw wrongDepth(json.quote(), depth);
      }
      add(token);
      return;
    }
    if (depth == rank) {
      throw ragged(
          "Encountered list at unexpected level: %d expected < %d".formatted(depth, depth));
    }
    int length = 0;
    for (JsonToken inner; (inner = json.next()) != JsonToken.END_ARRAY; length++) {
      read(inner, depth + 1);
    }
    setLength(depth, length);
  }

  /** Adds the string of an object, {@code {"b64": "…"}}. */
  private void addObject(int depth) throws IOException, StatusException {
    if (!(values instanceof byte[][] strings)) {
      throw wrongType(json.quoteObject(), "Object");
    }
    if (!isAtRank(depth)) {
      throw wrongDepth(json.quoteObject(), depth);
    }
    byte[] string = json.base64();
    if (size < capacity) {
      strings[size] = string;
    }
    size++;
  }

  private void setLength(int depth, int length) throws StatusException {
    if (lengths[depth] == UNKNOWN) {
      lengths[depth] = length;
    } else if (lengths[depth] != length) {
      throw ragged(
          "Encountered list at unexpected size: %d at level: %d expected size: %d"
              .formatted(length, depth, lengths[depth]));
    }
  }

  /** All values are in as many lists as the first one. */
  private boolean isAtRank(int depth) {
    if (rank == UNKNOWN) {
      rank = depth;
    }
    return rank == depth;
  }

  private StatusException wrongDepth(String quoted, int depth) {
    return ragged(
        "JSON Value: %s found at incorrect level: %d in the JSON DOM. Expected at level: %d"
            .formatted(quoted, depth + 1, rank));
  }

  /** Adds a value. What does not fit is not kept: its shape will be refused. */
  private void add(JsonToken token) throws IOException, StatusException {
    boolean isKept = size < capacity;
    if (values instanceof byte[] bytes) {
      int value = token == JsonToken.VALUE_NUMBER_INT ? json.uint8() : -1;
      if (value < 0) {
        throw wrongType(json.quote(), json.type());
      }
      if (isKept) {
        bytes[size] = (byte) value;
      }
    } else if (values instanceof float[] floats) {
      if (!token.isNumeric()) {
        throw wrongType(json.quote(), json.type());
      }
      float value = json.toFloat();
      if (isKept) {
        floats[size] = value;
      }
    } else {
      if (token != JsonToken.VALUE_STRING) {
        throw wrongType(json.quote(), json.type());
      }
      byte[] value = json.bytes();
      if (isKept) {
        ((byte[][]) values)[size] = value;
      }
    }
    size++;
  }

  private StatusException wrongType(String quoted, String found) {
    String expected =
        switch (info.type()) {
          case DT_UINT8 -> "uint8";
          case DT_FLOAT -> "float";
          default -> "string";
        };
    return StatusException.invalid(
        "JSON Value: %s Type: %s is not of expected type: %s".formatted(quoted, found, expected));
  }

  private StatusException ragged(String message) {
    return StatusException.invalid(message + " for input: " + name);
  }

  /** Compares the lengths of the lists; those of the rows may be any but zero. */
  private void requireShape(long[] expected) throws StatusException {
    int depth = 0;
    boolean isExpected = true;
    for (; depth < lengths.length && lengths[depth] != UNKNOWN; depth++) {
      isExpected &=
          depth < expected.length
              && (expected[depth] < 0 ? lengths[depth] > 0 : expected[depth] == lengths[depth]);
    }
    if (!isExpected || depth != expected.length) {
      throw StatusException.invalid(
          "Expecting shape %s but got: %s for input: %s"
              .formatted(
                  toText(expected),
                  toText(Arrays.stream(lengths, 0, depth).asLongStream().toArray()),
                  name));
    }
  }

  private static String toText(long[] shape) {
    return Arrays.stream(shape).mapToObj(Long::toString).collect(Collectors.joining(",", "[", "]"));
  }
}
