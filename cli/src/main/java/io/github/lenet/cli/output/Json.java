package io.github.lenet.cli.output;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Prints JSON on standard output. */
public final class Json {

  /** Escapes non-ASCII characters, because standard output may have any encoding. */
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private Json() {}

  /** {@return a new, empty JSON object} */
  public static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /** Prints the only object of a command's output. */
  public static void print(Console console, ObjectNode json) {
    print(console, MAPPER.writerWithDefaultPrettyPrinter(), json);
  }

  /** Prints one of many objects, each on its own line. */
  public static void printLine(Console console, ObjectNode json) {
    print(console, MAPPER.writer(), json);
  }

  private static void print(Console console, ObjectWriter writer, ObjectNode json) {
    try {
      console.out().println(writer.writeValueAsString(json));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of JSON nodes can always be written", e);
    }
  }
}
