package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.lenet.cli.options.Preset;
import io.github.lenet.cli.output.Console;
import io.github.lenet.cli.output.ExitCode;
import io.github.lenet.training.TrainingConfig;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class TrainCommandTest {

  /** The contract with scripts: what an epoch's line and the two closing lines look like. */
  static final String EPOCH_LINE =
      "epoch (\\d+), loss (\\d+\\.\\d{4}), train acc (\\d\\.\\d{3}), test acc (\\d\\.\\d{3}),"
          + " time \\d+\\.\\d sec";

  static final String CLOSING_LINE =
      "loss (\\d+\\.\\d{3}), train acc (\\d\\.\\d{3}), test acc (\\d\\.\\d{3})";
  static final String SPEED_LINE = "\\d+\\.\\d examples/sec on /device:(CPU|GPU):0";

  private static final String CSV_HEADER =
      "epoch,train_loss,train_accuracy,test_loss,test_accuracy,seconds,images_per_second";

  @TempDir private static Path shared;

  private static Path data;

  @TempDir private Path directory;

  @BeforeAll
  static void writeData() throws IOException {
    data = shared.resolve("data");
    TinyIdx.write(data, 28, 28, 10);
  }

  @Test
  void trainsOnTheSampleSetAndLeavesARunDirectory() throws IOException {
    Path run = directory.resolve("run");
    Cli cli = trainOn("sample", run, "--epochs", "2", "--seed", "7", "--activation", "tanh");

    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    List<String> lines = cli.outLines();
    assertEquals(4, lines.size(), cli.out());
    assertTrue(lines.get(0).matches(EPOCH_LINE) && lines.get(0).startsWith("epoch 1,"), cli.out());
    assertTrue(lines.get(1).matches(EPOCH_LINE) && lines.get(1).startsWith("epoch 2,"), cli.out());
    assertTrue(lines.get(2).matches(CLOSING_LINE), cli.out());
    assertTrue(lines.get(3).matches(SPEED_LINE), cli.out());
    assertTrue(cli.err().contains("run directory: " + run), cli.err());

    assertWhole(run, 2);
    JsonNode config = new JsonMapper().readTree(run.resolve("config.json").toFile());
    assertEquals(7, config.path("training").path("seed").asInt());
    assertEquals(256, config.path("training").path("batch_size").asInt());
    assertEquals("tanh", config.at("/training/architecture/activation").asText());
    assertEquals("[120,84]", config.at("/training/architecture/dense_units").toString());
  }

  /** That everything is there which a run with so many finished epochs leaves. */
  static void assertWhole(Path run, int epochs) throws IOException {
    for (String file :
        List.of("config.json", "metrics.json", "curves.svg", "saved_model/1/saved_model.pb")) {
      assertTrue(Files.size(run.resolve(file)) > 0, file);
    }
    try (Stream<Path> checkpoints = Files.list(run.resolve("checkpoints"))) {
      assertTrue(checkpoints.findAny().isPresent());
    }
    List<String> csv = Files.readAllLines(run.resolve("metrics.csv"));
    assertEquals(CSV_HEADER, csv.get(0));
    assertEquals(epochs + 1, csv.size());
    for (int epoch = 1; epoch <= epochs; epoch++) {
      String[] cells = csv.get(epoch).split(",");
      assertEquals(CSV_HEADER.split(",").length, cells.length);
      assertEquals(epoch, Integer.parseInt(cells[0]));
      for (String cell : cells) {
        assertTrue(Double.parseDouble(cell) >= 0, csv.get(epoch));
      }
    }
    JsonNode metrics = new JsonMapper().readTree(run.resolve("metrics.json").toFile());
    assertEquals(epochs, metrics.path("epoch").asInt());
  }

  @Test
  void printsNothingButTheFinalNumbersAsJson() {
    Path run = directory.resolve("run");
    Cli cli = trainOn("sample", run, "--epochs", "1", "--json");

    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    JsonNode json = cli.json();
    assertEquals("sample", json.path("dataset").asText());
    assertTrue(json.path("note").asText().contains("not Fashion-MNIST"));
    assertEquals(1, json.path("epoch").asInt());
    assertTrue(json.path("train_loss").asDouble() > 0);
    assertTrue(json.path("test_loss").asDouble() > 0);
    assertTrue(json.path("train_accuracy").isDouble());
    assertTrue(json.path("test_accuracy").isDouble());
    assertTrue(json.path("seconds").asDouble() > 0);
    assertTrue(json.path("images_per_second").asDouble() > 0);
    assertTrue(json.path("device").asText().startsWith("/device:"));
    assertFalse(json.path("stopped").asBoolean(true));
    assertEquals(run.toString(), json.path("directory").asText());
    assertTrue(cli.errLines().stream().anyMatch(line -> line.matches(EPOCH_LINE)), cli.err());
  }

  @Test
  void replacesARunOnlyWhenForced() throws IOException {
    Path run = directory.resolve("run");
    assertEquals(ExitCode.DONE, train(run, "--epochs", "1").status());
    Files.writeString(run.resolve("notes.txt"), "mine");

    Cli second = train(run, "--epochs", "1");
    assertEquals(ExitCode.WRONG_USAGE, second.status());
    assertEquals(1, second.errLines().size(), second.err());
    assertTrue(second.err().contains("--force"), second.err());

    Cli forced = train(run, "--epochs", "1", "--force");
    assertEquals(ExitCode.DONE, forced.status(), forced.err());
    assertWhole(run, 1);
    assertEquals("mine", Files.readString(run.resolve("notes.txt")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--epochs 0 | --epochs: expected a positive whole number, found '0'",
        "--epochs ten | --epochs: expected a positive whole number, found 'ten'",
        "--epochs 99999999999 | --epochs: expected a positive whole number",
        "--batch-size -1 | --batch-size: expected a positive whole number, found '-1'",
        "--learning-rate nan | --learning-rate: expected a positive number such as 0.9, found 'nan'",
        "--learning-rate NaN | --learning-rate: expected a positive number",
        "--learning-rate 0 | --learning-rate: expected a positive number",
        "--learning-rate 1e300 | --learning-rate: expected a positive number",
        "--learning-rate -0.1 | --learning-rate: expected a positive number",
        "--optimizer adm | --optimizer: unknown optimizer 'adm'; did you mean adam? (sgd, momentum,",
        "--momentum 1 | --momentum: expected a number from 0 to less than 1, found '1'",
        "--momentum 0.5 | --momentum cannot be combined with --optimizer sgd",
        "--schedule cosin | unknown schedule 'cosin'; did you mean cosine? (constant, cosine, step)",
        "--warmup-epochs -1 | --warmup-epochs: expected a whole number, at least 0, found '-1'",
        "--warmup-epochs 3 --epochs 3 | warmupEpochs (3) must be at least 0 and less than epochs (3)",
        "--init he_normal | did you mean he-normal? (glorot-uniform, glorot-normal, he-uniform, he-",
        "--weight-decay -1 | --weight-decay: expected 0 or a positive number such as 0.0005, found",
        "--dropout 1 | --dropout: expected a number from 0 to less than 1, found '1'",
        "--dropout 0.5 --dense-units none | dropout (0.5) needs a hidden dense layer, and the architecture has none",
        "--augment twirl | --augment: unknown augmentation 'twirl': expected none, or some of shift",
        "--validation-split 1 | --validation-split: expected a number from 0 to less than 1, found",
        "--patience 3 | patience (3) needs a validationSplit: the test set is not to choose by",
        "--gpu-memory-limit 4 | --gpu-memory-limit: expected a size such as 512m or 4g, found '4'",
        "--gpu-memory-limit 0m | --gpu-memory-limit: expected a size such as 512m or 4g, found '0m'",
        "--gpu-memory-limit 1024g | --gpu-memory-limit: expected a size such as 512m or 4g, found '1024g'",
        "--preset modrn | --preset: unknown preset 'modrn'; did you mean modern? (classic, modern)",
        "--preset modern --epochs 1 | warmupEpochs (1) must be at least 0 and less than epochs (1)",
        "--keep-last 0 | --keep-last: expected a positive whole number, found '0'",
        "--resume ./nowhere | --output cannot be combined with --resume",
        "--seed 1.5 | --seed: expected a whole number, found '1.5'",
        "--device tpu | --device: unknown device 'tpu': expected auto, cpu, gpu or gpu:N",
        "--kernel-size 0 | --kernel-size: expected a positive whole number",
        "--kernel-size 15 | conv2: its 15×15 window does not fit",
        "--channels 6,x | --channels: expected positive whole numbers separated by commas",
        "--channels 6,,16 | --channels: expected positive whole numbers",
        "--dense-units 0 | --dense-units: expected positive whole numbers",
        "--dense-units 100000,100000 | parameters",
        "--pooling maxx | --pooling: unknown pooling 'maxx'; did you mean max? (avg, max)",
        "--activation rleu | unknown activation 'rleu'; did you mean relu? (sigmoid, tanh, relu)",
        "--dataset fashion-mnst | did you mean fashion-mnist?",
        "--dataset ./nowhere | unknown data set './nowhere'",
        "--data-dir ./nowhere | data directory ./nowhere: no such directory",
        "--data-dir . --dataset sample | a data directory cannot be combined with the data set sample",
        "--epochs 1 --seed 2 --epochs 3 | option '--epochs' should be specified only once",
        "--epochs | missing required parameter for option '--epochs'",
      })
  void refusesWrongOptionsBeforeItTouchesAnything(String options, String message)
      throws IOException {
    Path run = directory.resolve("run");
    String[] words = ("train --output " + run + " " + options).split(" ");
    Cli cli = Cli.run(words);

    assertEquals(ExitCode.WRONG_USAGE, cli.status(), cli.err());
    assertEquals("", cli.out());
    assertEquals(1, cli.errLines().size(), cli.err());
    assertTrue(cli.err().startsWith("error: "), cli.err());
    assertTrue(cli.err().contains(message), cli.err());
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(0, files.count());
    }
  }

  @Test
  void everyOptionOfTheOptimizerIsUsedAndRecorded() throws IOException {
    Path run = directory.resolve("run");
    String options =
        "--epochs 2 --learning-rate 0.002 --optimizer adam --momentum 0.8 --schedule cosine"
            + " --warmup-epochs 1 --weight-decay 0.01 --dropout 0.25 --init he-normal";
    Cli cli = train(run, options.split(" "));

    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    JsonNode training =
        new JsonMapper().readTree(Files.readString(run.resolve("config.json"))).get("training");
    assertEquals("adam", training.at("/optimizer/name").asText());
    assertEquals(0.8, training.at("/optimizer/beta1").asDouble());
    assertEquals("cosine", training.get("schedule").asText());
    assertEquals(1, training.get("warmup_epochs").asInt());
    assertEquals(0.01, training.get("weight_decay").asDouble());
    assertEquals(0.25, training.get("dropout").asDouble());
    assertEquals("he-normal", training.get("initializer").asText());
    String card = Files.readString(run.resolve("saved_model/1/assets.extra/model-card.md"));
    assertTrue(
        card.contains(
            "Adam, first beta 0.8, with learning rate 0.002 (schedule cosine, warmup epochs 1),"
                + " weight decay 0.01, dropout 0.25, initial kernels he-normal, seed 1."),
        card);
  }

  @Test
  void refusesToOverwriteWhatIsNoRun() throws IOException {
    Files.writeString(directory.resolve("thesis.tex"), "ten years of work");

    Cli cli = train(directory, "--epochs", "1", "--force");

    assertEquals(ExitCode.WRONG_USAGE, cli.status());
    assertTrue(cli.err().contains("is not a run directory"), cli.err());
    assertTrue(Files.exists(directory.resolve("thesis.tex")));
  }

  @Test
  void reportsATrainingThatDiverges() {
    Cli cli = train(directory.resolve("run"), "--activation", "relu", "--learning-rate", "1e30");

    assertEquals(ExitCode.FAILED, cli.status());
    String last = cli.errLines().get(cli.errLines().size() - 1);
    assertTrue(last.startsWith("error: training diverged: "), cli.err());
  }

  @Test
  void failsWithoutTheFilesOfADataSet() {
    Cli cli =
        Cli.run(
            "train",
            "--dataset",
            "mnist",
            "--data-dir",
            directory.toString(),
            "--output",
            directory.resolve("run").toString());

    assertEquals(ExitCode.FAILED, cli.status());
    assertEquals("loading data set: mnist", cli.errLines().get(0));
    assertEquals(2, cli.errLines().size(), cli.err());
    assertTrue(cli.errLines().get(1).startsWith("error: "), cli.err());
    assertTrue(cli.errLines().get(1).contains("train-images-idx3-ubyte"), cli.err());
    assertFalse(Files.exists(directory.resolve("run")));
  }

  @Test
  @Tag("slow")
  void saysPlainlyThatTheSampleSetTookFashionMnistsPlace() throws Exception {
    Cli cli = new ChildJvm(directory).run("train", "--offline", "--epochs", "1", "--output", "run");

    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    List<String> warnings =
        cli.errLines().stream()
            .filter(line -> line.startsWith("*** ") && line.contains("not Fashion-MNIST"))
            .toList();
    assertEquals(2, warnings.size(), cli.err());
    List<String> lines = cli.errLines();
    assertTrue(lines.indexOf(warnings.get(0)) < 3, "not at the start: " + cli.err());
    assertTrue(lines.lastIndexOf(warnings.get(1)) >= lines.size() - 2, "not at the end");
    assertTrue(Files.readString(directory.resolve("run/metrics.csv")).startsWith("# "));
  }

  /** The page lists the options that the preset stands for. */
  @Test
  void thePresetIsTheOptionsThatTheDocumentationNames() throws IOException {
    Matcher block =
        Pattern.compile("\\n((?:    --.*\\n)+)")
            .matcher(Files.readString(Path.of("../docs/training.md")));
    assertTrue(block.find());

    assertEquals(TrainingConfig.modern(), parsed(block.group(1).strip().split("\\s+")));
    assertEquals(TrainingConfig.modern(), parsed("--preset", "modern"));
    assertEquals(TrainingConfig.builder().build(), parsed("--preset", "classic"));
  }

  @Test
  void otherOptionsApplyOnTopOfAPreset() {
    assertEquals(
        TrainingConfig.modern().toBuilder().seed(5).dropout(0.125).build(),
        parsed("--dropout", "0.125", "--preset", "modern", "--seed", "5"));
  }

  @Test
  void aPresetSaysWhatItSets() {
    assertTrue(
        Preset.MODERN.toString().startsWith("kernel_size 3, channels 16,64, pooling max"),
        Preset.MODERN::toString);
    assertTrue(Preset.MODERN.toString().contains("optimizer adam, learning_rate 0.003"));
    assertEquals("", Preset.CLASSIC.toString());
  }

  private static TrainingConfig parsed(String... flags) {
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
    CommandLine command = new CommandLine(new TrainCommand(new Console(nowhere, nowhere, false)));
    command.parseArgs(flags);
    return ((TrainCommand) command.getCommand()).fresh().config();
  }

  private static Cli train(Path run, String... options) {
    return trainOn(data.toString(), run, options);
  }

  private static Cli trainOn(String dataset, Path run, String... options) {
    return Cli.run(
        Stream.concat(
                Stream.of("train", "--dataset", dataset, "--output", run.toString()),
                Stream.of(options))
            .toArray(String[]::new));
  }

  /** As the exercises have it; with a rate of 0.9 these networks learn nothing. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--activation relu --epochs 1 | optimizer sgd, learning rate 0.9 | *** the accuracy is no"
            + " better than guessing. Use a smaller learning rate, such as 0.1.",
        "--optimizer adam --learning-rate 0.9 --epochs 1 | optimizer adam, learning rate 0.9 | ***"
            + " the accuracy is no better than guessing. Use a smaller learning rate, such as"
            + " 0.001.",
        "--epochs 1 | optimizer sgd, learning rate 0.9 | *** the accuracy is no better than"
            + " guessing. Train for more epochs.",
        "--activation relu --learning-rate 0.1 --epochs 2 | optimizer sgd, learning rate 0.1 |",
        "--optimizer adam --epochs 2 --activation relu | optimizer adam, learning rate 0.001 |"
      })
  void saysThatNothingWasLearned(String options, String optimizer, String advice) {
    List<String> arguments =
        new ArrayList<>(
            List.of("train", "--dataset", "sample", "--output", "" + directory.resolve("run")));
    arguments.addAll(List.of(options.split(" ")));
    Cli cli = Cli.run(arguments.toArray(String[]::new));

    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    assertTrue(cli.errLines().contains(optimizer), cli.err());
    assertEquals(
        advice == null ? List.of() : List.of(advice),
        cli.errLines().stream().filter(line -> line.contains("guessing")).toList());
  }

  @Test
  void saysWhichClassesHaveNoTrainingImages() throws Exception {
    Path data = directory.resolve("data");
    TinyIdx.write(data, 12, 12, 10);
    Path labels = data.resolve("train-labels-idx1-ubyte");
    byte[] bytes = Files.readAllBytes(labels);
    bytes[bytes.length - 1] = (byte) 255; // one that is far off
    Files.write(labels, bytes);
    Cli cli =
        Cli.run(
            "train",
            "--dataset",
            "" + data,
            "--epochs",
            "1",
            "--output",
            "" + directory.resolve("o"));

    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    assertTrue(
        cli.errLines()
            .contains(
                "*** 245 of 256 classes have no training images, such as 10. Check the labels."),
        cli.err());
  }
}
