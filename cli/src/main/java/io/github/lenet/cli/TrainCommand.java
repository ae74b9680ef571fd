package io.github.lenet.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lenet.cli.options.ArchitectureOptions;
import io.github.lenet.cli.options.DataOptions;
import io.github.lenet.cli.options.ModelArgument;
import io.github.lenet.cli.options.Numbers;
import io.github.lenet.cli.options.PathConverter;
import io.github.lenet.cli.options.PreprocessingOptions;
import io.github.lenet.cli.options.TrainingOptions;
import io.github.lenet.cli.output.Console;
import io.github.lenet.cli.output.ExitCode;
import io.github.lenet.cli.output.Json;
import io.github.lenet.model.ImagePreprocessor;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.LeNetModel;
import io.github.lenet.training.EpochResult;
import io.github.lenet.training.Metrics;
import io.github.lenet.training.TrainingConfig;
import io.github.lenet.training.TrainingListener;
import io.github.lenet.training.TrainingResult;
import io.github.lenet.training.internal.console.ConsoleReport;
import io.github.lenet.training.internal.console.DatasetLoader;
import io.github.lenet.training.internal.runtime.TensorFlowRuntime;
import io.github.lenet.training.run.ConsoleTraining;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.tensorflow.TensorFlow;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** {@code lenet train}: trains the network and writes a run directory. */
@Command(
    name = "train",
    customSynopsis = "lenet train [OPTIONS]",
    description = {
      "Trains LeNet-5 and prints a line for each epoch.",
      "",
      "Writes a run directory: saved_model/1 for serving,"
          + " curves.svg, metrics.csv, metrics.json, config.json, checkpoints. Ctrl-C ends the"
          + " training; finished epochs stay saved.",
      ""
    },
    synopsisHeading = "Usage: ",
    descriptionHeading = "%n",
    optionListHeading = "Options:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:failed", "2:wrong usage; nothing was changed"},
    footerHeading = "%nExamples:%n",
    footer = {
      "  lenet train",
      "  lenet train --dataset sample --epochs 3 --output runs/try --force",
      "  lenet train --activation relu --pooling max --learning-rate 0.1 --seed 2",
      "  lenet train --from pretrained --freeze conv1,conv2 --dataset mnist",
      "  lenet train --json > result.json"
    },
    sortOptions = false)
final class TrainCommand implements Callable<Integer> {

  /** Options that a resumed run cannot change. */
  private static final List<String> RUNS_OWN =
      List.of(
          "--output",
          "--force",
          "--preset",
          "--from",
          "--image-size",
          "--test-split",
          "--skip-unreadable",
          "--polarity",
          "--crop",
          "--contrast");

  private final Console console;

  @Spec private CommandSpec spec;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      converter = PathConverter.class,
      description = "The run directory. Default: runs/<date and time>.")
  private Optional<Path> output = Optional.empty();

  @Option(names = "--force", description = "Replace the run in the run directory.")
  private boolean force;

  @Option(
      names = "--resume",
      paramLabel = "RUN",
      converter = PathConverter.class,
      description =
          "Resume the run in this directory from its last intact checkpoint, with the"
              + " settings and data of the run. The result equals that of an uninterrupted run,"
              + " bit for bit.")
  private Optional<Path> resume = Optional.empty();

  @Option(
      names = "--from",
      paramLabel = "MODEL",
      completionCandidates = ModelArgument.Pretrained.class,
      description =
          "Start from the parameters of a run directory, a SavedModel of this program, a"
              + " directory of numbered versions, or pretrained. The architecture is the model's."
              + " Another number of classes gives a new last layer.")
  private Optional<String> from = Optional.empty();

  @Option(
      names = "--keep-last",
      paramLabel = "N",
      defaultValue = "2",
      converter = Numbers.Positive.class,
      description =
          "Number of last checkpoints to keep, besides the best epoch's. Default:"
              + " ${DEFAULT-VALUE}.")
  private int keepLast = 2;

  @Option(
      names = "--tensorboard",
      description =
          "Also write TensorBoard event files to tensorboard in the run directory: curves,"
              + " confusion matrix, activations.")
  private boolean tensorBoard;

  @Option(
      names = "--json",
      description =
          "Print one JSON object with the final metrics; other output goes to standard error.")
  private boolean json;

  @ArgGroup(exclusive = false, validate = false, heading = DataOptions.HEADING)
  private DataOptions data = new DataOptions();

  @ArgGroup(exclusive = false, validate = false, heading = "%nImages:%n")
  private PreprocessingOptions preprocessing = new PreprocessingOptions();

  @ArgGroup(exclusive = false, validate = false, heading = "%nTraining:%n")
  private TrainingOptions training = new TrainingOptions();

  @ArgGroup(exclusive = false, validate = false, heading = ArchitectureOptions.HEADING)
  private ArchitectureOptions architecture = new ArchitectureOptions();

  TrainCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    ConsoleTraining request = checkedRequest();
    training.describePreset().ifPresent(console.err()::println);
    TensorFlowRuntime.prepare();
    TensorFlow.version(); // fails on missing natives before anything is downloaded or written
    TrainingResult result =
        request.run(
            new ConsoleReport(
                json ? console.err() : console.out(), console.err(), console.isTerminal()),
            new TrainingListener() {
              @Override
              public void onEnd(TrainingResult result) throws IOException {
                if (result.stopped() && !result.epochs().isEmpty()) {
                  console.err().println("to resume: lenet train --resume " + result.directory());
                }
                if (json && !result.epochs().isEmpty()) {
                  Json.print(console, toJson(result));
                }
              }
            });
    // Without a result, the report has already printed a message.
    return result.epochs().isEmpty() ? ExitCode.FAILED : ExitCode.DONE;
  }

  /** Builds the request and checks all options before anything is changed. */
  private ConsoleTraining checkedRequest() throws IOException {
    try {
      ConsoleTraining request =
          resume.isPresent()
              ? resumed(resume.get())
              : from.isPresent() ? from(from.get()) : fresh();
      data.check(spec);
      request.check();
      return request;
    } catch (FileAlreadyExistsException e) {
      throw new ParameterException(
          spec.commandLine(), e.getMessage() + "; see --output and --force", e);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  ConsoleTraining fresh() {
    return fresh(training.preset().config());
  }

  /** Builds the request of a run that starts from a model; its settings are the default. */
  private ConsoleTraining from(String name) throws IOException {
    Optional<Path> path = ModelArgument.path(name, spec);
    LeNetModel model = ModelArgument.load(path);
    TrainingConfig.Builder base =
        training.preset().config().toBuilder().preprocessor(model.preprocessor());
    if (!spec.commandLine().getParseResult().hasMatchedOption("--preset")) {
      base.architecture(model.architecture());
    }
    return fresh(base.build())
        .from(path.map(file -> file.toAbsolutePath().toString()).orElse(name), model);
  }

  private ConsoleTraining fresh(TrainingConfig defaults) {
    ImagePreprocessor preprocessor = defaults.preprocessor();
    TrainingConfig base =
        defaults.toBuilder()
            .preprocessor(
                DatasetLoader.isImageDirectory(data.dataset())
                    ? preprocessing.ofFiles(preprocessor)
                    : preprocessing.ofPixels(preprocessor))
            .build();
    return requested(new ConsoleTraining(), base)
        .testSplit(data.testSplit())
        .skipUnreadable(data.skipsUnreadable())
        .dataset(data.dataset())
        .dataDirectory(data.directory())
        .output(output)
        .force(force);
  }

  /** Builds the run's request. Only the data's location may change; other options must agree. */
  private ConsoleTraining resumed(Path run) throws IOException {
    ParseResult parsed = spec.commandLine().getParseResult();
    for (String option : RUNS_OWN) {
      if (parsed.hasMatchedOption(option)) {
        throw new IllegalArgumentException(
            option
                + " cannot be combined with --resume, which continues the run as it was started");
      }
    }
    ConsoleTraining request = ConsoleTraining.of(run);
    if (parsed.hasMatchedOption("--dataset") || data.directory().isPresent()) {
      request.dataDirectory(data.directory());
    }
    if (parsed.hasMatchedOption("--dataset")) {
      request.dataset(data.dataset());
    }
    return requested(request, request.config());
  }

  /** Adds the options that a new run and a resumed run share. */
  private ConsoleTraining requested(ConsoleTraining request, TrainingConfig base) {
    training.device().ifPresent(request::device);
    LeNetConfig.Builder layers = base.architecture().toBuilder();
    data.imageSize().ifPresent(size -> layers.imageSize(size.height(), size.width()));
    return request
        .gpuMemoryLimitInMebibytes(training.gpuMemoryLimitInMebibytes())
        .config(training.over(base, architecture.over(layers)))
        .offline(data.isOffline())
        .transpose(data.transposes())
        .standardize(training.standardizes())
        .tensorBoard(tensorBoard)
        .keepLast(keepLast);
  }

  /** Uses the names of {@code metrics.json}. The speed is that of the whole run. */
  private static ObjectNode toJson(TrainingResult result) {
    EpochResult epoch = result.selected().orElseThrow();
    Metrics test = result.test().orElseThrow();
    ObjectNode json = Json.object();
    json.put("dataset", result.data().id()).put("note", result.data().note());
    json.put("epoch", epoch.epoch());
    json.put("train_loss", epoch.train().meanLoss());
    json.put("train_accuracy", epoch.train().accuracy());
    if (result.isValidated()) {
      json.put("validation_loss", epoch.validation().meanLoss());
      json.put("validation_accuracy", epoch.validation().accuracy());
    }
    json.put("test_loss", test.meanLoss());
    json.put("test_accuracy", test.accuracy());
    json.put("seconds", epoch.time().toNanos() / 1e9);
    json.put("images_per_second", result.imagesPerSecond());
    json.put("device", result.device().name());
    json.put("stopped", result.stopped());
    return json.put("directory", result.directory().toString());
  }
}
