package io.github.lenet.training;

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
import io.github.lenet.data.Provenance;
import io.github.lenet.model.internal.AtomicFile;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.tensorflow.TensorFlow;
import org.tensorflow.framework.optimizers.GradientDescent;

/**
 * How a run was configured: {@code config.json} of a {@link RunDirectory}. Jackson binds it, names
 * in snake_case and enum values in kebab-case, so that an option of training is in it without being
 * named here.
 *
 * @param format {@value #FORMAT}
 * @param formatVersion {@value #FORMAT_VERSION}
 * @param started when, in ISO 8601
 * @param options what the user asked for, word by word
 * @param training how it trains
 * @param device where it trains
 * @param data the training data
 * @param versions of this library, TensorFlow, Java and the system
 */
record RunConfig(
    String format,
    int formatVersion,
    String started,
    Map<String, String> options,
    TrainingConfig training,
    UsedDevice device,
    Provenance data,
    Map<String, String> versions) {

  static final String FILE = "config.json";
  private static final String FORMAT = "lenet-run";
  private static final int FORMAT_VERSION = 1;

  /** Strict: a value of another kind is an error, and never converted. */
  private static final JsonMapper JSON =
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

  /** Checks the format, and keeps the order of the maps. */
  RunConfig {
    if (!FORMAT.equals(format) || formatVersion != FORMAT_VERSION) {
      throw new IllegalArgumentException(
          "expected format %s, version %d, found %s, %d"
              .formatted(FORMAT, FORMAT_VERSION, format, formatVersion));
    }
    Objects.requireNonNull(started, "started");
    Objects.requireNonNull(training, "training");
    Objects.requireNonNull(device, "device");
    Objects.requireNonNull(data, "data");
    options = copy("options", options);
    versions = copy("versions", versions);
  }

  /** The device of a run, and why it was this one. */
  record UsedDevice(String name, String reason) {}

  private static Map<String, String> copy(String name, Map<String, String> map) {
    if (map.values().stream().anyMatch(Objects::isNull)) {
      throw new IllegalArgumentException(name + ": expected text, found null");
    }
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }

  /** The configuration of a run that starts now. */
  static RunConfig of(
      Map<String, String> options,
      TrainingConfig training,
      DeviceSelection device,
      Provenance data) {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("lenet", version(RunConfig.class));
    versions.put("tensorflow", TensorFlow.version());
    versions.put("tensorflow_java", version(TensorFlow.class));
    versions.put("tensorflow_framework", version(GradientDescent.class));
    versions.put("java", System.getProperty("java.version"));
    versions.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    return new RunConfig(
        FORMAT,
        FORMAT_VERSION,
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
        options,
        training,
        new UsedDevice(device.name(), device.reason()),
        data,
        versions);
  }

  /** Writes {@code config.json} and its checksum. */
  RunChecksums write(Path directory) throws IOException {
    String text = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n";
    RunChecksums sums = RunChecksums.ofConfig(text);
    AtomicFile.write(directory.resolve(FILE), text);
    sums.write(directory);
    return sums;
  }

  /** Whether a directory is a run's. */
  static boolean isIn(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    try {
      return Files.isRegularFile(file)
          && JSON.readTree(Files.readString(file)).path("format").asText().equals(FORMAT);
    } catch (JsonProcessingException | CharacterCodingException e) {
      return false; // somebody else's
    }
  }

  /**
   * Reads back what {@link #write} wrote.
   *
   * @throws RunFormatException if there is none, or a value is missing or not valid
   */
  static RunConfig read(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    JsonNode json = json(directory, RunChecksums.read(directory));
    try {
      if (!json.isObject()) {
        throw new IllegalArgumentException("expected an object");
      }
      return JSON.treeToValue(json, RunConfig.class);
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new RunFormatException(file + ": cannot be used: " + reason(e), e);
    }
  }

  /** The value that does not fit, and why. */
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

  /** The file as it is, which another version may have written. */
  static JsonNode json(Path directory, RunChecksums sums) throws IOException {
    try {
      return JSON.readTree(text(directory, sums));
    } catch (JsonProcessingException e) {
      throw new RunFormatException(directory.resolve(FILE) + ": is corrupt: expected JSON.", e);
    }
  }

  /** The file's text, after its checksum was compared. */
  static String text(Path directory, RunChecksums sums) throws IOException {
    return sums.text(directory.resolve(FILE))
        .orElseThrow(
            () ->
                new RunFormatException(
                    directory
                        + ": is no run directory: expected config.json in it, found none."
                        + " Name a directory that lenet train wrote."));
  }

  /** The values that differ, as sentences; names are those of the file. */
  static List<String> differences(TrainingConfig before, TrainingConfig now) {
    Map<String, String> old = options(JSON.valueToTree(before));
    Map<String, String> other = options(JSON.valueToTree(now));
    Set<String> names = new LinkedHashSet<>(old.keySet());
    names.addAll(other.keySet());
    List<String> differences = new ArrayList<>();
    for (String name : names) {
      String was = old.getOrDefault(name, "not set");
      String is = other.getOrDefault(name, "not set");
      if (!was.equals(is)) {
        differences.add("%s was %s, now %s".formatted(name, was, is));
      }
    }
    return differences;
  }

  /**
   * The values of an object and of those in it, by name. An object's own name stands for its kind:
   * {@code "optimizer": {"name": "sgd", "learning_rate": 0.9}} is {@code optimizer} and {@code
   * learning_rate}.
   */
  static Map<String, String> options(JsonNode object) {
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
            .map(RunConfig::text)
            .collect(Collectors.joining(","));
  }

  /** An enum's constant as users write it. */
  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The kinds of {@link Optimizer}, which knows nothing of JSON. */
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

  /** The version of the jar that a class came from, as Maven named it; else its file's name. */
  private static String version(Class<?> type) {
    return Optional.ofNullable(type.getPackage().getImplementationVersion())
        .orElseGet(
            () -> {
              String location = type.getProtectionDomain().getCodeSource().getLocation().getPath();
              return location.replaceFirst("/$", "").replaceFirst(".*/", "");
            });
  }
}
