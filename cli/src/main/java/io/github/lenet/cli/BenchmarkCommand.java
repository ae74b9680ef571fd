package io.github.lenet.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lenet.cli.AccuracyBenchmark.Reached;
import io.github.lenet.cli.InferenceBenchmark.Round;
import io.github.lenet.cli.options.ArchitectureOptions;
import io.github.lenet.cli.options.DeviceConverter;
import io.github.lenet.cli.options.Numbers;
import io.github.lenet.cli.options.PathConverter;
import io.github.lenet.cli.output.Console;
import io.github.lenet.cli.output.ExitCode;
import io.github.lenet.cli.output.PropertyTable;
import io.github.lenet.cli.output.Versions;
import io.github.lenet.data.DatasetSplits;
import io.github.lenet.data.FashionMnist;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.data.SampleGarments;
import io.github.lenet.model.LeNetClassifier;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.training.BatchProgress;
import io.github.lenet.training.EpochResult;
import io.github.lenet.training.Optimizer;
import io.github.lenet.training.Trainer;
import io.github.lenet.training.TrainingConfig;
import io.github.lenet.training.TrainingListener;
import io.github.lenet.training.device.Device;
import io.github.lenet.training.device.DeviceSelection;
import io.github.lenet.training.images.ImageDirectory;
import io.github.lenet.training.internal.console.ConsoleReport;
import io.github.lenet.training.internal.console.DatasetLoader;
import io.github.lenet.training.internal.console.ProgressBar;
import io.github.lenet.training.internal.runtime.TensorFlowRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.tensorflow.TensorFlow;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lenet benchmark}: measures the speed of training and inference on this machine. */
@Command(
    name = "benchmark",
    customSynopsis = "lenet benchmark [OPTIONS]",
    description = {
      "Measures the speed of training and inference on this machine.",
      "",
      "Trains on the sample set, then predicts with the pretrained model: all images in"
          + " one call, one image at a time, and one image at a time in every thread. The"
          + " first rounds warm up. Prints the median and the range of the other rounds."
          + " GFLOP/s count the network's multiplications and additions, however they are"
          + " computed.",
      ""
    },
    synopsisHeading = "Usage: ",
    descriptionHeading = "%n",
    optionListHeading = "Options:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:failed", "2:wrong usage"},
    footerHeading = "%nExamples:%n",
    footer = {
      "  lenet benchmark",
      "  lenet benchmark --threads 1 --rounds 9 --json",
      "  lenet benchmark --to-accuracy"
    },
    sortOptions = false)
final class BenchmarkCommand implements Callable<Integer> {

  private static final int INFERENCE_WARM_UP_ROUNDS = 5;
  private static final int SEEDS = 3;

  private final Console console;

  @Spec private CommandSpec spec;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "7",
      converter = Numbers.Positive.class,
      description = "Number of measured rounds. Default: ${DEFAULT-VALUE}.")
  private int rounds = 7;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "256",
      converter = Numbers.Positive.class,
      description = "Images per step. Default: ${DEFAULT-VALUE}.")
  private int batchSize = 256;

  @Option(
      names = "--threads",
      paramLabel = "N",
      converter = Numbers.Positive.class,
      description = "CPU threads. Default: one per core.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "auto",
      converter = DeviceConverter.class,
      completionCandidates = DeviceConverter.class,
      description = "auto, cpu, gpu or gpu:N. Default: ${DEFAULT-VALUE}.")
  private Device device = Device.AUTO;

  @Option(
      names = "--gpu-memory-limit",
      paramLabel = "SIZE",
      converter = Numbers.Mebibytes.class,
      description =
          "Limit of TensorFlow's GPU memory, such as 512m or 4g. Default: as much as it"
              + " needs.")
  private Optional<Integer> gpuMemoryLimitInMebibytes = Optional.empty();

  @Option(
      names = "--to-accuracy",
      description =
          "Also train both presets on Fashion-MNIST, and print the seconds to a test accuracy:"
              + " classic to 0.80, modern to 0.90 and 0.92, median of "
              + SEEDS
              + " seeds. Takes about six minutes on two cores.")
  private boolean toAccuracy;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      converter = PathConverter.class,
      description =
          "Directory with the files of Fashion-MNIST for --to-accuracy; nothing is downloaded.")
  private Optional<Path> dataDirectory = Optional.empty();

  @Option(names = "--json", description = "Print one JSON object instead of lines.")
  private boolean json;

  @ArgGroup(exclusive = false, validate = false, heading = ArchitectureOptions.HEADING)
  private ArchitectureOptions architecture = new ArchitectureOptions();

  BenchmarkCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    TrainingConfig config = config();
    Optional<DatasetSplits> fashionMnist = fashionMnist();
    TensorFlowRuntime.prepare();
    DeviceSelection selection =
        gpuMemoryLimitInMebibytes.isPresent()
            ? DeviceSelection.select(device, gpuMemoryLimitInMebibytes.get())
            : DeviceSelection.select(device);
    ImageDataset images = SampleGarments.load().train();
    ProgressBar bar = new ProgressBar(console.err(), console.isTerminal());
    List<EpochResult> trained = train(config, selection, images, bar);
    List<Round> asked = ask(images, bar);
    List<Reached> reached =
        fashionMnist.isPresent()
            ? new AccuracyBenchmark(fashionMnist.get(), selection, SEEDS, bar).presets(threads)
            : List.of();
    bar.clear();
    PropertyTable table = new PropertyTable();
    table.add("lenet", Versions.ofThisBuild().lenet());
    table.add("TensorFlow", TensorFlow.version());
    table.add("Java", Versions.java());
    Processor processor = Processor.ofThisMachine();
    table.add(
        "processor", processor.name() + " (" + String.join(" ", processor.vectorUnits()) + ")");
    table.add("device", selection.name());
    table.json().put("threads", threads).put("batch_size", batchSize).put("rounds", rounds);
    table.addLine("settings", "%d threads, batches of %d".formatted(threads, batchSize));
    LeNetConfig model = config.architecture();
    addRate(
        table,
        "training",
        Spread.of(trained, EpochResult::imagesPerSecond),
        model.trainingMultiplyAdds());
    addRate(
        table,
        "evaluation",
        Spread.of(trained, BenchmarkCommand::evaluatedPerSecond),
        model.forwardMultiplyAdds());
    LeNetConfig classic = LeNetConfig.classic();
    addRate(
        table,
        "inference",
        Spread.of(asked, Round::imagesPerSecond),
        classic.forwardMultiplyAdds());
    addLatency(table, asked);
    addPredictions(table, asked);
    if (!model.equals(classic)) {
      table.add(
          "note", "inference, latency and predictions are those of the pretrained classic network");
    }
    reached.forEach(each -> each.addTo(table));
    table.print(console, json);
    return ExitCode.DONE;
  }

  private TrainingConfig config() {
    try {
      return TrainingConfig.builder()
          .architecture(architecture.over(LeNetConfig.builder()))
          .epochs(1 + rounds)
          .batchSize(batchSize)
          .optimizer(Optimizer.sgd(0.1))
          .threads(threads)
          .build();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  /** Loads the images for {@code --to-accuracy}. */
  private Optional<DatasetSplits> fashionMnist() throws IOException {
    if (dataDirectory.isPresent() && !toAccuracy) {
      throw new ParameterException(spec.commandLine(), "--data-dir needs --to-accuracy");
    }
    if (!toAccuracy) {
      return Optional.empty();
    }
    ConsoleReport report = new ConsoleReport(console.err(), console.err(), console.isTerminal());
    try {
      return Optional.of(
          new DatasetLoader(dataDirectory, false, ImageDirectory.Settings.DEFAULT, report)
              .load(FashionMnist.SOURCE.id()));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  /** Trains, and drops the first epoch, which only warms up. */
  private static List<EpochResult> train(
      TrainingConfig config, DeviceSelection selection, ImageDataset images, ProgressBar bar)
      throws IOException {
    TrainingListener progress =
        new TrainingListener() {
          @Override
          public void onBatch(BatchProgress batch) {
            long done = (batch.epoch() - 1L) * batch.batches() + batch.batch();
            bar.show("training", done, (long) batch.epochs() * batch.batches(), "");
          }
        };
    try (Trainer trainer = new Trainer(config, selection)) {
      List<EpochResult> all = trainer.fit(images, images, progress);
      return all.subList(1, all.size());
    }
  }

  /** Drops the first rounds, because just-in-time compilation takes some rounds to settle. */
  private List<Round> ask(ImageDataset images, ProgressBar bar) throws IOException {
    List<byte[]> pixels = IntStream.range(0, images.size()).mapToObj(images::image).toList();
    List<Round> all = new ArrayList<>();
    try (LeNetClassifier classifier = LeNetClassifier.pretrained();
        InferenceBenchmark inference = new InferenceBenchmark(classifier, pixels, threads)) {
      for (int i = 0; i < INFERENCE_WARM_UP_ROUNDS + rounds; i++) {
        bar.show("inference", i, INFERENCE_WARM_UP_ROUNDS + rounds, "");
        all.add(inference.round());
      }
    }
    return all.subList(INFERENCE_WARM_UP_ROUNDS, all.size());
  }

  private static double evaluatedPerSecond(EpochResult result) {
    Duration evaluation = result.time().minus(result.trainingTime());
    return result.validation().total() / (evaluation.toNanos() / 1e9);
  }

  private static void addRate(
      PropertyTable table, String name, Spread imagesPerSecond, long multiplyAdds) {
    double gigaflops = 2 * multiplyAdds * imagesPerSecond.median() / 1e9;
    table.addLine(
        name,
        imagesPerSecond.text("%,.0f", "images/sec")
            + String.format(Locale.ROOT, ", %.1f GFLOP/s", gigaflops));
    ObjectNode json = table.json().putObject(name);
    json.put("images_per_second", imagesPerSecond.median()).put("gigaflops", gigaflops);
    json.put("slowest", imagesPerSecond.lowest()).put("fastest", imagesPerSecond.highest());
  }

  private static void addLatency(PropertyTable table, List<Round> asked) {
    Spread median = Spread.of(asked, Round::medianMicroseconds);
    Spread p99 = Spread.of(asked, Round::p99Microseconds);
    table.addLine(
        "latency",
        "%s per image, 99th percentile %s"
            .formatted(median.text("%,.0f", "µs"), p99.text("%,.0f", "µs")));
    ObjectNode json = table.json().putObject("latency");
    json.put("median_microseconds", median.median());
    json.put("fastest", median.lowest()).put("slowest", median.highest());
    json.put("p99_microseconds", p99.median());
    json.put("p99_fastest", p99.lowest()).put("p99_slowest", p99.highest());
  }

  private void addPredictions(PropertyTable table, List<Round> asked) {
    Spread all = Spread.of(asked, Round::predictionsPerSecond);
    Spread scaling = Spread.of(asked, Round::scaling);
    table.addLine(
        "predictions",
        "%s with %d concurrent callers, %s"
            .formatted(
                all.text("%,.0f", "predictions/sec"),
                threads,
                scaling.text("%.2f", "times one caller's rate")));
    ObjectNode json = table.json().putObject("predictions");
    json.put("callers", threads).put("per_second", all.median());
    json.put("slowest", all.lowest()).put("fastest", all.highest());
    json.put(
        "one_caller_per_second", Spread.of(asked, Round::predictionsPerSecondOfOneCaller).median());
    json.put("scaling", scaling.median());
    json.put("scaling_lowest", scaling.lowest()).put("scaling_highest", scaling.highest());
  }
}
