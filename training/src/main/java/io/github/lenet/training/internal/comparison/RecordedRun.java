package io.github.lenet.training.internal.comparison;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.lenet.training.EpochResult;
import io.github.lenet.training.internal.io.Json;
import io.github.lenet.training.internal.io.RunFormatException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A run as recorded in its run directory: {@code config.json}, {@code metrics.csv} and, with a
 * validation split, {@code metrics.json}. The run may still be going on or may have been stopped
 * early. Needs no TensorFlow.
 *
 * @param directory the run directory, as the caller named it
 * @param dataset the title of the training data
 * @param files the SHA-256 of the data's files, unpacked
 * @param options architecture, settings and device, by their names in {@code config.json}
 * @param plannedEpochs the configured number of epochs
 * @param epochs the finished epochs, in order; may be empty
 * @param isValidated whether epochs were evaluated on a validation split, not on the test set
 * @param testLoss test loss of the selected epoch's network, in nats; empty without a finished
 *     epoch, and with a validation split until the final metrics are written
 * @param testAccuracy 0 to 1; empty when the loss is
 */
public record RecordedRun(
    Path directory,
    String dataset,
    List<String> files,
    Map<String, String> options,
    int plannedEpochs,
    List<Epoch> epochs,
    boolean isValidated,
    OptionalDouble testLoss,
    OptionalDouble testAccuracy) {

  private static final String TEST = "test_";
  private static final String VALIDATION = "validation_";

  /** Required columns of {@code metrics.csv}; another version may have more. */
  private static final List<String> COLUMNS =
      List.of(
          "epoch",
          "train_loss",
          "train_accuracy",
          TEST + "loss",
          TEST + "accuracy",
          "seconds",
          "images_per_second");

  /**
   * A line of {@code metrics.csv}, see {@link EpochResult}.
   *
   * @param number the epoch, counted from 1
   * @param trainLoss in nats, over the epoch's batches
   * @param trainAccuracy 0 to 1, over the epoch's batches
   * @param validationLoss in nats, after the epoch, on the validation split if there is one, else
   *     on the test set
   * @param validationAccuracy 0 to 1, on the same images
   * @param seconds time of the epoch, including the evaluation
   * @param imagesPerSecond training images per second, evaluation not counted
   */
  public record Epoch(
      int number,
      double trainLoss,
      double trainAccuracy,
      double validationLoss,
      double validationAccuracy,
      double seconds,
      double imagesPerSecond) {}

  /** Copies the lists and the map and keeps their order. */
  public RecordedRun {
    Objects.requireNonNull(directory, "directory");
    Objects.requireNonNull(dataset, "dataset");
    files = List.copyOf(files);
    options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
    epochs = List.copyOf(epochs);
  }

  /**
   * Reads a run directory.
   *
   * @param directory a directory that a training run has written, or is writing
   * @return the recorded run
   * @throws RunFormatException if it is no run directory, or a file of it is corrupt
   * @throws IOException if a file can't be read
   */
  public static RecordedRun read(Path directory) throws IOException {
    JsonNode config = config(directory);
    JsonNode planned = config.at("/training/epochs");
    int plannedEpochs = planned.isInt() ? planned.intValue() : 0;
    String dataset = config.at("/data/title").asText();
    if (!config.path("format").asText().equals("lenet-run")
        || plannedEpochs < 1
        || dataset.isEmpty()) {
      throw new RunFormatException(
          directory.resolve("config.json")
              + ": is not of a run: expected format lenet-run with /training/epochs and /data/title."
              + " Name a run directory.");
    }
    List<String> files = config.at("/data/files").findValuesAsText("raw_sha256");
    boolean isValidated = config.at("/training/validation_split").asDouble() > 0;
    List<Epoch> epochs = epochs(directory, isValidated);
    OptionalDouble testLoss = OptionalDouble.empty();
    OptionalDouble testAccuracy = OptionalDouble.empty();
    if (isValidated) {
      JsonNode metrics = metrics(directory);
      testLoss = number(metrics.path("test_loss"));
      testAccuracy = number(metrics.path("test_accuracy"));
    } else if (!epochs.isEmpty()) {
      Epoch last = epochs.get(epochs.size() - 1);
      testLoss = OptionalDouble.of(last.validationLoss());
      testAccuracy = OptionalDouble.of(last.validationAccuracy());
    }
    return new RecordedRun(
        directory,
        dataset,
        files,
        options(config),
        plannedEpochs,
        epochs,
        isValidated,
        testLoss,
        testAccuracy);
  }

  /** Reads the configuration as plain JSON, because another version may have written it. */
  private static JsonNode config(Path directory) throws IOException {
    try {
      return Json.tree(directory.resolve("config.json"));
    } catch (NoSuchFileException e) {
      throw RunFormatException.notARun(directory, e);
    }
  }

  /** Reads the final metrics; a missing node if there are none yet. */
  private static JsonNode metrics(Path directory) throws IOException {
    try {
      return Json.tree(directory.resolve("metrics.json"));
    } catch (NoSuchFileException e) {
      return MissingNode.getInstance();
    }
  }

  private static OptionalDouble number(JsonNode value) {
    return value.isNumber() ? OptionalDouble.of(value.doubleValue()) : OptionalDouble.empty();
  }

  /** Returns all settings that the run has recorded, so that none is forgotten here. */
  private static Map<String, String> options(JsonNode config) {
    Map<String, String> options = Json.options(config.path("training"));
    options.remove("epochs");
    options.put("device", config.at("/device/name").asText());
    return options;
  }

  /** Reads the finished epochs. Before the first one is finished, there is no file. */
  private static List<Epoch> epochs(Path directory, boolean isValidated) throws IOException {
    Path file = directory.resolve("metrics.csv");
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (CharacterCodingException e) {
      throw new RunFormatException(file + ": is corrupt: expected text.", e);
    }
    List<String> header = List.of();
    List<Epoch> epochs = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      List<String> cells = List.of(lines.get(i).split(",", -1));
      if (lines.get(i).startsWith("#")) {
        continue; // a note on the numbers
      }
      if (header.isEmpty()) {
        // Validation columns get the names of the test columns; isValidated tells them apart.
        header =
            isValidated
                ? cells.stream().map(cell -> cell.replace(VALIDATION, TEST)).toList()
                : cells;
        if (!header.containsAll(COLUMNS)) {
          throw corrupt(file, i, "columns " + String.join(",", COLUMNS), lines.get(i));
        }
      } else if (cells.size() != header.size()) {
        throw corrupt(file, i, header.size() + " values", Integer.toString(cells.size()));
      } else {
        epochs.add(epoch(header, cells, file, i, epochs.size() + 1));
      }
    }
    if (epochs.isEmpty()) {
      throw corrupt(file, lines.size(), "an epoch", "the end");
    }
    return epochs;
  }

  private static Epoch epoch(
      List<String> header, List<String> cells, Path file, int line, int expected)
      throws RunFormatException {
    double[] values = new double[COLUMNS.size()];
    for (int i = 0; i < values.length; i++) {
      String text = cells.get(header.indexOf(COLUMNS.get(i)));
      try {
        values[i] = Double.parseDouble(text);
      } catch (NumberFormatException e) {
        throw corrupt(file, line, "a number for " + COLUMNS.get(i), "'" + text + "'");
      }
    }
    if (values[0] != expected) {
      throw corrupt(file, line, "epoch " + expected, cells.get(header.indexOf("epoch")));
    }
    return new Epoch(expected, values[1], values[2], values[3], values[4], values[5], values[6]);
  }

  private static RunFormatException corrupt(Path file, int line, String expected, String found) {
    return new RunFormatException(
        "%s: line %s: is corrupt: expected %s, found %s."
            .formatted(file, line + 1, expected, found));
  }

  /**
   * Returns the selected epoch so far.
   *
   * @return with a validation split the best epoch, else the last; empty without a finished epoch
   */
  public Optional<Epoch> selectedEpoch() {
    Epoch chosen = null;
    for (Epoch epoch : epochs) {
      if (chosen == null
          || !isValidated
          || epoch.validationAccuracy() > chosen.validationAccuracy()) {
        chosen = epoch;
      }
    }
    return Optional.ofNullable(chosen);
  }

  /** {@return the time of all epochs in seconds, including evaluations} */
  public double seconds() {
    return epochs.stream().mapToDouble(Epoch::seconds).sum();
  }

  /**
   * Returns the training speed over all epochs, which have the same number of images.
   *
   * @return training images per second, 0 without a finished epoch
   */
  public double imagesPerSecond() {
    double time = epochs.stream().mapToDouble(epoch -> 1 / epoch.imagesPerSecond()).sum();
    return epochs.isEmpty() ? 0 : epochs.size() / time;
  }
}
