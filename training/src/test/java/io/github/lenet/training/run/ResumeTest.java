package io.github.lenet.training.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.data.Augmentation;
import io.github.lenet.data.DatasetSplits;
import io.github.lenet.model.Activation;
import io.github.lenet.model.LeNetClassifier;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.LeNetModel;
import io.github.lenet.model.internal.AtomicFile;
import io.github.lenet.training.BatchProgress;
import io.github.lenet.training.EpochResult;
import io.github.lenet.training.Images;
import io.github.lenet.training.LearningRateSchedule;
import io.github.lenet.training.Metrics;
import io.github.lenet.training.Optimizer;
import io.github.lenet.training.Optimizers;
import io.github.lenet.training.Standardization;
import io.github.lenet.training.Trainer;
import io.github.lenet.training.TrainingConfig;
import io.github.lenet.training.TrainingConfigs;
import io.github.lenet.training.TrainingListener;
import io.github.lenet.training.TrainingResult;
import io.github.lenet.training.device.DeviceSelection;
import io.github.lenet.training.evaluation.ClassificationReport;
import io.github.lenet.training.internal.comparison.RecordedRun;
import io.github.lenet.training.internal.io.RunFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.proto.Event;

/** Runs that end where they should not, and go on. */
class ResumeTest {

  private static final DeviceSelection CPU = DeviceSelection.cpu("test");
  private static final TrainingListener NOBODY = new TrainingListener() {};
  private static final LeNetConfig MODEL =
      LeNetConfig.builder()
          .kernelSize(3)
          .channels(2, 3)
          .denseUnits(12)
          .activation(Activation.TANH)
          .build();
  private static final DatasetSplits DATA = Images.splits(Images.bars(200, 1), Images.bars(60, 2));

  @TempDir static Path shared;
  private static Path threeEpochs;

  @TempDir Path directory;

  @BeforeAll
  static void train() throws IOException {
    threeEpochs = shared.resolve("run");
    execute(open(threeEpochs), standardized(3), NOBODY);
  }

  static List<Optimizer> optimizers() {
    return Optimizers.ofEachKind(0.05, 0.003);
  }

  @ParameterizedTest
  @MethodSource("optimizers")
  void comesToTheSameBitsWithEveryOptimizer(Optimizer optimizer) throws Exception {
    TrainingConfig config =
        config(5).toBuilder()
            .optimizer(optimizer)
            .schedule(LearningRateSchedule.COSINE)
            .warmupEpochs(2)
            .weightDecay(0.01)
            .augmentation(new Augmentation(true, true, true))
            .dropout(0.3)
            .build();
    assertGoesOnAlike(config);
  }

  @Test
  void comesToTheSameBitsWithStandardisedPixelsAndValidation() throws Exception {
    TrainingConfig config =
        TrainingConfigs.of(MODEL, 5, 32, 0.05, 1, 2).toBuilder()
            .standardization(Standardization.of(DATA.train()))
            .validationSplit(0.2)
            .patience(3)
            .build();
    assertGoesOnAlike(config);
  }

  @Test
  void comesToTheSameBitsWithFrozenLayers() throws Exception {
    assertGoesOnAlike(
        config(5).toBuilder()
            .optimizer(Optimizer.adam(0.003))
            .frozen(List.of("conv1", "dense1"))
            .build());
  }

  /** The model to start from is not read again, and config.json and the card keep its name. */
  @Test
  void comesToTheSameBitsAfterStartingFromAModel() throws Exception {
    LeNetModel model = LeNetModel.load(threeEpochs);
    TrainingConfig config = config(3).toBuilder().frozen(List.of("conv1", "conv2")).build();
    Path whole = directory.resolve("whole");
    Path stopped = directory.resolve("stopped");
    execute(new TrainingRun(open(whole)).startFrom("the model", model), config, NOBODY);
    assertThrows(
        Sabotage.class,
        () ->
            execute(
                new TrainingRun(open(stopped)).startFrom("the model", model),
                config,
                sabotage(2, 3)));

    execute(RunDirectory.reopen(stopped), config, NOBODY);

    String parameters = "saved_model/1/variables/variables.data-00000-of-00001";
    assertArrayEquals(
        Files.readAllBytes(whole.resolve(parameters)),
        Files.readAllBytes(stopped.resolve(parameters)));
    assertArrayEquals(
        model.parameters().get("conv1/kernel"),
        LeNetModel.load(stopped).parameters().get("conv1/kernel"));
    assertEquals("the model", RunConfig.read(stopped).options().get("from"));
    String card = LeNetModel.load(stopped).card();
    assertTrue(
        card.contains(", started from the parameters of the model, conv1 and conv2 frozen, "),
        card);
  }

  /** It would begin with other parameters. */
  @Test
  void aRunFromAModelIsNotResumedWithoutACheckpoint() throws Exception {
    Path run = directory.resolve("run");
    try (RunDirectory killed = open(run)) {
      Files.writeString(
          killed.file(RunConfig.FILE),
          RunConfig.of(Map.of("from", "pretrained"), config(2), CPU, DATA.provenance()).toJson());
    }

    assertEquals(
        run
            + ": cannot be resumed without a checkpoint, because it started from the parameters of"
            + " pretrained. Train again.",
        assertThrows(RunFormatException.class, () -> RunDirectory.reopen(run)).getMessage());
  }

  /** Stopped in the third epoch, then in the fourth, against never. */
  private void assertGoesOnAlike(TrainingConfig config) throws IOException {
    Path whole = directory.resolve("whole");
    Path stopped = directory.resolve("stopped");
    TrainingResult expected = execute(open(whole), config, NOBODY);
    assertThrows(Sabotage.class, () -> execute(open(stopped), config, sabotage(3, 4)));
    assertThrows(
        Sabotage.class, () -> execute(RunDirectory.reopen(stopped), config, sabotage(4, 1)));

    TrainingResult found = execute(RunDirectory.reopen(stopped), config, NOBODY);

    assertEquals(
        expected.epochs().stream().map(ResumeTest::numbers).toList(),
        found.epochs().stream().map(ResumeTest::numbers).toList());
    assertEquals(expected.test().orElseThrow(), found.test().orElseThrow());
    for (String file :
        List.of(
            "checkpoints/epoch-5/variables.data-00000-of-00001",
            "checkpoints/epoch-5/variables.index",
            "saved_model/1/variables/variables.data-00000-of-00001",
            "curves.svg")) {
      assertArrayEquals(
          Files.readAllBytes(whole.resolve(file)), Files.readAllBytes(stopped.resolve(file)), file);
    }
    assertEquals(names(whole), names(stopped));
    assertEquals(RecordedRun.read(whole).testAccuracy(), RecordedRun.read(stopped).testAccuracy());
  }

  @Test
  void beginsAnewWhereNoEpochWasFinished() throws Exception {
    TrainingConfig config = config(2);
    Path run = directory.resolve("run");
    try (RunDirectory killed = open(run)) { // closes without having begun, as far as it knows
      Files.writeString(
          killed.file(RunConfig.FILE),
          RunConfig.of(Map.of(), config, CPU, DATA.provenance()).toJson());
    }

    assertEquals(2, execute(RunDirectory.reopen(run), config, NOBODY).epochs().size());
  }

  @Test
  void aFinishedRunOnlyGetsItsLastFilesAgain() throws Exception {
    Path run = directory.resolve("run");
    execute(open(run), config(2), NOBODY);
    String learned = "saved_model/1/variables/variables.data-00000-of-00001";
    byte[] model = Files.readAllBytes(run.resolve(learned));
    AtomicFile.delete(run.resolve("saved_model"));
    TrainingListener noBatch = sabotage(1, 1);

    TrainingResult result = execute(RunDirectory.reopen(run), config(2), noBatch);

    assertEquals(2, result.epochs().size());
    assertArrayEquals(model, Files.readAllBytes(run.resolve(learned)));
  }

  @Test
  void keepsTheLastCheckpointsAndTheBest() throws Exception {
    Checkpoints kept = new Checkpoints(directory.resolve("checkpoints"));
    List<EpochResult> epochs = new ArrayList<>();
    try (Trainer trainer = new Trainer(config(1), CPU)) {
      for (int correct : new int[] {3, 6, 6, 5, 4}) {
        Metrics measured = new Metrics(1, correct, 10);
        var time = Duration.ofSeconds(1);
        epochs.add(new EpochResult(epochs.size() + 1, measured, measured, time, time));
        HistoryRecorder history = new HistoryRecorder(RunHistory.NONE);
        epochs.forEach(history::onEpoch);
        RunConfig config = RunConfig.of(Map.of(), config(1), CPU, DATA.provenance());
        kept.save(trainer, config, history.history(7), 2);
      }
    }

    // the second is the first of equals
    assertEquals(Set.of("epoch-2", "epoch-4", "epoch-5"), names(directory.resolve("checkpoints")));
    assertEquals(epochs, kept.newest(true).history().results());
    assertEquals(7, kept.newest(true).history().steps());
  }

  static Stream<String> filesOfACheckpoint() {
    return Stream.of(
        "variables.index",
        "variables.data-00000-of-00001",
        "parameters.index",
        "parameters.data-00000-of-00001",
        "config.json",
        "history.json",
        "SHA256SUMS");
  }

  @ParameterizedTest
  @MethodSource("filesOfACheckpoint")
  void goesBackBehindACheckpointThatIsCorruptInOneBit(String file) throws Exception {
    assertGoesBackBehindACorruptCheckpoint(file, 10);
  }

  @ParameterizedTest
  @MethodSource("filesOfACheckpoint")
  @Tag("slow")
  void goesBackBehindACheckpointThatIsCorruptInAnyBit(String file) throws Exception {
    assertGoesBackBehindACorruptCheckpoint(file, 200);
  }

  private void assertGoesBackBehindACorruptCheckpoint(String file, int trials) throws Exception {
    Path run = directory.resolve("run");
    copy(threeEpochs, run);
    Path corrupt = run.resolve("checkpoints/epoch-3").resolve(file);
    byte[] whole = Files.readAllBytes(corrupt);
    Random random = new Random(file.hashCode());
    for (int trial = 0; trial < trials; trial++) {
      byte[] bytes = whole.clone();
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      Files.write(corrupt, bytes);
      assertGoesBackToTwo(run, "epoch-3");
      Files.write(corrupt, Arrays.copyOf(whole, random.nextInt(whole.length)));
      assertGoesBackToTwo(run, "epoch-3");
    }
    Files.delete(corrupt);
    assertGoesBackToTwo(run, "epoch-3");

    execute(RunDirectory.reopen(run), standardized(3), NOBODY);

    if (!file.matches("history.json|SHA256SUMS")) { // which have times in them, or their hash
      assertArrayEquals(whole, Files.readAllBytes(corrupt));
    }
    assertEquals(
        3, new Checkpoints(run.resolve("checkpoints")).newest(true).history().epochs().size());
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> paths = Files.walk(from)) {
      for (Path path : paths.toList()) {
        Files.copy(path, to.resolve(from.relativize(path)));
      }
    }
  }

  private static void assertGoesBackToTwo(Path run, String said) throws IOException {
    ResumePoint point = ResumePoint.of(run);
    assertEquals(2, point.history().epochs().size());
    assertEquals(1, point.corrupt().size());
    assertTrue(point.corrupt().get(0).contains(said), point.corrupt().toString());
  }

  @Test
  void saysSoIfNoCheckpointIsWhole() throws Exception {
    Path run = directory.resolve("run");
    execute(open(run), config(2), NOBODY);
    for (String name : names(run.resolve("checkpoints"))) {
      Files.delete(run.resolve("checkpoints").resolve(name).resolve("SHA256SUMS"));
    }

    String message =
        assertThrows(RunFormatException.class, () -> RunDirectory.reopen(run)).getMessage();
    assertTrue(message.contains("no checkpoint is intact") && message.contains("epoch-1"), message);
    open(directory.resolve("other")).close(); // nothing stays locked
    assertThrows(RunFormatException.class, () -> RunDirectory.reopen(run));
  }

  @Test
  void whatIsNoRunIsNotTouched() throws Exception {
    Path home = Files.createDirectories(directory.resolve("home"));
    Files.writeString(home.resolve("thesis.tex"), "years of work");

    String message =
        assertThrows(RunFormatException.class, () -> RunDirectory.reopen(home)).getMessage();

    assertTrue(message.contains("is no run directory"), message);
    assertEquals(Set.of("thesis.tex"), names(home));
  }

  @Test
  void theTestSetIsReadOnceAndTheBestEpochIsGiven() throws Exception {
    TrainingConfig config =
        TrainingConfigs.of(MODEL, 6, 32, 0.4, 3, 2).toBuilder()
            .validationSplit(0.25)
            .patience(0)
            .build();
    Path path = directory.resolve("run");
    TrainingResult result = execute(open(path), config, NOBODY);

    EpochResult best = TrainingConfig.best(result.epochs()).orElseThrow();
    assertEquals(best, result.selected().orElseThrow());
    assertEquals(150, best.train().total());
    assertEquals(50, best.validation().total());
    assertEquals(60, result.test().orElseThrow().total());
    assertTrue(
        Files.readAllLines(path.resolve("metrics.csv"))
            .get(0)
            .startsWith("epoch,train_loss,train_accuracy,validation_loss,validation_accuracy,"));
    List<byte[]> images = IntStream.range(0, 60).mapToObj(DATA.test()::image).toList();
    try (LeNetClassifier classifier = LeNetClassifier.load(path)) {
      ClassificationReport loaded =
          ClassificationReport.of(classifier.probabilities(images), DATA.test());
      assertEquals(result.test().orElseThrow().correct() / 60.0, loaded.accuracy(), 1e-9);
    }
    RecordedRun recorded = RecordedRun.read(path);
    assertTrue(recorded.isValidated());
    assertEquals(best.epoch(), recorded.selectedEpoch().orElseThrow().number());
    assertEquals(result.test().orElseThrow().accuracy(), recorded.testAccuracy().orElseThrow());
  }

  @Test
  void tensorBoardSeesOneCourseOfAnInterruptedRun() throws Exception {
    TrainingConfig config =
        config(3).toBuilder()
            .schedule(LearningRateSchedule.COSINE)
            .warmupEpochs(0)
            .build(); // 7 steps an epoch
    Path path = directory.resolve("run");
    assertThrows(
        Sabotage.class,
        () -> execute(new TrainingRun(open(path)).tensorBoard(true), config, sabotage(3, 4)));
    TrainingResult result =
        execute(new TrainingRun(RunDirectory.reopen(path)).tensorBoard(true), config, NOBODY);

    List<Path> files;
    try (Stream<Path> all = Files.list(path.resolve("tensorboard"))) {
      files = all.sorted().toList();
    }
    assertEquals(2, files.size());
    List<Event> second = TensorBoardLogTest.events(files.get(1));
    assertEquals(15, second.get(1).getStep(), "TensorBoard forgets the epoch that was broken off");
    assertEquals(List.of(7L, 14L), steps(TensorBoardLogTest.events(files.get(0)), "accuracy/test"));
    assertEquals(List.of(21L), steps(second, "accuracy/test"));
    assertEquals(List.of(15L, 16L, 17L, 18L, 19L, 20L, 21L), steps(second, "loss/train"));
    assertEquals(List.of(21L), steps(second, "confusion_matrix"));
    assertEquals(List.of(21L), steps(second, "activations/conv2"));
    assertEquals(
        (float) result.epochs().get(2).validation().accuracy(), value(second, "accuracy/test", 21));
    assertEquals(
        (float) (0.05 * (1 + Math.cos(Math.PI * 16 / 21)) / 2), value(second, "learning_rate", 17));
  }

  private static List<Long> steps(List<Event> events, String tag) {
    return events.stream()
        .filter(event -> event.getSummary().getValueCount() > 0)
        .filter(event -> event.getSummary().getValue(0).getTag().equals(tag))
        .map(Event::getStep)
        .toList();
  }

  private static float value(List<Event> events, String tag, long step) {
    return events.stream()
        .filter(event -> event.getStep() == step && event.getSummary().getValueCount() > 0)
        .map(event -> event.getSummary().getValue(0))
        .filter(value -> value.getTag().equals(tag))
        .findFirst()
        .orElseThrow()
        .getTensor()
        .getFloatVal(0);
  }

  @Test
  void endsWhenPatienceDoes() throws Exception {
    // Too slow to learn anything: the accuracy hardly moves.
    TrainingConfig config =
        TrainingConfigs.of(MODEL, 40, 32, 1e-6, 3, 2).toBuilder()
            .validationSplit(0.25)
            .patience(3)
            .build();

    TrainingResult result = execute(open(directory.resolve("run")), config, NOBODY);

    int best = result.selected().orElseThrow().epoch();
    assertEquals(best + 3, result.epochs().size());
    assertTrue(result.epochs().size() < 40 && !result.stopped());
    TrainingResult again =
        execute(RunDirectory.reopen(directory.resolve("run")), config, sabotage(1, 1));
    assertEquals(result.epochs(), again.epochs(), "its patience is still at its end");
  }

  private static TrainingConfig config(int epochs) {
    return TrainingConfigs.of(MODEL, epochs, 32, 0.05, 1, 2);
  }

  /** Whose checkpoints have the parameters beside the variables. */
  private static TrainingConfig standardized(int epochs) {
    return config(epochs).toBuilder().standardization(Standardization.of(DATA.train())).build();
  }

  private static RunDirectory open(Path directory) throws IOException {
    return RunDirectory.open(directory, false);
  }

  private static TrainingResult execute(
      RunDirectory run, TrainingConfig config, TrainingListener listener) throws IOException {
    return execute(new TrainingRun(run), config, listener);
  }

  private static TrainingResult execute(
      TrainingRun run, TrainingConfig config, TrainingListener listener) throws IOException {
    DatasetSplits data =
        config.hasValidation() ? DATA.withValidation(config.validationSplit()) : DATA;
    return run.execute(data, config, CPU, listener);
  }

  private static final class Sabotage extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** Fails after a batch of this epoch or of any later one. */
  private static TrainingListener sabotage(int epoch, int batch) {
    return new TrainingListener() {
      @Override
      public void onBatch(BatchProgress progress) {
        if (progress.epoch() >= epoch && progress.batch() >= batch) {
          throw new Sabotage();
        }
      }
    };
  }

  /** All but the times. */
  private static List<Object> numbers(EpochResult result) {
    return List.of(result.epoch(), result.train(), result.validation());
  }

  private static Set<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
    }
  }
}
