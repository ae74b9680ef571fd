package io.github.lenet.cli.serve;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * What {@code :predict} asks: tensors, given by rows ({@code instances}) or by columns ({@code
 * inputs}).
 */
final class PredictRequest {

  private final JsonRequest json;
  private final Map<String, TensorReader> readers = new LinkedHashMap<>();
  private final Map<String, HeapTensor> tensors = new LinkedHashMap<>();
  private boolean named; // the rows are objects, with a member for each input

  /**
   * Decodes it.
   *
   * @throws StatusException if it does not have the form, or is not what the signature takes
   */
  PredictRequest(JsonRequest json, SignatureDef signature) throws StatusException {
    this.json = json;
    signature
        .inputs()
        .forEach((name, port) -> readers.put(name, new TensorReader(json, name, port)));
    json.read(this::readMember);
    if (!json.has(JsonRequest.INSTANCES) && !json.has(JsonRequest.INPUTS)) {
      throw StatusException.invalid("Missing 'inputs' or 'instances' key");
    }
    readers.forEach((name, reader) -> tensors.put(name, reader.tensor()));
    checkRows();
  }

  /** Whether the response has to be by rows, too. */
  boolean byRows() {
    return json.has(JsonRequest.INSTANCES);
  }

  /** All inputs of the signature, with the same number of rows, at least one. */
  Map<String, HeapTensor> inputs() {
    return tensors;
  }

  private void readMember(String member, JsonParser parser) throws IOException, StatusException {
    if (json.has(JsonRequest.INSTANCES) && json.has(JsonRequest.INPUTS)) {
      throw json.formatError(
          "Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist ");
    }
    switch (member) {
      case JsonRequest.INSTANCES -> readRows(parser);
      case JsonRequest.INPUTS -> readColumns(parser);
      default -> json.skip(parser);
    }
  }

  private void readRows(JsonParser parser) throws IOException, StatusException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw json.formatError("Expecting 'instances' to be an list/array");
    }
    if (JsonRequest.readRows(parser, this::readRow) == 0) {
      throw json.formatError("No values in 'instances' array");
    }
  }

  private void readRow(int row, JsonParser parser) throws IOException, StatusException {
    boolean object = parser.currentToken() == JsonToken.START_OBJECT && !json.isBase64(parser);
    if (row == 0) {
      named = object;
    }
    if (!named && readers.size() > 1) {
      throw StatusException.invalid(
          "instances is a plain list, but expecting list of objects as multiple input tensors"
              + " required as per tensorinfo_map");
    }
    if (named && !object) {
      throw StatusException.invalid(
          "Expecting object but got list at item " + row + " of input list");
    }
    if (!named && object) {
      throw StatusException.invalid(
          "Expecting value/list but got object at item " + row + " of input list");
    }
    if (named) {
      readNamedRow(parser, row);
    } else {
      readRow(parser, row, "", readers.values().iterator().next());
    }
  }

  private void readNamedRow(JsonParser parser, int row) throws IOException, StatusException {
    int start = JsonRequest.start(parser);
    Set<String> missing = new LinkedHashSet<>(readers.keySet());
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      TensorReader reader = readers.get(name);
      if (reader == null) {
        throw failed(row, name, doesNotHave(name));
      }
      if (!missing.remove(name)) {
        throw failed(row, name, JsonRequest.duplicate(name));
      }
      readRow(parser, row, name, reader);
    }
    if (!missing.isEmpty()) {
      throw StatusException.invalid(
          "Failed to process element: %d of 'instances' list. JSON object: %s keys must be equal to: %s"
              .formatted(row, json.quoteFrom(start), String.join(",", readers.keySet())));
    }
  }

  private static void readRow(JsonParser parser, int row, String key, TensorReader reader)
      throws IOException, StatusException {
    try {
      reader.readRow(parser);
    } catch (StatusException e) {
      throw failed(row, key, e);
    }
  }

  private static StatusException failed(int row, String key, StatusException cause) {
    return StatusException.invalid(
        "Failed to process element: %d%s of 'instances' list. Error: %s: %s"
            .formatted(
                row,
                key.isEmpty() ? "" : " key: " + JsonRequest.quote(key),
                cause.code(),
                cause.getMessage()));
  }

  private static StatusException doesNotHave(String name) {
    return StatusException.invalid(
        "JSON object: does not have named input: " + JsonRequest.quote(name));
  }

  private void readColumns(JsonParser parser) throws IOException, StatusException {
    if (parser.currentToken() != JsonToken.START_OBJECT || json.isBase64(parser)) {
      if (readers.size() > 1) {
        throw StatusException.invalid(
            "inputs is a plain value/list, but expecting an object as multiple input tensors"
                + " required as per tensorinfo_map");
      }
      readers.values().iterator().next().readRows(parser);
      return;
    }
    Set<String> missing = new LinkedHashSet<>(readers.keySet());
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      TensorReader reader = readers.get(name);
      if (reader == null) { // Serving ignores it, and with it a name that was misspelled.
        throw doesNotHave(name);
      }
      if (!missing.remove(name)) {
        throw JsonRequest.duplicate(name);
      }
      reader.readRows(parser);
    }
    for (String name : missing) {
      throw StatusException.invalid("Missing named input: " + name + " in 'inputs' object.");
    }
  }

  private void checkRows() throws StatusException {
    int rows = tensors.values().iterator().next().rows();
    for (Map.Entry<String, HeapTensor> tensor : tensors.entrySet()) {
      if (tensor.getValue().rows() != rows) {
        throw StatusException.invalid(
            "Tensor name: %s has inconsistent batch size: %d expecting: %d"
                .formatted(tensor.getKey(), tensor.getValue().rows(), rows));
      }
    }
  }
}
