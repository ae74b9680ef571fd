package io.github.lenet.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lenet.cli.options.DataOptions;
import io.github.lenet.cli.options.ImageArguments;
import io.github.lenet.cli.options.ImageArguments.Image;
import io.github.lenet.cli.options.Numbers;
import io.github.lenet.cli.output.Console;
import io.github.lenet.cli.output.ExitCode;
import io.github.lenet.cli.output.Failures;
import io.github.lenet.cli.output.Json;
import io.github.lenet.model.LeNetClassifier;
import io.github.lenet.model.LeNetModel;
import io.github.lenet.model.Prediction;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lenet predict}: predicts the classes of images. */
@Command(
    name = "predict",
    customSynopsis = "lenet predict [OPTIONS] MODEL FILE...",
    description = {
      "Classifies images and prints the most probable classes first.",
      "",
      "An image of any size and color is converted to the form of the training images:"
          + " gray, light on dark, fitted into the frame. An image that cannot be read is"
          + " reported, and the others are classified.",
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
      "  lenet predict pretrained shoe.jpg",
      "  lenet predict runs/try images/ --top 1 --polarity dark-on-light",
      "  lenet predict pretrained test:0 test:1 --dataset fashion-mnist --json"
    },
    sortOptions = false)
final class PredictCommand implements Callable<Integer> {

  private static final int WIDEST_NAME = 60;

  private final Console console;

  @Spec private CommandSpec spec;

  @Mixin private ImageArguments arguments;

  @Option(
      names = "--top",
      paramLabel = "N",
      defaultValue = "3",
      converter = Numbers.Positive.class,
      description = "Number of classes to print. Default: ${DEFAULT-VALUE}.")
  private int top = 3;

  @Option(names = "--json", description = "Print one JSON object per image, each on its own line.")
  private boolean json;

  @ArgGroup(exclusive = false, validate = false, heading = DataOptions.HEADING)
  private DataOptions data = new DataOptions();

  PredictCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    data.check(spec);
    arguments.check();
    LeNetModel model = arguments.model().load();
    List<Image> images =
        arguments.images(model, () -> data.load(console, model, arguments.model().path()));
    try (LeNetClassifier classifier = model.classifier()) {
      int unreadable = 0;
      int width = images.stream().mapToInt(image -> image.title().length()).max().orElse(0);
      Table table = new Table(Math.min(Math.max(width, "image".length()), WIDEST_NAME));
      for (Image image : images) {
        try {
          List<Prediction> predictions = classifier.predict(image.pixels().read(), top);
          if (json) {
            Json.printLine(console, toJson(image, predictions));
          } else {
            table.print(image, predictions);
          }
        } catch (IOException e) {
          console.err().println("error: " + Failures.describe(e));
          unreadable++;
        }
      }
      return unreadable == 0 ? ExitCode.DONE : ExitCode.FAILED;
    }
  }

  private static ObjectNode toJson(Image image, List<Prediction> predictions) {
    ObjectNode line = Json.object().put("file", image.name());
    image.label().ifPresent(label -> line.put("expected", label));
    ArrayNode classes = line.putArray("predictions");
    for (Prediction prediction : predictions) {
      ObjectNode entry = classes.addObject().put("class", prediction.classIndex());
      entry.put("name", prediction.className()).put("probability", prediction.probability());
    }
    return line;
  }

  /** A table with a line per class, printed image by image. An image's first line has its name. */
  private final class Table {

    private final String row;
    private boolean begun;

    Table(int nameWidth) {
      row = "%-" + nameWidth + "s  %11s  %s%n";
    }

    void print(Image image, List<Prediction> predictions) {
      if (!begun) {
        console.out().printf(row, "image", "probability", "class");
        begun = true;
      }
      String name = image.title();
      for (Prediction prediction : predictions) {
        String probability = String.format(Locale.ROOT, "%.4f", prediction.probability());
        console.out().printf(row, name, probability, prediction.className());
        name = "";
      }
    }
  }
}
