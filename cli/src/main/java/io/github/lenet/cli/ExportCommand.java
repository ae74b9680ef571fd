package io.github.lenet.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lenet.training.SavedModelVersions;
import io.github.lenet.training.SavedModelVersions.Publication;
import io.github.lenet.training.TensorFlowRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lenet export}: a model where TensorFlow Serving looks for it. */
@Command(
    name = "export",
    customSynopsis = "lenet export RUN --output DIR [OPTIONS]",
    description = {
      "Publishes a run's model for TensorFlow Serving, as DIR/1, DIR/2 and so on.",
      "",
      "The model is copied beside its place, compared byte by byte, loaded, asked by every signature,"
          + " compared with the run's last checkpoint, and renamed as the last step: a server that"
          + " watches DIR never sees half of it.",
      ""
    },
    synopsisHeading = "Usage: ",
    descriptionHeading = "%n",
    parameterListHeading = "Model:%n",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:failed; nothing was published", "2:wrong usage"},
    footerHeading = "%nExamples:%n",
    footer = {"  lenet export runs/try --output models/lenet"},
    sortOptions = false)
final class ExportCommand implements Callable<Integer> {

  private final Console console;

  @Parameters(
      paramLabel = "RUN",
      converter = PathConverter.class,
      description = "A run directory, or a SavedModel of this program's.")
  private Path model;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      required = true,
      converter = PathConverter.class,
      description = "The server's model_base_path; is created if it is not there.")
  private Path directory;

  @Option(names = "--json", description = "Print one JSON object instead of lines.")
  private boolean json;

  ExportCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    TensorFlowRuntime.prepare();
    Publication made = SavedModelVersions.publish(model, directory);
    if (json) {
      ObjectNode result = Json.object().put("directory", made.directory().toString());
      result.put("version", made.version());
      result.put("files", made.files()).put("bytes", made.sizeInBytes());
      made.signatures().forEach(result.putArray("signatures")::add);
      Json.print(console, result.put("compared_with", made.parameters().toString()));
    } else {
      console.out().println(made.directory());
      console
          .out()
          .printf(
              Locale.ROOT,
              "%d files, %,d bytes, equal to the original; %s give the outputs of %s%n",
              made.files(),
              made.sizeInBytes(),
              String.join(", ", made.signatures()),
              made.parameters());
    }
    return ExitCode.DONE;
  }
}
