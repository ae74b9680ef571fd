package io.github.lenet.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lenet.cli.options.DataOptions;
import io.github.lenet.cli.options.ImageArguments;
import io.github.lenet.cli.options.ImageArguments.Image;
import io.github.lenet.cli.options.PathConverter;
import io.github.lenet.cli.output.ActivationsFigure;
import io.github.lenet.cli.output.ActivationsFigure.Shown;
import io.github.lenet.cli.output.CommandFailedException;
import io.github.lenet.cli.output.Console;
import io.github.lenet.cli.output.ExitCode;
import io.github.lenet.cli.output.Failures;
import io.github.lenet.cli.output.Json;
import io.github.lenet.cli.output.OutputFile;
import io.github.lenet.model.LeNetClassifier;
import io.github.lenet.model.LeNetModel;
import io.github.lenet.model.Prediction;
import io.github.lenet.training.evaluation.Activations;
import io.github.lenet.training.evaluation.FeatureMaps;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lenet activations}: draws the activations of the convolution and pooling layers. */
@Command(
    name = "activations",
    customSynopsis = "lenet activations [OPTIONS] MODEL FILE... --output FIGURE.png",
    description = {
      "Draws the activations of the convolution and pooling layers for images, channel by channel.",
      "",
      "Each image has its prediction. A layer has the same color scale in all images."
          + " The kernels of conv1 are at the top, where white is zero. An image that cannot"
          + " be read is reported, and the others are drawn.",
      ""
    },
    synopsisHeading = "Usage: ",
    descriptionHeading = "%n",
    parameterListHeading = "Model and images:%n",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:failed, or not all images could be read", "2:wrong usage"},
    footerHeading = "%nExamples:%n",
    footer = {
      "  lenet activations pretrained sweater.jpg coat.jpg noise --output seen.png",
      "  lenet activations runs/try test:0 test:1 --dataset sample --output seen.png --json"
    },
    sortOptions = false)
final class ActivationsCommand implements Callable<Integer> {

  private final Console console;

  @Spec private CommandSpec spec;

  @Mixin private ImageArguments arguments;

  @Option(
      names = "--output",
      paramLabel = "FIGURE.png",
      required = true,
      converter = PathConverter.class,
      description = "The file to write.")
  private Path target;

  @Option(names = "--force", description = "Replace the file if it exists.")
  private boolean force;

  @Option(
      names = "--json",
      description = "Print one JSON object with each channel's mean and maximum.")
  private boolean json;

  @ArgGroup(exclusive = false, validate = false, heading = DataOptions.HEADING)
  private DataOptions data = new DataOptions();

  ActivationsCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    OutputFile file = new OutputFile("--output", target);
    file.check(spec, ".png", force);
    data.check(spec);
    arguments.check();
    LeNetModel model = arguments.model().load();
    List<Image> asked =
        arguments.images(model, () -> data.load(console, model, arguments.model().path()));
    if (asked.size() > ActivationsFigure.MAX_IMAGES) {
      throw new CommandFailedException(
          "too many images for a figure: expected at most %d, found %d. Name fewer."
              .formatted(ActivationsFigure.MAX_IMAGES, asked.size()));
    }
    List<Image> images = new ArrayList<>();
    List<byte[]> pixels = new ArrayList<>();
    for (Image image : asked) {
      try {
        pixels.add(image.pixels().read());
        images.add(image);
      } catch (IOException e) {
        console.err().println("error: " + Failures.describe(e));
      }
    }
    if (!images.isEmpty()) {
      draw(file, model, images, pixels);
    }
    return images.size() == asked.size() ? ExitCode.DONE : ExitCode.FAILED;
  }

  private void draw(OutputFile file, LeNetModel model, List<Image> images, List<byte[]> pixels)
      throws IOException {
    Activations activations = Activations.of(model, pixels);
    List<Prediction> best;
    try (LeNetClassifier classifier = model.classifier()) {
      best =
          classifier.predictBatch(pixels, 1).stream()
              .map(predictions -> predictions.get(0))
              .toList();
    }
    List<Shown> shown = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      String prediction =
          String.format(
              Locale.ROOT, "%s (%.3f)", best.get(i).className(), best.get(i).probability());
      shown.add(new Shown(images.get(i).title(), prediction, pixels.get(i)));
    }
    String title = "Activations of %s".formatted(arguments.model().name());
    BufferedImage drawn = file.write(new ActivationsFigure(title, activations, shown)::draw);
    if (json) {
      ObjectNode result = Json.object().put("file", target.toString());
      result.put("width", drawn.getWidth()).put("height", drawn.getHeight());
      ArrayNode rows = result.put("model", arguments.model().name()).putArray("images");
      for (int i = 0; i < images.size(); i++) {
        ObjectNode row = rows.addObject().put("file", images.get(i).name());
        images.get(i).label().ifPresent(label -> row.put("expected", label));
        row.put("class", best.get(i).classIndex()).put("name", best.get(i).className());
        row.put("probability", best.get(i).probability());
        ArrayNode layers = row.putArray("layers");
        activations.images().get(i).forEach(maps -> add(layers.addObject(), maps));
      }
      Json.print(console, result);
    } else {
      console
          .out()
          .printf(
              "%s: %d x %d pixels, images shown: %d%n",
              target, drawn.getWidth(), drawn.getHeight(), images.size());
    }
  }

  private static void add(ObjectNode json, FeatureMaps maps) {
    json.put("name", maps.layer()).put("height", maps.height()).put("width", maps.width());
    ArrayNode channels = json.putArray("channels");
    for (int channel = 0; channel < maps.channels(); channel++) {
      channels.addObject().put("mean", maps.mean(channel)).put("max", maps.max(channel));
    }
  }
}
