package io.github.lenet.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lenet.data.Augmentation;
import io.github.lenet.data.Provenance;
import io.github.lenet.data.ProvenanceFile;
import io.github.lenet.model.Activation;
import io.github.lenet.model.Initializer;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.Pooling;
import io.github.lenet.model.internal.AtomicFile;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tensorflow.TensorFlow;
import org.tensorflow.framework.optimizers.GradientDescent;

/**
 * What a run was asked for and what it is made of: {@code config.json} of a {@link RunDirectory}.
 *
 * @param options what the user asked for, word by word
 * @param training how it trains
 * @param device the name of where it trains
 * @param data the training data
 */
record RunConfig(
    Map<String, String> options, TrainingConfig training, String device, Provenance data) {

  private static final JsonMapper JSON = new JsonMapper();
  static final String FILE = "config.json";
  private static final String FORMAT = "lenet-run";

  /** Writes {@code config.json}, with versions and the time beside it all, and its checksum. */
  RunChecksums write(Path directory, String deviceReason) throws IOException {
    ObjectNode json = JSON.createObjectNode();
    json.put("format", FORMAT).put("format_version", 1);
    json.put("started", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    options.forEach(json.putObject("options")::put);
    json.set("training", json(training));
    json.set("model", json(training.model()));
    json.putObject("device").put("name", device).put("reason", deviceReason);
    json.set("data", json(data));
    ObjectNode versions = json.putObject("versions");
    versions.put("lenet", version(RunConfig.class));
    versions.put("tensorflow", TensorFlow.version());
    versions.put("tensorflow_java", version(TensorFlow.class));
    versions.put("tensorflow_framework", version(GradientDescent.class));
    versions.put("java", System.getProperty("java.version"));
    versions.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    String text = json.toPrettyString() + "\n";
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
   * @throws RunFormatException if there is none, or a value is missing or makes no sense
   */
  static RunConfig read(Path directory) throws IOException {
    JsonNode json = json(directory, RunChecksums.read(directory));
    try {
      if (!json.path("format").asText().equals(FORMAT)) {
        throw new IllegalArgumentException("expected format " + FORMAT);
      }
      Map<String, String> options = new LinkedHashMap<>();
      json.required("options")
          .properties()
          .forEach(o -> options.put(o.getKey(), text(o.getValue())));
      return new RunConfig(
          options,
          training(json.required("training"), model(json.required("model"))),
          text(json.required("device").required("name")),
          data(json.required("data")));
    } catch (IllegalArgumentException e) {
      throw new RunFormatException(
          directory.resolve(FILE) + ": cannot be used: " + e.getMessage(), e);
    }
  }

  /** The file as it is, which another version may have written. */
  static JsonNode json(Path directory, RunChecksums sums) throws IOException {
    try {
      return JSON.readTree(text(directory, sums));
    } catch (JsonProcessingException e) {
      throw new RunFormatException(directory.resolve(FILE) + ": is corrupt: expected JSON.", e);
    }
  }

  /** Word by word, once it is known to be as it was written. */
  static String text(Path directory, RunChecksums sums) throws IOException {
    return sums.text(directory.resolve(FILE))
        .orElseThrow(
            () ->
                new RunFormatException(
                    directory
                        + ": is no run directory: expected config.json in it, found none."
                        + " Name a directory that lenet train wrote."));
  }

  /** What is not the same in two configurations, in words; names are those of the file. */
  static List<String> differences(TrainingConfig before, TrainingConfig now) {
    ObjectNode old = json(before).setAll(json(before.model()));
    ObjectNode other = json(now).setAll(json(now.model()));
    Set<String> names = new LinkedHashSet<>();
    old.fieldNames().forEachRemaining(names::add);
    other.fieldNames().forEachRemaining(names::add);
    List<String> differences = new ArrayList<>();
    for (String name : names) {
      JsonNode was = old.path(name);
      JsonNode is = other.path(name);
      if (!was.equals(is)) {
        differences.add(
            "%s was %s, now %s"
                .formatted(
                    name,
                    was.isMissingNode() ? "not set" : was,
                    is.isMissingNode() ? "not set" : is));
      }
    }
    return differences;
  }

  private static ObjectNode json(TrainingConfig config) {
    ObjectNode json = JSON.createObjectNode();
    json.put("epochs", config.epochs());
    json.put("batch_size", config.batchSize());
    json.put("learning_rate", config.learningRate());
    json.put("seed", config.seed());
    json.put("threads", config.threads());
    json.put("optimizer", word(config.optimizer()));
    json.put("momentum", config.momentum());
    json.put("schedule", word(config.schedule()));
    json.put("warmup_epochs", config.warmupEpochs());
    json.put("weight_decay", config.weightDecay());
    json.put("dropout", config.dropout());
    json.put("init", word(config.initializer()));
    json.put("augment", config.augmentation().toText());
    config
        .standardization()
        .ifPresent(
            pixels ->
                json.put("pixel_mean", pixels.mean())
                    .put("pixel_standard_deviation", pixels.standardDeviation()));
    json.put("validation_split", config.validationSplit());
    json.put("patience", config.patience());
    return json;
  }

  private static TrainingConfig training(JsonNode json, LeNetConfig model) {
    return new TrainingConfig(
        model,
        integer(json, "epochs"),
        integer(json, "batch_size"),
        number(json, "learning_rate"),
        wholeNumber(json, "seed"),
        integer(json, "threads"),
        constant(Optimizer.class, json, "optimizer"),
        number(json, "momentum"),
        constant(LearningRateSchedule.class, json, "schedule"),
        integer(json, "warmup_epochs"),
        constant(Initializer.class, json, "init"),
        number(json, "weight_decay"),
        number(json, "dropout"),
        Augmentation.fromText(text(json.required("augment"))),
        json.has("pixel_mean")
            ? Optional.of(
                new Standardization(
                    number(json, "pixel_mean"), number(json, "pixel_standard_deviation")))
            : Optional.empty(),
        number(json, "validation_split"),
        integer(json, "patience"));
  }

  private static ObjectNode json(LeNetConfig model) {
    ObjectNode json = JSON.createObjectNode();
    json.put("image_height", model.imageHeight()).put("image_width", model.imageWidth());
    json.put("kernel_size", model.kernelSize());
    model.channels().forEach(json.putArray("channels")::add);
    json.put("pooling", word(model.pooling()));
    model.denseUnits().forEach(json.putArray("dense_units")::add);
    json.put("activation", word(model.activation()));
    json.put("classes", model.classes());
    json.put("parameters", model.parameterCount());
    return json;
  }

  private static LeNetConfig model(JsonNode json) {
    return new LeNetConfig(
        integer(json, "image_height"),
        integer(json, "image_width"),
        integer(json, "kernel_size"),
        integers(json, "channels"),
        constant(Pooling.class, json, "pooling"),
        integers(json, "dense_units"),
        constant(Activation.class, json, "activation"),
        integer(json, "classes"));
  }

  private static ObjectNode json(Provenance data) {
    ObjectNode json = JSON.createObjectNode();
    json.put("dataset", data.id()).put("title", data.title()).put("note", data.note());
    json.put("licence", data.licence()).put("fallback", data.isFallback());
    var files = json.putArray("files");
    data.files()
        .forEach(
            file ->
                files
                    .addObject()
                    .put("name", file.name())
                    .put("location", file.location())
                    .put("bytes", file.sizeInBytes())
                    .put("sha256", file.sha256())
                    .put("raw_sha256", file.rawSha256()));
    return json;
  }

  private static Provenance data(JsonNode json) {
    List<ProvenanceFile> files = new ArrayList<>();
    for (JsonNode file : json.required("files")) {
      files.add(
          new ProvenanceFile(
              text(file.required("name")),
              text(file.required("location")),
              wholeNumber(file, "bytes"),
              text(file.required("sha256")),
              text(file.required("raw_sha256"))));
    }
    return new Provenance(
        text(json.required("dataset")),
        text(json.required("title")),
        text(json.required("licence")),
        text(json.required("note")),
        files,
        truth(json, "fallback"));
  }

  private static String text(JsonNode value) {
    if (!value.isTextual()) {
      throw new IllegalArgumentException("expected text, found " + value);
    }
    return value.textValue();
  }

  private static boolean truth(JsonNode json, String name) {
    JsonNode value = json.required(name);
    if (!value.isBoolean()) {
      throw new IllegalArgumentException(name + ": expected true or false, found " + value);
    }
    return value.booleanValue();
  }

  private static long wholeNumber(JsonNode json, String name) {
    JsonNode value = json.required(name);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw new IllegalArgumentException(name + ": expected a whole number, found " + value);
    }
    return value.longValue();
  }

  private static int integer(JsonNode json, String name) {
    return toInt(json.required(name), name);
  }

  private static List<Integer> integers(JsonNode json, String name) {
    JsonNode list = json.required(name);
    if (!list.isArray()) {
      throw new IllegalArgumentException(name + ": expected a list, found " + list);
    }
    List<Integer> values = new ArrayList<>();
    for (JsonNode value : list) {
      values.add(toInt(value, name));
    }
    return values;
  }

  private static int toInt(JsonNode value, String name) {
    if (!value.canConvertToInt() || !value.isIntegralNumber()) {
      throw new IllegalArgumentException(name + ": expected a whole number, found " + value);
    }
    return value.intValue();
  }

  private static double number(JsonNode json, String name) {
    JsonNode value = json.required(name);
    if (!value.isNumber()) {
      throw new IllegalArgumentException(name + ": expected a number, found " + value);
    }
    return value.doubleValue();
  }

  private static <E extends Enum<E>> E constant(Class<E> type, JsonNode json, String name) {
    String word = text(json.required(name));
    for (E constant : type.getEnumConstants()) {
      if (word(constant).equals(word)) {
        return constant;
      }
    }
    throw new IllegalArgumentException(name + ": there is no '" + word + "'");
  }

  /** As users write it. */
  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
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
