package io.github.lenet.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lenet.cli.options.PathConverter;
import io.github.lenet.cli.output.Console;
import io.github.lenet.cli.output.ExitCode;
import io.github.lenet.cli.output.Failures;
import io.github.lenet.cli.output.Json;
import io.github.lenet.cli.output.OutputFile;
import io.github.lenet.training.internal.comparison.RecordedRun;
import io.github.lenet.training.internal.comparison.RunComparison;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lenet compare}: compares several runs. Needs no natives. */
@Command(
    name = "compare",
    customSynopsis = "lenet compare [OPTIONS] RUN...",
    description = {
      "Compares the metrics and options of several runs, and draws their curves.",
      "",
      "Loss and accuracies are those of the best epoch on the validation images, or of"
          + " the last finished epoch in a run without validation. Unfinished runs are"
          + " compared, too. A run that cannot be read is reported, and the others are"
          + " compared.",
      ""
    },
    synopsisHeading = "Usage: ",
    descriptionHeading = "%n",
    parameterListHeading = "Runs:%n",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:failed, or not all runs could be read", "2:wrong usage"},
    footerHeading = "%nExamples:%n",
    footer = {
      "  lenet compare runs/sigmoid runs/relu --output compare.svg",
      "  lenet compare runs/* --json"
    },
    sortOptions = false)
final class CompareCommand implements Callable<Integer> {

  private final Console console;

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "RUN",
      converter = PathConverter.class,
      description = "Run directories, as lenet train writes them.")
  private List<Path> directories = new ArrayList<>();

  @Option(
      names = "--output",
      paramLabel = "FILE.svg",
      converter = PathConverter.class,
      description = "Draw the table and the curves of all runs as an SVG file.")
  private Optional<Path> target = Optional.empty();

  @Option(names = "--force", description = "Replace the file if it exists.")
  private boolean force;

  @Option(names = "--json", description = "Print one JSON object instead of the table.")
  private boolean json;

  CompareCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    Optional<OutputFile> svg = target.map(path -> new OutputFile("--output", path));
    svg.ifPresent(file -> file.check(spec, ".svg", force));
    List<RecordedRun> runs = new ArrayList<>();
    for (Path directory : directories) {
      try {
        runs.add(RecordedRun.read(directory));
      } catch (IOException e) {
        console.err().println("error: " + Failures.describe(e));
      }
    }
    if (runs.isEmpty()) {
      return ExitCode.FAILED;
    }
    RunComparison comparison = compare(runs);
    if (!comparison.isOnSameData()) {
      console
          .err()
          .println("*** the runs were trained on different data; their metrics cannot be compared");
    }
    if (svg.isPresent()) {
      svg.get().write(comparison.curves());
    }
    if (json) {
      Json.print(console, toJson(comparison));
    } else {
      console.out().print(comparison.table());
    }
    return runs.size() == directories.size() ? ExitCode.DONE : ExitCode.FAILED;
  }

  private RunComparison compare(List<RecordedRun> runs) {
    try {
      return new RunComparison(runs);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private static ObjectNode toJson(RunComparison comparison) {
    ObjectNode json = Json.object().put("same_data", comparison.isOnSameData());
    ArrayNode rows = json.putArray("runs");
    for (int i = 0; i < comparison.runs().size(); i++) {
      RecordedRun run = comparison.runs().get(i);
      ObjectNode row = rows.addObject().put("run", run.directory().toString());
      row.put("name", comparison.names().get(i)).put("dataset", run.dataset());
      row.put("epochs", run.epochs().size()).put("planned_epochs", run.plannedEpochs());
      run.selectedEpoch()
          .ifPresent(
              chosen -> {
                row.put("epoch", chosen.number());
                put(row, "train_loss", chosen.trainLoss());
                put(row, "train_accuracy", chosen.trainAccuracy());
                if (run.isValidated()) {
                  put(row, "validation_loss", chosen.validationLoss());
                  put(row, "validation_accuracy", chosen.validationAccuracy());
                }
                run.testLoss().ifPresent(loss -> put(row, "test_loss", loss));
                run.testAccuracy().ifPresent(accuracy -> put(row, "test_accuracy", accuracy));
                put(row, "images_per_second", run.imagesPerSecond());
                put(row, "seconds", run.seconds());
              });
      ObjectNode options = row.putObject("differing_options");
      comparison.differences(run).forEach(options::put);
    }
    return json;
  }

  /** Writes NaN and infinity as null, because JSON has neither. */
  private static void put(ObjectNode json, String name, double value) {
    if (Double.isFinite(value)) {
      json.put(name, value);
    } else {
      json.putNull(name);
    }
  }
}
