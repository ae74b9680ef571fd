package io.github.lenet.training.run;

import io.github.lenet.data.Provenance;
import io.github.lenet.training.LearningRateSchedule;
import io.github.lenet.training.TrainingConfig;
import io.github.lenet.training.device.DeviceSelection;
import io.github.lenet.training.internal.io.Json;
import io.github.lenet.training.internal.io.RunFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.tensorflow.TensorFlow;
import org.tensorflow.framework.optimizers.GradientDescent;

/**
 * The configuration of a run: {@code config.json} of a {@link RunDirectory}. {@link Json} binds it,
 * so it contains every training setting without naming it here.
 *
 * @param format {@value #FORMAT}
 * @param formatVersion {@value #FORMAT_VERSION}
 * @param started start time in ISO 8601
 * @param options the options as the user gave them
 * @param training the training settings
 * @param device the resolved device
 * @param data the training data
 * @param versions of this library, TensorFlow, Java and the operating system
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

  /** The option that names the model to start from. */
  static final String FROM = "from";

  private static final String FORMAT = "lenet-run";
  private static final int FORMAT_VERSION = 1;

  /** Checks the format and keeps the order of the maps. */
  RunConfig {
    if (!FORMAT.equals(format) || formatVersion != FORMAT_VERSION) {
      throw new IllegalArgumentException(
          "expected format %s, version %s, found %s, %s"
              .formatted(FORMAT, FORMAT_VERSION, format, formatVersion));
    }
    Objects.requireNonNull(started, "started");
    Objects.requireNonNull(training, "training");
    Objects.requireNonNull(device, "device");
    Objects.requireNonNull(data, "data");
    options = copy("options", options);
    versions = copy("versions", versions);
  }

  /** The resolved device of a run, and the reason for it. */
  record UsedDevice(String name, String reason) {}

  private static Map<String, String> copy(String name, Map<String, String> map) {
    if (map.values().stream().anyMatch(Objects::isNull)) {
      throw new IllegalArgumentException(name + ": expected text, found null");
    }
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }

  /** Creates the configuration of a run that starts now. */
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

  /** {@return the text of {@code config.json}, from which {@link #read} makes an equal object} */
  String toJson() {
    return Json.write(this);
  }

  /** {@return whether a directory is a run directory} */
  static boolean isIn(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    try {
      return Files.isRegularFile(file) && Json.tree(file).path("format").asText().equals(FORMAT);
    } catch (RunFormatException e) {
      return false; // not a run's file
    }
  }

  /**
   * Reads the text that {@link #toJson} returned.
   *
   * @throws RunFormatException if there is no file, or a value is missing or invalid
   */
  static RunConfig read(Path directory) throws IOException {
    try {
      return Json.read(directory.resolve(FILE), RunConfig.class);
    } catch (NoSuchFileException e) {
      throw RunFormatException.notARun(directory, e);
    }
  }

  /** {@return the configuration of the same run with another number of epochs} */
  RunConfig withEpochs(int epochs) {
    TrainingConfig longer = training.toBuilder().epochs(epochs).build();
    return new RunConfig(format, formatVersion, started, options, longer, device, data, versions);
  }

  /** {@return the differences from the recorded configuration, in words} */
  List<String> differences(TrainingConfig training, DeviceSelection device, Provenance data) {
    List<String> differences = differences(this.training, training);
    if (!this.device.name().equals(device.name())) {
      differences.add("device was " + this.device.name() + ", now " + device.name());
    }
    if (!hashes(this.data).equals(hashes(data))) {
      differences.add(
          "data was %s, now %s, with files of other content"
              .formatted(this.data.title(), data.title()));
    }
    return differences;
  }

  private static List<String> hashes(Provenance data) {
    return data.files().stream().map(Provenance.File::rawSha256).toList();
  }

  /**
   * Returns the values that differ, in words, with the names of the file. A training may have more
   * epochs than before, if its learning rate does not depend on the last one.
   */
  static List<String> differences(TrainingConfig before, TrainingConfig now) {
    boolean goesOn =
        now.epochs() > before.epochs() && before.schedule() == LearningRateSchedule.CONSTANT;
    Map<String, String> old =
        Json.options(
            Json.toTree(goesOn ? before.toBuilder().epochs(now.epochs()).build() : before));
    Map<String, String> other = Json.options(Json.toTree(now));
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
    if (now.epochs() > before.epochs() && !goesOn) {
      differences.add(
          "the schedule, %s, depends on the last epoch".formatted(Json.word(before.schedule())));
    }
    return differences;
  }

  /** {@return the Maven version of the jar that contains a class, else the jar's file name} */
  private static String version(Class<?> type) {
    return Optional.ofNullable(type.getPackage().getImplementationVersion())
        .orElseGet(
            () -> {
              String location = type.getProtectionDomain().getCodeSource().getLocation().getPath();
              return location.replaceFirst("/$", "").replaceFirst(".*/", "");
            });
  }
}
