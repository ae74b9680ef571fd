package io.github.lenet.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lenet.cli.options.EnumConverter;
import io.github.lenet.cli.options.ModelArgument;
import io.github.lenet.cli.options.PathConverter;
import io.github.lenet.cli.output.Console;
import io.github.lenet.cli.output.ExitCode;
import io.github.lenet.cli.output.Json;
import io.github.lenet.cli.output.OutputFile;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.LeNetModel;
import io.github.lenet.training.onnx.OnnxExport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lenet export}: writes a model for other programs. */
@Command(
    name = "export",
    customSynopsis = "lenet export MODEL --output PATH [OPTIONS]",
    description = {
      "Writes a model for other programs: for TensorFlow Serving, or as an ONNX file.",
      "",
      "saved-model publishes the model as PATH/1, PATH/2 and so on. It is written to a"
          + " temporary directory, loaded, called through every signature and compared with the"
          + " original. It is renamed last, so a server that watches PATH never sees a partial"
          + " model.",
      "",
      "onnx writes the file PATH for ONNX Runtime. Class names, architecture and model card are"
          + " its metadata.",
      ""
    },
    synopsisHeading = "Usage: ",
    descriptionHeading = "%n",
    parameterListHeading = "Model:%n",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:failed; nothing was written", "2:wrong usage"},
    footerHeading = "%nExamples:%n",
    footer = {
      "  lenet export runs/try --output models/lenet",
      "  lenet export pretrained --format onnx --output lenet.onnx"
    },
    sortOptions = false)
final class ExportCommand implements Callable<Integer> {

  private final Console console;

  @Spec private CommandSpec spec;

  @Mixin private ModelArgument model;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "saved-model",
      converter = FormatConverter.class,
      completionCandidates = FormatConverter.class,
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private Format format;

  @Option(
      names = "--output",
      paramLabel = "PATH",
      required = true,
      converter = PathConverter.class,
      description = {
        "saved-model: the server's model_base_path. It is created if it does not exist.",
        "onnx: the file to write; its name ends in .onnx."
      })
  private Path output;

  @Option(names = "--force", description = "Replace the ONNX file if it exists.")
  private boolean force;

  @Option(names = "--json", description = "Print one JSON object instead of lines.")
  private boolean json;

  ExportCommand(Console console) {
    this.console = console;
  }

  enum Format {
    SAVED_MODEL,
    ONNX
  }

  static final class FormatConverter extends EnumConverter<Format> {
    FormatConverter() {
      super("format", Format.class);
    }
  }

  @Override
  public Integer call() throws IOException {
    switch (format) {
      case SAVED_MODEL -> publish();
      case ONNX -> writeOnnx();
    }
    return ExitCode.DONE;
  }

  private void publish() throws IOException {
    if (force) {
      throw new ParameterException(
          spec.commandLine(), "--force: replaces ONNX files; a SavedModel becomes a new version");
    }
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
  }

  private void writeOnnx() throws IOException {
    new OutputFile("--output", output).check(spec, ".onnx", force);
    LeNetModel trained = model.load();
    OnnxExport.write(trained, output);
    long bytes = Files.size(output);
    if (json) {
      ObjectNode result = Json.object().put("file", output.toString()).put("bytes", bytes);
      Json.print(console, result.put("model", model.name()));
    } else {
      LeNetConfig config = trained.architecture();
      console.out().println(output);
      console
          .out()
          .printf(
              Locale.ROOT,
              "%,d bytes; images uint8 [n, %d, %d]; probabilities float32 [n, %d], classes int64 [n]%n",
              bytes,
              config.imageHeight(),
              config.imageWidth(),
              config.classes());
    }
  }
}
