package io.github.lenet.cli.output;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** A table of names and values, which can be printed as text or as JSON. */
public final class PropertyTable {

  private final Map<String, String> lines = new LinkedHashMap<>();
  private final ObjectNode json = Json.object();

  /** {@return the JSON object, for values other than text} */
  public ObjectNode json() {
    return json;
  }

  /** Adds a line to the text, and the same value to the JSON object. */
  public void add(String name, String value) {
    addLine(name, value);
    json.put(key(name), value);
  }

  /** Adds a line to the text only. */
  public void addLine(String name, String value) {
    lines.put(name, Objects.requireNonNull(value, name));
  }

  private static String key(String name) {
    return name.toLowerCase(Locale.ROOT).replace(' ', '_');
  }

  /** Prints the text or the JSON object. */
  public void print(Console console, boolean asJson) {
    if (asJson) {
      Json.print(console, json);
      return;
    }
    int width = lines.keySet().stream().mapToInt(String::length).max().orElse(0);
    lines.forEach((name, value) -> console.out().printf("%-" + width + "s  %s%n", name, value));
  }
}
