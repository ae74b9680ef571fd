package io.github.lenet.model;

import io.github.lenet.model.internal.Sha256Sums;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.tensorflow.ndarray.Shape;

/**
 * The trained networks that are part of this library. {@code NAME.weights} contains the parameters,
 * float32, little-endian, in the order of {@link LeNet#parameters()}. {@code NAME.properties}
 * contains the lines of {@link LeNetConfig#toText()}, {@code class_names} separated by commas, the
 * {@code sha256} of the weights, and a {@code title}. {@code NAME.md} is the model card.
 */
final class PretrainedModel {

  /** The chapter's network, trained on Fashion-MNIST. */
  static final String CLASSIC = "classic";

  private PretrainedModel() {}

  /** Reads {@code classpath:/io/github/lenet/model/NAME.*}. */
  static LeNetModel load(String name) throws IOException {
    String card = new String(resource(name + ".md"), StandardCharsets.UTF_8);
    return decode(name, resource(name + ".weights"), resource(name + ".properties")).withCard(card);
  }

  /** Decodes a model and checks the weights against the properties. */
  static LeNetModel decode(String name, byte[] weights, byte[] description)
      throws ModelFormatException {
    try {
      Properties properties = new Properties();
      properties.load(new StringReader(new String(description, StandardCharsets.UTF_8)));
      LeNetConfig config = LeNetConfig.fromText(architecture(properties));
      require("bytes", 4 * config.parameterCount() + "", weights.length + "");
      require("SHA-256", required(properties, "sha256"), Sha256Sums.of(weights));
      ByteBuffer numbers = ByteBuffer.wrap(weights).order(ByteOrder.LITTLE_ENDIAN);
      Map<String, float[]> parameters = new LinkedHashMap<>();
      for (Map.Entry<String, Shape> parameter : LeNet.parameterShapes(config).entrySet()) {
        float[] values = new float[(int) parameter.getValue().size()];
        numbers.asFloatBuffer().get(values);
        numbers.position(numbers.position() + 4 * values.length);
        parameters.put(parameter.getKey(), values);
      }
      List<String> classNames = List.of(required(properties, "class_names").split(","));
      return LeNetModel.of(config, classNames, parameters);
    } catch (IOException | IllegalArgumentException e) {
      throw new ModelFormatException(
          "pretrained model '%s': is corrupt: %s. Get lenet-model's jar again."
              .formatted(name, e.getMessage()),
          e);
    }
  }

  /** {@return the parameters in the format of {@code NAME.weights}} */
  static byte[] encode(LeNetModel model) {
    ByteBuffer numbers =
        ByteBuffer.allocate((int) (4 * model.architecture().parameterCount()))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (float[] values : model.parameters().values()) {
      for (float value : values) {
        numbers.putFloat(value);
      }
    }
    return numbers.array();
  }

  private static byte[] resource(String file) throws IOException {
    try (InputStream stream = PretrainedModel.class.getResourceAsStream(file)) {
      if (stream == null) {
        throw new ModelFormatException(
            file
                + ": is missing beside "
                + PretrainedModel.class.getName()
                + ". Get lenet-model's jar again.");
      }
      return stream.readAllBytes();
    }
  }

  /** {@return the remaining properties, which describe the architecture} */
  private static String architecture(Properties properties) {
    return properties.stringPropertyNames().stream()
        .filter(key -> !List.of("title", "class_names", "sha256").contains(key))
        .map(key -> key + "=" + properties.getProperty(key))
        .collect(Collectors.joining("\n"));
  }

  private static String required(Properties properties, String key) {
    String value = properties.getProperty(key);
    if (value == null) {
      throw new IllegalArgumentException(key + " is missing");
    }
    return value;
  }

  private static void require(String what, String expected, String found) {
    if (!expected.equals(found)) {
      throw new IllegalArgumentException(
          "%s: expected %s, found %s".formatted(what, expected, found));
    }
  }
}
