package io.github.lenet.model;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Writes and reads the {@code key=value} lines of {@link LeNetConfig#toText()}. */
final class ArchitectureText {

  private static final Set<String> KEYS = values(LeNetConfig.classic()).keySet();

  private ArchitectureText() {}

  static String of(LeNetConfig config) {
    StringBuilder text = new StringBuilder();
    values(config).forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
    return text.toString();
  }

  private static Map<String, String> values(LeNetConfig config) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("image_height", Integer.toString(config.imageHeight()));
    values.put("image_width", Integer.toString(config.imageWidth()));
    values.put("kernel_size", Integer.toString(config.kernelSize()));
    values.put("channels", commaSeparated(config.channels()));
    values.put("pooling", config.pooling().name().toLowerCase(Locale.ROOT));
    values.put("dense_units", commaSeparated(config.denseUnits()));
    values.put("activation", config.activation().name().toLowerCase(Locale.ROOT));
    values.put("classes", Integer.toString(config.classes()));
    return values;
  }

  /** Reads a configuration; see {@link LeNetConfig#fromText}. */
  static LeNetConfig read(String text) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String line : text.lines().filter(line -> !line.isBlank()).toList()) {
      int equals = line.indexOf('=');
      String key = line.substring(0, Math.max(0, equals)).strip();
      if (!KEYS.contains(key)) {
        throw new IllegalArgumentException(
            "architecture: unknown line '%s': expected one of %s, each with =value. It may be from a newer version."
                .formatted(line.strip(), KEYS));
      }
      if (values.put(key, line.substring(equals + 1).strip()) != null) {
        throw new IllegalArgumentException("architecture: " + key + " is there twice");
      }
    }
    return LeNetConfig.builder()
        .imageSize(number(values, "image_height"), number(values, "image_width"))
        .kernelSize(number(values, "kernel_size"))
        .channels(numbers(values, "channels"))
        .pooling(constant(values, "pooling", Pooling.class))
        .denseUnits(numbers(values, "dense_units"))
        .activation(constant(values, "activation", Activation.class))
        .classes(number(values, "classes"))
        .build();
  }

  private static String commaSeparated(List<Integer> numbers) {
    return numbers.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  private static String value(Map<String, String> values, String key) {
    String value = values.get(key);
    if (value == null) {
      throw new IllegalArgumentException("architecture: " + key + " is missing");
    }
    return value;
  }

  private static int number(Map<String, String> values, String key) {
    return number(key, value(values, key));
  }

  private static int number(String key, String digits) {
    try {
      return Integer.parseInt(digits);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "architecture: %s: expected a whole number, found '%s'".formatted(key, digits), e);
    }
  }

  private static List<Integer> numbers(Map<String, String> values, String key) {
    String list = value(values, key);
    return list.isEmpty()
        ? List.of()
        : Arrays.stream(list.split(",", -1)).map(digits -> number(key, digits.strip())).toList();
  }

  private static <E extends Enum<E>> E constant(
      Map<String, String> values, String key, Class<E> type) {
    String name = value(values, key);
    return Arrays.stream(type.getEnumConstants())
        .filter(constant -> constant.name().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "architecture: %s: expected one of %s, found '%s'"
                        .formatted(key, Arrays.toString(type.getEnumConstants()), name)));
  }
}
