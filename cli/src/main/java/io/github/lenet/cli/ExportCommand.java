package io.github.lenet.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lenet.cli.options.ModelArgument;
import io.github.lenet.cli.options.PathConverter;
import io.github.lenet.cli.output.Console;
import io.github.lenet.cli.output.ExitCode;
import io.github.lenet.cli.output.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lenet export}: publishes a model for TensorFlow Serving. */
@Command(
    name = "export",
    customSynopsis = "lenet export MODEL --output DIR [OPTIONS]",
    description = {
      "Publishes a model for TensorFlow Serving, as DIR/1, DIR/2 and so on.",
      "",
      "The model is written to a temporary directory, loaded, called through every"
          + " signature and compared with the original. It is renamed last, so a server that"
          + " watches DIR never sees a partial model.",
      ""
    },
    synopsisHeading = "Usage: ",
    descriptionHeading = "%n",
    parameterListHeading = "Model:%n",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:failed; nothing was published", "2:wrong usage"},
    footerHeading = "%nExamples:%n",
    footer = {
      "  lenet export runs/try --output models/lenet",
      "  lenet export pretrained --output models/lenet"
    },
    sortOptions = false)
final class ExportCommand implements Callable<Integer> {

  private final Console console;

  @Mixin private ModelArgument model;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      required = true,
      converter = PathConverter.class,
      description = "The server's model_base_path. It is created if it does not exist.")
  private Path output;

  @Option(names = "--json", description = "Print one JSON object instead of lines.")
  private boolean json;

  ExportCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    Path version = model.load().publish(output);
    List<Path> files;
    try (Stream<Path> all = Files.walk(version)) {
      files = all.filter(Files::isRegularFile).toList();
    }
    long bytes = 0;
    for (Path file : files) {
      bytes += Files.size(file);
    }
    if (json) {
      ObjectNode result = Json.object().put("directory", version.toString());
      result.put("version", Long.parseLong(version.getFileName().toString()));
      result.put("files", files.size()).put("bytes", bytes);
      Json.print(console, result.put("model", model.name()));
    } else {
      console.out().println(version);
      console
          .out()
          .printf(
              Locale.ROOT,
              "%d files, %,d bytes; every signature's output matches %s%n",
              files.size(),
              bytes,
              model.name());
    }
    return ExitCode.DONE;
  }
}
