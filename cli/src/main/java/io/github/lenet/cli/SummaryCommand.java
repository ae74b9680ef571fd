package io.github.lenet.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lenet.cli.options.ArchitectureOptions;
import io.github.lenet.cli.options.EnumConverter;
import io.github.lenet.cli.options.Numbers;
import io.github.lenet.cli.options.Numbers.ImageSize;
import io.github.lenet.cli.output.Console;
import io.github.lenet.cli.output.ExitCode;
import io.github.lenet.cli.output.Json;
import io.github.lenet.model.DataFormat;
import io.github.lenet.model.Layer;
import io.github.lenet.model.LeNetConfig;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import org.tensorflow.ndarray.Shape;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lenet summary}: prints the layers of the network. Needs no natives. */
@Command(
    name = "summary",
    customSynopsis = "lenet summary [OPTIONS]",
    description = {
      "Prints the layers of the network with their parameters.",
      "",
      "The table has each layer's output shape, where n is the batch, and its number of parameters.",
      ""
    },
    synopsisHeading = "Usage: ",
    descriptionHeading = "%n",
    optionListHeading = "Options:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:failed", "2:wrong usage"},
    footerHeading = "%nExamples:%n",
    footer = {
      "  lenet summary",
      "  lenet summary --format nchw          channels first, as the book prints it",
      "  lenet summary --channels 6,16,32 --image-size 64x64 --dense-units none"
    },
    sortOptions = false)
final class SummaryCommand implements Callable<Integer> {

  private final Console console;

  @Spec private CommandSpec spec;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "nhwc",
      converter = FormatConverter.class,
      completionCandidates = FormatConverter.class,
      description = "Order of the axes: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private DataFormat format;

  @Option(
      names = "--image-size",
      paramLabel = "HxW",
      defaultValue = "28x28",
      converter = ImageSize.Converter.class,
      description = "Height and width of an image in pixels. Default: ${DEFAULT-VALUE}.")
  private ImageSize imageSize;

  @Option(
      names = "--classes",
      paramLabel = "N",
      defaultValue = "10",
      converter = Numbers.Positive.class,
      description = "Number of classes. Default: ${DEFAULT-VALUE}.")
  private int classes;

  @Option(names = "--json", description = "Print one JSON object instead of the table.")
  private boolean json;

  @ArgGroup(exclusive = false, validate = false, heading = ArchitectureOptions.HEADING)
  private ArchitectureOptions architecture = new ArchitectureOptions();

  SummaryCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    LeNetConfig config = checkedConfig();
    if (json) {
      Json.print(console, toJson(config));
    } else {
      console.out().print(config.summary(format));
    }
    return ExitCode.DONE;
  }

  private LeNetConfig checkedConfig() {
    if (classes < 2) {
      throw new ParameterException(
          spec.commandLine(), "--classes: expected at least 2, found " + classes);
    }
    try {
      return architecture.over(
          LeNetConfig.builder().imageSize(imageSize.height(), imageSize.width()).classes(classes));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private ObjectNode toJson(LeNetConfig config) {
    ObjectNode json = Json.object().put("format", format.name().toLowerCase(Locale.ROOT));
    ArrayNode layers = json.putArray("layers");
    for (Layer layer : config.layers()) {
      ObjectNode row = layers.addObject();
      row.put("name", layer.name()).put("kind", layer.kind().name().toLowerCase(Locale.ROOT));
      LongStream.of(inFormat(layer.outputShape())).forEach(row.putArray("output_shape")::add);
      row.put("parameters", layer.parameterCount());
    }
    return json.put("parameters", config.parameterCount());
  }

  /** {@return {@code [height, width, channels]} in the chosen order, without the batch} */
  private long[] inFormat(Shape shape) {
    long[] sizes = shape.asArray();
    return format == DataFormat.NCHW && sizes.length == 3
        ? new long[] {sizes[2], sizes[0], sizes[1]}
        : sizes;
  }

  static final class FormatConverter extends EnumConverter<DataFormat> {
    FormatConverter() {
      super("format", DataFormat.class);
    }
  }
}
