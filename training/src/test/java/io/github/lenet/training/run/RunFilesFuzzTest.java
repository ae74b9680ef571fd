package io.github.lenet.training.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.lenet.data.Provenance;
import io.github.lenet.training.Optimizer;
import io.github.lenet.training.TrainingConfig;
import io.github.lenet.training.internal.comparison.RecordedRun;
import io.github.lenet.training.internal.io.RunFormatException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any files as those of a run are taken for exactly what they say, or are refused with a {@link
 * RunFormatException}.
 */
final class RunFilesFuzzTest {

  private static final JsonMapper JSON = new JsonMapper();
  private static final List<String> NAMES = List.of("config.json", "metrics.csv", "metrics.json");
  private static final Path RUN = temporaryDirectory();

  private static final String CONFIG =
      """
      {"format": "lenet-run", "format_version": 1, "started": "2026-01-02T03:04:05Z",
       "options": {"dataset": "auto", "data_dir": "d", "offline": "true", "tensorboard": "false"},
       "training": {
        "architecture": {"image_height": 28, "image_width": 28, "kernel_size": 5,
         "channels": [6, 16], "pooling": "avg", "dense_units": [120, 84], "activation": "relu",
         "classes": 10},
        "epochs": 3, "batch_size": 256,
        "optimizer": {"name": "adam", "learning_rate": 0.9, "beta1": 0.8}, "seed": 1, "threads": 2,
        "schedule": "cosine", "warmup_epochs": 1, "initializer": "he-normal", "weight_decay": 0.1,
        "dropout": 0.2, "augmentation": "shift,flip",
        "standardization": {"mean": 0.3, "standard_deviation": 0.4}, "validation_split": 0.1,
        "patience": 2},
       "device": {"name": "/device:GPU:1", "reason": "r"},
       "data": {"id": "idx", "title": "t", "licence": "l", "note": "",
        "files": [{"name": "n", "location": "/l", "size_in_bytes": 5, "sha256": "H",
         "raw_sha256": "H"}],
        "is_fallback": false},
       "versions": {}}
      """
          .replace("\"H\"", '"' + "0123456789abcdef".repeat(4) + '"');

  private static final String CSV =
      """
      # a note
      epoch,train_loss,train_accuracy,validation_loss,validation_accuracy,seconds,images_per_second
      1,2.3,0.1,2.2,0.2,3.5,1000
      2,1.3,0.5,1.2,0.6,3.5,1000.5
      """;

  private static final String METRICS = "{\"test_loss\": 0.5, \"test_accuracy\": 0.75}";

  private static Path temporaryDirectory() {
    try {
      Path directory = Files.createTempDirectory("run-fuzz");
      directory.toFile().deleteOnExit();
      NAMES.forEach(name -> directory.resolve(name).toFile().deleteOnExit());
      return directory;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  static Stream<byte[]> seeds() {
    String unvalidated = CSV.replace("validation", "test");
    return Stream.of(
        bytes(0, CONFIG + "\0" + CSV + "\0" + METRICS),
        bytes(0, CONFIG.replace("\"validation_split\": 0.1, ", "") + "\0" + unvalidated),
        bytes(0, CONFIG.replace("\"seed\": 1", "\"seed\": \"1\"")),
        bytes(0, CONFIG.replace("[6, 16]", "[6.5, 16]")),
        bytes(0, CONFIG.replace("[6, 16]", "[6, \"16\"]")),
        bytes(0, CONFIG.replace("\"adam\"", "\"sgd\"")),
        bytes(0, CONFIG.replace("\"adam\"", "5")),
        bytes(0, CONFIG.replace("\"offline\": \"true\"", "\"offline\": true")),
        bytes(0, CONFIG.replace("\"offline\": \"true\"", "\"offline\": null")),
        bytes(0, CONFIG.replace("\"licence\": \"l\"", "\"licence\": 1.5")),
        bytes(0, CONFIG.replace("\"cosine\"", "1")),
        bytes(0, CONFIG.replace("\"cosine\"", "\"\"")),
        bytes(0, CONFIG.replace("\"cosine\"", "\"COSINE\"")),
        bytes(0, CONFIG.replace("\"dropout\": 0.2", "\"dropout\": null")),
        bytes(0, CONFIG.replace("\"dropout\": 0.2", "\"dropout\": true")),
        bytes(0, CONFIG.replace("\"dropout\": 0.2, ", "")),
        bytes(0, CONFIG.replace("\"dropout\": 0.2", "\"dropout\": 0.2, \"dropout\": 0.3")),
        bytes(0, CONFIG.replace("\"dropout\": 0.2", "\"dropout\": 0.2, \"drop\": 0.3")),
        bytes(0, CONFIG.replace("{\"mean\": 0.3, \"standard_deviation\": 0.4}", "null")),
        bytes(0, CONFIG.replace("\"size_in_bytes\": 5", "\"size_in_bytes\": 18446744073709551621")),
        bytes(0, CONFIG.replace("\"is_fallback\": false", "\"is_fallback\": \"yes\"")),
        bytes(0, CONFIG.replace("\"epochs\": 3", "\"epochs\": 3.5")),
        bytes(0, CONFIG + "\0" + CSV.replace("\n2,", "\n2.5,")),
        bytes(0, "{}"),
        bytes(1, ""),
        bytes(1, "\0\t\4"),
        bytes(1, "\1\2\0\0\3\f"));
  }

  private static byte[] bytes(int first, String others) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(first);
    bytes.writeBytes(others.getBytes(StandardCharsets.UTF_8));
    return bytes.toByteArray();
  }

  /**
   * @param bytes after an even one: the files, with zeros in between; after an odd one: edits of a
   *     good configuration
   */
  @MethodSource("seeds")
  @Timeout(10)
  @DictionaryEntries({
    "\"lenet-run\"",
    "\"training\":{",
    "\"epochs\":",
    "\"architecture\":{",
    "\"seed\":",
    "null",
    "epoch,",
    "NaN",
    "[[[[[[[[[[[[[[[[",
    "\"data\":{",
    "\"title\":",
    "\"raw_sha256\":",
    "1e999",
    "1.5,"
  })
  @FuzzTest
  void anyFilesAreTakenForWhatTheySayOrRefused(byte[] bytes) throws IOException {
    byte[][] files = files(bytes);
    for (int i = 0; i < files.length; i++) {
      Path file = RUN.resolve(NAMES.get(i));
      if (files[i] == null) {
        Files.deleteIfExists(file);
      } else {
        Files.write(file, files[i]);
      }
    }
    boolean isRun = RunConfig.isIn(RUN);
    try {
      RunConfig config = RunConfig.read(RUN);
      assertTrue(isRun);
      assertIsWhatIsThere(config, JSON.readTree(files[0]));
      assertEquals(List.of(), RunConfig.differences(config.training(), config.training()));
    } catch (RunFormatException e) {
      assertTrue(e.getMessage().startsWith(RUN.toString()), e.getMessage());
    }
    try {
      assertEquals(RunConfig.read(RUN).training(), ConsoleTraining.of(RUN).config());
    } catch (RunFormatException e) {
      assertTrue(e.getMessage().startsWith(RUN.toString()), e.getMessage());
    }
    try {
      RecordedRun run = RecordedRun.read(RUN);
      assertTrue(isRun);
      assertIsWhatIsThere(run, files);
    } catch (RunFormatException e) {
      assertTrue(e.getMessage().startsWith(RUN.toString()), e.getMessage());
    }
  }

  private static byte[][] files(byte[] bytes) {
    byte[][] files = new byte[NAMES.size()][];
    if (bytes.length > 0 && (bytes[0] & 1) == 1) {
      String edited = JsonEdits.apply(CONFIG, ByteBuffer.wrap(bytes, 1, bytes.length - 1));
      files[0] = edited.getBytes(StandardCharsets.UTF_8);
      files[1] = CSV.getBytes(StandardCharsets.UTF_8);
      return files;
    }
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    int number = 0;
    for (int i = 1; i < bytes.length; i++) {
      if (bytes[i] == 0 && number < NAMES.size() - 1) {
        files[number++] = file.toByteArray();
        file.reset();
      } else {
        file.write(bytes[i]);
      }
    }
    files[number] = file.toByteArray();
    return files;
  }

  private static void assertIsWhatIsThere(RunConfig config, JsonNode json) {
    TrainingConfig training = config.training();
    JsonNode values = json.get("training");
    JsonNode architecture = values.get("architecture");
    JsonNode optimizer = values.get("optimizer");
    assertNumber(training.epochs(), values.get("epochs"));
    assertNumber(training.batchSize(), values.get("batch_size"));
    assertEquals(
        training.optimizer().getClass().getSimpleName().toLowerCase(Locale.ROOT),
        optimizer.get("name").textValue());
    assertNumber(training.optimizer().learningRate(), optimizer.get("learning_rate"));
    if (training.optimizer() instanceof Optimizer.Adam adam) {
      assertNumber(adam.beta1(), optimizer.get("beta1"));
    }
    assertNumber(training.seed(), values.get("seed"));
    assertNumber(training.threads(), values.get("threads"));
    assertWord(training.schedule(), values.get("schedule"));
    assertNumber(training.warmupEpochs(), values.get("warmup_epochs"));
    assertNumber(training.weightDecay(), values.get("weight_decay"));
    assertNumber(training.dropout(), values.get("dropout"));
    assertWord(training.initializer(), values.get("initializer"));
    assertTrue(values.get("augmentation").isTextual());
    JsonNode standardization = values.get("standardization");
    assertEquals(training.standardization().isPresent(), standardization.isObject());
    training.standardization().ifPresent(s -> assertNumber(s.mean(), standardization.get("mean")));
    assertNumber(training.validationSplit(), values.get("validation_split"));
    assertNumber(training.patience(), values.get("patience"));
    assertNumber(training.architecture().imageHeight(), architecture.get("image_height"));
    assertNumber(training.architecture().imageWidth(), architecture.get("image_width"));
    assertNumber(training.architecture().kernelSize(), architecture.get("kernel_size"));
    assertNumbers(training.architecture().channels(), architecture.get("channels"));
    assertWord(training.architecture().pooling(), architecture.get("pooling"));
    assertNumbers(training.architecture().denseUnits(), architecture.get("dense_units"));
    assertWord(training.architecture().activation(), architecture.get("activation"));
    assertNumber(training.architecture().classes(), architecture.get("classes"));
    assertText(config.device().name(), json.get("device").get("name"));
    JsonNode data = json.get("data");
    assertText(config.data().title(), data.get("title"));
    assertText(config.data().note(), data.get("note"));
    assertTrue(data.get("is_fallback").isBoolean(), "is_fallback");
    assertEquals(config.data().files().size(), data.get("files").size());
    for (int i = 0; i < config.data().files().size(); i++) {
      Provenance.File file = config.data().files().get(i);
      assertText(file.name(), data.get("files").get(i).get("name"));
      assertText(file.location(), data.get("files").get(i).get("location"));
      assertText(file.rawSha256(), data.get("files").get(i).get("raw_sha256"));
      assertNumber(file.sizeInBytes(), data.get("files").get(i).get("size_in_bytes"));
    }
    for (Map.Entry<String, String> option : config.options().entrySet()) {
      assertText(option.getValue(), json.get("options").get(option.getKey()));
    }
  }

  private static void assertIsWhatIsThere(RecordedRun run, byte[][] files) throws IOException {
    JsonNode json = JSON.readTree(files[0]);
    assertNumber(run.plannedEpochs(), json.get("training").get("epochs"));
    assertEquals(run.dataset(), json.get("data").get("title").asText());
    List<String> lines =
        files[1] == null
            ? List.of()
            : new String(files[1], StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.startsWith("#"))
                .toList();
    assertEquals(Math.max(0, lines.size() - 1), run.epochs().size());
    for (int i = 0; i < run.epochs().size(); i++) {
      List<String> header = List.of(lines.get(0).split(",", -1));
      String number = lines.get(i + 1).split(",", -1)[header.indexOf("epoch")];
      assertEquals(i + 1, run.epochs().get(i).number());
      assertEquals(0, new BigDecimal(number.strip()).compareTo(BigDecimal.valueOf(i + 1)));
    }
  }

  private static void assertText(String expected, JsonNode found) {
    assertTrue(found.isTextual(), expected + " is not " + found);
    assertEquals(expected, found.textValue());
  }

  private static void assertWord(Enum<?> expected, JsonNode found) {
    assertText(expected.name().toLowerCase(Locale.ROOT).replace('_', '-'), found);
  }

  private static void assertNumber(Number expected, JsonNode found) {
    assertTrue(found.isNumber(), expected + " is not " + found);
    if (expected instanceof Double number) {
      assertEquals(number, found.doubleValue());
    } else {
      assertTrue(found.isIntegralNumber(), expected + " is not " + found);
      assertEquals(expected.toString(), found.bigIntegerValue().toString());
    }
  }

  private static void assertNumbers(List<Integer> expected, JsonNode found) {
    assertTrue(found.isArray(), expected + " is not " + found);
    assertEquals(expected.size(), found.size());
    for (int i = 0; i < expected.size(); i++) {
      assertNumber(expected.get(i), found.get(i));
    }
  }
}
