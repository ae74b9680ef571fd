package io.github.lenet.training.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.lenet.data.DatasetSplits;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.data.Provenance;
import io.github.lenet.model.Activation;
import io.github.lenet.model.LeNetClassifier;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.training.BatchProgress;
import io.github.lenet.training.DivergedException;
import io.github.lenet.training.EpochResult;
import io.github.lenet.training.Images;
import io.github.lenet.training.Optimizer;
import io.github.lenet.training.Optimizers;
import io.github.lenet.training.TrainingConfig;
import io.github.lenet.training.TrainingConfigs;
import io.github.lenet.training.TrainingListener;
import io.github.lenet.training.TrainingResult;
import io.github.lenet.training.device.DeviceSelection;
import io.github.lenet.training.evaluation.ClassificationReport;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Graph;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.TensorFlow;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/** What a run leaves behind, read by other means than it was written with. */
class TrainingRunTest {

  private static final DeviceSelection CPU = DeviceSelection.cpu("test");
  private static final TrainingListener NOBODY = new TrainingListener() {};
  private static final LeNetConfig MODEL =
      LeNetConfig.builder().denseUnits(30).activation(Activation.TANH).build();
  private static final DatasetSplits DATA = Images.splits(Images.bars(400, 1), Images.bars(130, 2));

  @TempDir Path directory;

  @Test
  void leavesEveryFileOfTheRunDirectory() throws Exception {
    TrainingResult result = train(3, 0.2);

    assertEquals(
        Set.of(
            "checkpoints",
            "config.json",
            "curves.svg",
            "metrics.csv",
            "metrics.json",
            "saved_model"),
        names(result.directory()));
    assertEquals(Set.of("1"), names(result.directory().resolve("saved_model")));
    assertFalse(result.stopped());
    try (Stream<Path> all = Files.walk(result.directory())) {
      assertEquals(List.of(), all.filter(path -> path.toString().endsWith(".tmp")).toList());
    }
  }

  @Test
  void metricsAreThoseThatTheListenerWasTold() throws Exception {
    TrainingResult result = train(2, 0.2);

    List<String> csv = Files.readAllLines(result.directory().resolve("metrics.csv"));
    assertEquals(
        "epoch,train_loss,train_accuracy,test_loss,test_accuracy,seconds,images_per_second",
        csv.get(0));
    assertEquals(3, csv.size());
    for (EpochResult epoch : result.epochs()) {
      String[] columns = csv.get(epoch.epoch()).split(",");
      assertEquals(epoch.epoch(), Integer.parseInt(columns[0]));
      assertEquals(epoch.train().meanLoss(), Double.parseDouble(columns[1]), 1e-6);
      assertEquals(epoch.train().accuracy(), Double.parseDouble(columns[2]), 1e-6);
      assertEquals(epoch.validation().meanLoss(), Double.parseDouble(columns[3]), 1e-6);
      assertEquals(epoch.validation().accuracy(), Double.parseDouble(columns[4]), 1e-6);
      assertEquals(epoch.time().toNanos() / 1e9, Double.parseDouble(columns[5]), 1e-3);
      assertEquals(epoch.imagesPerSecond(), Double.parseDouble(columns[6]), 0.1);
    }
    JsonNode last = json(result.directory().resolve("metrics.json"));
    assertEquals(2, last.get("epoch").asInt());
    assertEquals(
        result.epochs().get(1).validation().accuracy(),
        last.get("test_accuracy").asDouble(),
        1e-12);
    assertEquals("bars", last.get("dataset").asText());
  }

  @Test
  void configSaysWhatWasTrainedOnWhatWhere() throws Exception {
    JsonNode config = json(train(1, 0.2).directory().resolve("config.json"));

    assertEquals(1, config.at("/training/epochs").asInt());
    assertEquals(0.2, config.at("/training/optimizer/learning_rate").asDouble());
    assertEquals("tanh", config.at("/training/architecture/activation").asText());
    assertEquals("[6,16]", config.at("/training/architecture/channels").toString());
    assertEquals("/device:CPU:0", config.at("/device/name").asText());
    assertEquals("made for a test", config.at("/data/note").asText());
    assertEquals("bars", config.at("/options/dataset").asText());
    assertTrue(config.at("/versions/tensorflow_framework").asText().contains("1.1.0"));
    assertEquals(TensorFlow.version(), config.at("/versions/tensorflow").asText());
  }

  @Test
  void curvesHaveAPointEveryFiftyBatches() throws Exception {
    TrainingConfig config = TrainingConfigs.of(MODEL, 1, 2, 0.01, 1, 2); // 200 batches
    RunDirectory run = open(directory.resolve("run"), false);
    new TrainingRun(run).execute(DATA, config, CPU, NOBODY);

    String svg = Files.readString(run.path().resolve("curves.svg"));
    assertTrue(svg.contains("train loss") && svg.contains("test acc"), svg);
    assertTrue(svg.contains("LeNet-5 on Bars"), svg);
  }

  @Test
  void savedModelAnswersWithoutAnythingOfTrainingInIt() throws Exception {
    Path saved = train(2, 0.2).directory().resolve("saved_model/1");
    ImageDataset test = DATA.test();

    try (SavedModelBundle bundle = SavedModelBundle.load(saved.toString());
        var batch = test.batches(test.size()).iterator().next();
        var answer = bundle.call(Map.of("images", batch.images()))) {
      TFloat32 probabilities = (TFloat32) answer.get("probabilities").orElseThrow();
      TInt64 classes = (TInt64) answer.get("classes").orElseThrow();
      int correct = 0;
      for (int i = 0; i < test.size(); i++) {
        float sum = 0;
        for (int label = 0; label < 10; label++) {
          sum += probabilities.getFloat(i, label);
          assertTrue(
              probabilities.getFloat(i, label) <= probabilities.getFloat(i, classes.getLong(i)));
        }
        assertEquals(1, sum, 1e-5);
        correct += classes.getLong(i) == test.label(i) ? 1 : 0;
      }
      assertTrue(correct > 110, correct + " of 130"); // the trained weights, not initial ones
      assertEquals(Set.of(), trainingOperations(bundle.graph()));
      var signature = bundle.function("serving_default").signature();
      assertEquals("tensorflow/serving/predict", signature.methodName());
      assertEquals("[-1, 28, 28]", signature.getInputs().get("images").shape.toString());
    }
    String card = Files.readString(saved.resolve("assets.extra/model-card.md"));
    assertTrue(card.contains("Bars; licence: none") && card.contains("made for a test"), card);
  }

  private static Set<String> trainingOperations(Graph graph) {
    Set<String> found = new TreeSet<>();
    graph
        .operations()
        .forEachRemaining(
            operation -> {
              if (operation.type().matches(".*(Grad|Backprop|CrossEntropy|ApplyGradient).*")) {
                found.add(operation.type());
              }
            });
    return found;
  }

  @Test
  void anExistingDirectoryIsNotTouchedWithoutForce() throws Exception {
    Path run = train(1, 0.2).directory();
    Map<Path, String> before = contents(run);

    String message =
        assertThrows(FileAlreadyExistsException.class, () -> open(run, false)).getMessage();

    assertTrue(message.contains("have it replaced"), message);
    assertEquals(before, contents(run));
  }

  @Test
  void forceReplacesARunAndNothingElse() throws Exception {
    Path run = train(2, 0.2).directory();
    Files.writeString(run.resolve("notes.txt"), "mine");
    try (RunDirectory replaced = open(run, true)) {
      assertTrue(names(run).contains("saved_model"), "nothing is replaced before there is more");
      replaced.begin();
      assertEquals(Set.of("notes.txt", ".lock"), names(run));
    }
    assertEquals(Set.of("notes.txt"), names(run)); // what is not the run's stays

    Path home = Files.createDirectories(directory.resolve("home"));
    Files.writeString(home.resolve("thesis.tex"), "years of work");
    String message =
        assertThrows(FileAlreadyExistsException.class, () -> open(home, true)).getMessage();
    assertTrue(message.contains("not a run directory"), message);
    assertEquals(Set.of("thesis.tex"), names(home));

    Path file = Files.writeString(directory.resolve("file"), "x");
    assertThrows(FileAlreadyExistsException.class, () -> open(file, true));
  }

  @Test
  void aRunThatDivergesKeepsWhatWasFinished() throws Exception {
    RunDirectory run = open(directory.resolve("run"), false);
    TrainingConfig config = TrainingConfigs.of(MODEL, 3, 50, 0.2, 1, 2);
    TrainingListener sabotage =
        new TrainingListener() {
          @Override
          public void onBatch(BatchProgress progress) {
            if (progress.epoch() == 2) {
              throw new DivergedException(2, progress.batch(), Double.NaN, 0.2);
            }
          }
        };

    assertThrows(
        DivergedException.class, () -> new TrainingRun(run).execute(DATA, config, CPU, sabotage));

    assertEquals(2, Files.readAllLines(run.path().resolve("metrics.csv")).size());
    assertEquals(Set.of("epoch-1"), names(run.path().resolve("checkpoints")));
  }

  @Test
  void aFallbackIsNamedInEveryFileThatAPersonReads() throws Exception {
    Provenance fallback =
        new Provenance("sample", "Garments", "none", "NOT Fashion-MNIST", List.of(), true);
    DatasetSplits data = new DatasetSplits(DATA.train(), DATA.test(), fallback);
    RunDirectory run = open(directory.resolve("run"), false);
    new TrainingRun(run).execute(data, TrainingConfigs.of(MODEL, 1, 100, 0.2, 1, 2), CPU, NOBODY);

    for (String file :
        List.of(
            "config.json",
            "metrics.csv",
            "metrics.json",
            "curves.svg",
            "saved_model/1/assets.extra/model-card.md")) {
      String text = Files.readString(run.path().resolve(file));
      assertTrue(text.contains("NOT Fashion-MNIST"), file + ": " + text);
    }
  }

  @Test
  void aValidationSplitNeedsValidationImages() throws Exception {
    RunDirectory run = open(directory.resolve("run"), false);
    TrainingConfig config =
        TrainingConfigs.of(MODEL, 1, 50, 0.2, 1, 2).toBuilder().validationSplit(0.2).build();

    assertThrows(
        IllegalArgumentException.class,
        () -> new TrainingRun(run).execute(DATA, config, CPU, NOBODY));
    assertFalse(Files.exists(run.path()));
  }

  @Test
  void oneProcessAtATimeWritesARun() throws Exception {
    Path run = directory.resolve("run");
    try (RunDirectory first = open(run, false)) {
      String message = assertThrows(IOException.class, () -> open(run, true)).getMessage();
      assertTrue(message.contains("another process is writing a run there"), message);
      assertEquals(run, first.path());
    }
    assertFalse(Files.exists(run), "a run that never began leaves nothing");
    open(run, false).close();
  }

  @Test
  void aRunThatWasStoppedInItsFirstEpochLeavesNothing() throws Exception {
    RunDirectory run = open(directory.resolve("run"), false);
    TrainingListener sabotage =
        new TrainingListener() {
          @Override
          public void onBatch(BatchProgress progress) throws IOException {
            throw new IOException("stop");
          }
        };
    TrainingConfig config = TrainingConfigs.of(MODEL, 1, 50, 0.2, 1, 2);

    assertThrows(
        IOException.class, () -> new TrainingRun(run).execute(DATA, config, CPU, sabotage));

    assertFalse(Files.exists(run.path()));
  }

  @Test
  void whatAKilledProcessLeftIsNoObstacle() throws Exception {
    Path run = Files.createDirectories(directory.resolve("run"));
    Files.writeString(run.resolve("config.json.tmp"), "{");
    Files.writeString(run.resolve(".lock"), "");
    Files.createDirectories(run.resolve("saved_model.tmp").resolve("1"));

    train(1, 0.2);

    assertEquals(6, names(run).size());
  }

  @Test
  void somebodyElsesConfigIsNoRun() throws Exception {
    Path other = Files.createDirectories(directory.resolve("other"));
    Files.writeString(other.resolve("config.json"), "{ broken");

    assertTrue(
        assertThrows(FileAlreadyExistsException.class, () -> open(other, true))
            .getMessage()
            .contains("not a run directory"));
  }

  static List<Optimizer> optimizers() {
    return Optimizers.ofEachKind(0.05, 0.003);
  }

  /** Whose memory is in the checkpoint as well, and must not be in the way of the parameters. */
  @ParameterizedTest
  @MethodSource("optimizers")
  void aModelOfEveryOptimizerIsExported(Optimizer optimizer) throws Exception {
    TrainingConfig config =
        TrainingConfigs.of(MODEL, 3, 50, 0.05, 1, 2).toBuilder().optimizer(optimizer).build();
    RunDirectory run = open(directory.resolve("run"), false);
    EpochResult last = new TrainingRun(run).execute(DATA, config, CPU, NOBODY).epochs().get(2);

    JsonNode written = json(run.path().resolve("config.json")).at("/training/optimizer");
    assertEquals(
        optimizer.getClass().getSimpleName().toLowerCase(Locale.ROOT),
        written.get("name").asText());
    assertEquals(optimizer.learningRate(), written.get("learning_rate").asDouble());
    assertTrue(last.validation().accuracy() > 0.5, last.toString());
    List<byte[]> images = IntStream.range(0, 130).mapToObj(DATA.test()::image).toList();
    try (LeNetClassifier classifier = LeNetClassifier.load(run.path())) {
      ClassificationReport loaded =
          ClassificationReport.of(classifier.probabilities(images), DATA.test());
      assertEquals(last.validation().meanLoss(), loaded.meanLoss(), 1e-4);
    }
  }

  private static RunDirectory open(Path directory, boolean force) throws IOException {
    return RunDirectory.open(directory, force);
  }

  private TrainingResult train(int epochs, double learningRate) throws IOException {
    RunDirectory run = open(directory.resolve("run"), false);
    TrainingConfig config = TrainingConfigs.of(MODEL, epochs, 50, learningRate, 1, 2);
    List<EpochResult> told = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onEpoch(EpochResult result) {
            told.add(result);
          }
        };
    TrainingResult result =
        new TrainingRun(run)
            .options(Map.of("dataset", "bars"))
            .execute(DATA, config, CPU, listener);
    assertEquals(told, result.epochs());
    return result;
  }

  private static JsonNode json(Path file) throws IOException {
    return new JsonMapper().readTree(Files.readString(file));
  }

  private static Set<String> names(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(entry -> entry.getFileName().toString()).collect(Collectors.toSet());
    }
  }

  private static Map<Path, String> contents(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      Map<Path, String> contents = new HashMap<>();
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        contents.put(file, Arrays.toString(Files.readAllBytes(file)));
      }
      return contents;
    }
  }
}
