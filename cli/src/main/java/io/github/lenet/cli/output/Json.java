package io.github.lenet.cli.output;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** JSON for programs that read what a command prints. */
public final class Json {

  /** Escapes what is not ASCII: standard output may have any encoding. */
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private Json() {}

  public static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /** Prints the one object that a command's standard output holds. */
  public static void print(Console console, ObjectNode json) {
    print(console, MAPPER.writerWithDefaultPrettyPrinter(), json);
  }

  /** Prints one of many objects, each on a line of its own. */
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
