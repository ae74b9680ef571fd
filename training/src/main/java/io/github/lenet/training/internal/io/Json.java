package io.github.lenet.training.internal.io;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.deser.std.FromStringDeserializer;
import com.fasterxml.jackson.databind.introspect.AnnotatedClass;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializerBase;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import io.github.lenet.data.Augmentation;
import io.github.lenet.training.Optimizer;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * Converts records to the JSON of a run's files and back. Names are in snake_case, enum values in
 * kebab-case. A value that is missing, unknown, duplicate, null or of another type is an error.
 */
public final class Json {

  /** Strict: a value of another type is an error, and never converted. */
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .annotationIntrospector(new KebabCaseEnums())
          .addModule(new Jdk8Module())
          .addModule(augmentationAsText())
          .addMixIn(Optimizer.class, OptimizerKinds.class)
          .visibility(PropertyAccessor.ALL, JsonAutoDetect.Visibility.NONE)
          .visibility(PropertyAccessor.FIELD, JsonAutoDetect.Visibility.ANY)
          .visibility(PropertyAccessor.CREATOR, JsonAutoDetect.Visibility.ANY)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(
              DeserializationFeature.FAIL_ON_TRAILING_TOKENS,
              DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
              DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES,
              DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
              DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .withCoercionConfig(
              LogicalType.Textual,
              text -> {
                text.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail);
                text.setCoercion(CoercionInputShape.Float, CoercionAction.Fail);
                text.setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
              })
          .build();

  private Json() {}

  /** {@return a value as indented JSON that ends in a line break} */
  public static String write(Object value) {
    try {
      return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(value + " has no JSON", e);
    }
  }

  /**
   * Reads a value that {@link #write} has written.
   *
   * @throws RunFormatException if a value is missing or invalid
   * @throws IOException if the file can't be read
   */
  public static <T> T read(Path file, Class<T> type) throws IOException {
    JsonNode json = tree(file);
    try {
      if (!json.isObject()) {
        throw new IllegalArgumentException("expected an object");
      }
      return MAPPER.treeToValue(json, type);
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new RunFormatException(file + ": cannot be used: " + reason(e), e);
    }
  }

  /** {@return the invalid value, and why it is invalid} */
  private static String reason(Exception e) {
    if (!(e instanceof JsonMappingException mapping)) {
      return String.valueOf(e.getMessage());
    }
    String where =
        mapping.getPath().stream()
            .map(JsonMappingException.Reference::getFieldName)
            .filter(Objects::nonNull)
            .collect(Collectors.joining("."));
    String why =
        e.getCause() instanceof IllegalArgumentException cause
            ? cause.getMessage()
            : mapping
                .getOriginalMessage()
                .lines()
                .findFirst()
                .orElse("")
                .replaceFirst(" \\(but might .*", ""); // advice for programmers
    return where.isEmpty() ? why : where + ": " + why;
  }

  /**
   * Reads any JSON.
   *
   * @throws RunFormatException if the text is not JSON
   * @throws IOException if the file can't be read
   */
  public static JsonNode tree(Path file) throws IOException {
    try {
      return MAPPER.readTree(Files.readString(file));
    } catch (JsonProcessingException | CharacterCodingException e) {
      throw new RunFormatException(file + ": is corrupt: expected JSON.", e);
    }
  }

  /** {@return a value as the JSON that {@link #write} would write} */
  public static JsonNode toTree(Object value) {
    return MAPPER.valueToTree(value);
  }

  /**
   * Returns the values of an object and of its nested objects, by name. The {@code name} of a
   * nested object gets the key of the object: {@code "optimizer": {"name": "sgd", "learning_rate":
   * 0.9}} becomes {@code optimizer} and {@code learning_rate}.
   */
  public static Map<String, String> options(JsonNode object) {
    Map<String, String> options = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      if (field.getValue().isObject()) {
        options(field.getValue())
            .forEach(
                (name, value) -> options.put(name.equals("name") ? field.getKey() : name, value));
      } else if (!field.getValue().isNull()) {
        options.put(field.getKey(), text(field.getValue()));
      }
    }
    return options;
  }

  private static String text(JsonNode value) {
    if (!value.isArray()) {
      return value.isValueNode() ? value.asText() : value.toString();
    }
    return value.isEmpty()
        ? "none"
        : StreamSupport.stream(value.spliterator(), false)
            .map(Json::text)
            .collect(Collectors.joining(","));
  }

  /** {@return an enum constant as users write it} */
  public static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The subtypes of {@link Optimizer}, which knows nothing of JSON. */
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "name")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Optimizer.Sgd.class, name = "sgd"),
    @JsonSubTypes.Type(value = Optimizer.Momentum.class, name = "momentum"),
    @JsonSubTypes.Type(value = Optimizer.Nesterov.class, name = "nesterov"),
    @JsonSubTypes.Type(value = Optimizer.Adam.class, name = "adam")
  })
  private interface OptimizerKinds {}

  private static final class KebabCaseEnums extends JacksonAnnotationIntrospector {
    private static final long serialVersionUID = 1;

    @Override
    public String[] findEnumValues(
        MapperConfig<?> config, AnnotatedClass type, Enum<?>[] constants, String[] names) {
      for (int i = 0; i < constants.length; i++) {
        names[i] = word(constants[i]);
      }
      return names;
    }
  }

  private static SimpleModule augmentationAsText() {
    return new SimpleModule()
        .addSerializer(
            Augmentation.class,
            new ToStringSerializerBase(Augmentation.class) {
              private static final long serialVersionUID = 1;

              @Override
              public String valueToString(Object value) {
                return ((Augmentation) value).toText();
              }
            })
        .addDeserializer(
            Augmentation.class,
            new FromStringDeserializer<>(Augmentation.class) {
              private static final long serialVersionUID = 1;

              @Override
              protected Augmentation _deserialize(String text, DeserializationContext context) {
                return Augmentation.fromText(text);
              }
            });
  }
}
