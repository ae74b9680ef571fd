package io.github.lenet.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.data.SampleGarments;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.training.Device;
import io.github.lenet.training.DeviceSelection;
import io.github.lenet.training.EpochResult;
import io.github.lenet.training.TensorFlowRuntime;
import io.github.lenet.training.Trainer;
import io.github.lenet.training.TrainingConfig;
import io.github.lenet.training.TrainingListener;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import org.tensorflow.TensorFlow;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lenet benchmark}: how fast training and evaluation are on this machine. */
@Command(
    name = "benchmark",
    customSynopsis = "lenet benchmark [OPTIONS]",
    description = {
      "Measures training and evaluation on this machine, in pictures per second.",
      "",
      "Trains on the sample set, one round for warming up and then some that count, and prints the"
          + " median and the range. GFLOP/s are the network's own multiplications and additions,"
          + " whatever way they are computed.",
      ""
    },
    synopsisHeading = "Usage: ",
    descriptionHeading = "%n",
    optionListHeading = "Options:%n",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:done", "1:failed", "2:wrong usage"},
    footerHeading = "%nExamples:%n",
    footer = {"  lenet benchmark", "  lenet benchmark --threads 1 --rounds 9 --json"},
    sortOptions = false)
final class BenchmarkCommand implements Callable<Integer> {

  private final Console console;

  @Spec private CommandSpec spec;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "9",
      converter = Numbers.Positive.class,
      description = "Rounds that count. Default: ${DEFAULT-VALUE}.")
  private int rounds = 9;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "256",
      converter = Numbers.Positive.class,
      description = "Pictures per step. Default: ${DEFAULT-VALUE}.")
  private int batchSize = 256;

  @Option(
      names = "--threads",
      paramLabel = "N",
      converter = Numbers.Positive.class,
      description = "Of the CPU. Default: one per core.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "auto",
      converter = DeviceConverter.class,
      completionCandidates = DeviceConverter.class,
      description = "auto, cpu, gpu or gpu:N. Default: ${DEFAULT-VALUE}.")
  private Device device = Device.AUTO;

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
    TensorFlowRuntime.prepare();
    DeviceSelection selection = DeviceSelection.select(device);
    ImageDataset pictures = SampleGarments.load().train();
    List<EpochResult> measured;
    try (Trainer trainer = new Trainer(config, selection)) {
      List<EpochResult> all = trainer.fit(pictures, pictures, new TrainingListener() {});
      measured = all.subList(1, all.size());
    }
    Findings findings = new Findings();
    findings.add("lenet", Versions.ofThisBuild().lenet());
    findings.add("TensorFlow", TensorFlow.version());
    findings.add("Java", Versions.java());
    Processor processor = Processor.ofThisMachine();
    findings.add(
        "processor", processor.name() + " (" + String.join(" ", processor.vectorUnits()) + ")");
    findings.add("device", selection.name());
    findings.json().put("threads", threads).put("batch_size", batchSize).put("rounds", rounds);
    findings.addLine("settings", "%d threads, batches of %d".formatted(threads, batchSize));
    LeNetConfig model = config.model();
    add(findings, "training", measured, EpochResult::imagesPerSecond, model.trainingMultiplyAdds());
    add(
        findings,
        "evaluation",
        measured,
        BenchmarkCommand::evaluatedPerSecond,
        model.forwardMultiplyAdds());
    findings.print(console, json);
    return ExitStatus.DONE;
  }

  private TrainingConfig config() {
    try {
      LeNetConfig classic = LeNetConfig.classic();
      LeNetConfig model =
          architecture.config(classic.imageHeight(), classic.imageWidth(), classic.classes());
      return new TrainingConfig(model, 1 + rounds, batchSize, 0.1, 1, threads);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private static double evaluatedPerSecond(EpochResult result) {
    Duration evaluation = result.time().minus(result.trainingTime());
    return result.test().total() / (evaluation.toNanos() / 1e9);
  }

  private static void add(
      Findings findings,
      String name,
      List<EpochResult> rounds,
      ToDoubleFunction<EpochResult> imagesPerSecond,
      long multiplyAdds) {
    double[] rates = rounds.stream().mapToDouble(imagesPerSecond).sorted().toArray();
    double median = rates[rates.length / 2];
    double gigaflops = 2 * multiplyAdds * median / 1e9;
    findings.addLine(
        name,
        String.format(
            Locale.ROOT,
            "%,.0f pictures/sec (%,.0f to %,.0f), %.1f GFLOP/s",
            median,
            rates[0],
            rates[rates.length - 1],
            gigaflops));
    ObjectNode json = findings.json().putObject(name);
    json.put("images_per_second", median).put("gigaflops", gigaflops);
    json.put("slowest", rates[0]).put("fastest", rates[rates.length - 1]);
  }
}
