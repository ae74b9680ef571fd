package io.github.lenet.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lenet.cli.options.DataOptions;
import io.github.lenet.cli.options.ModelArgument;
import io.github.lenet.cli.options.PathConverter;
import io.github.lenet.cli.output.ClassificationTables;
import io.github.lenet.cli.output.Console;
import io.github.lenet.cli.output.ContactSheet;
import io.github.lenet.cli.output.ExitCode;
import io.github.lenet.cli.output.Json;
import io.github.lenet.cli.output.OutputFile;
import io.github.lenet.data.DatasetSplits;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.LeNetClassifier;
import io.github.lenet.model.LeNetModel;
import io.github.lenet.training.evaluation.ClassificationReport;
import io.github.lenet.training.evaluation.ClassificationReport.Misclassified;
import io.github.lenet.training.internal.figure.ConfusionMatrixFigure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lenet evaluate}: evaluates a model on the test images of a data set. */
@Command(
    name = "evaluate",
    customSynopsis = "lenet evaluate [OPTIONS] MODEL",
    description = {
      "Evaluates a model on the test images of a data set.",
      "",
      "Prints loss and accuracy, precision, recall and F1 of each class, and the"
          + " confusion matrix: a row for each expected class, a column for each predicted"
          + " class.",
      ""
    },
    synopsisHeading = "Usage: ",
    descriptionHeading = "%n",
    parameterListHeading = "Model:%n",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:failed", "2:wrong usage; nothing was changed"},
    footerHeading = "%nExamples:%n",
    footer = {
      "  lenet evaluate pretrained",
      "  lenet evaluate runs/try --dataset sample --confusion-matrix confusion.svg"
          + " --misclassified misclassified.png"
    },
    sortOptions = false)
final class EvaluateCommand implements Callable<Integer> {

  private static final int MAX_MISCLASSIFIED = 40;
  private static final int MISCLASSIFIED_PER_ROW = 8;

  private final Console console;

  @Spec private CommandSpec spec;

  @Mixin private ModelArgument model;

  @Option(
      names = "--confusion-matrix",
      paramLabel = "FILE.svg",
      converter = PathConverter.class,
      description = "Draw the confusion matrix as an SVG file.")
  private Optional<Path> confusionMatrix = Optional.empty();

  @Option(
      names = "--misclassified",
      paramLabel = "FILE.png",
      converter = PathConverter.class,
      description =
          "Draw the misclassified images with the highest predicted probability, at most "
              + MAX_MISCLASSIFIED
              + ", as a PNG file.")
  private Optional<Path> misclassified = Optional.empty();

  @Option(names = "--force", description = "Replace existing files.")
  private boolean force;

  @Option(names = "--json", description = "Print one JSON object instead of the tables.")
  private boolean json;

  @ArgGroup(exclusive = false, validate = false, heading = DataOptions.HEADING)
  private DataOptions data = new DataOptions();

  EvaluateCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    Optional<OutputFile> svg =
        confusionMatrix.map(path -> new OutputFile("--confusion-matrix", path));
    Optional<OutputFile> png = misclassified.map(path -> new OutputFile("--misclassified", path));
    svg.ifPresent(file -> file.check(spec, ".svg", force));
    png.ifPresent(file -> file.check(spec, ".png", force));
    data.check(spec);
    LeNetModel trained = model.load();
    DatasetSplits loaded = data.load(console, trained, model.path());
    model.requireFits(trained, loaded);
    warnOfOtherNames(trained, loaded.test());
    ClassificationReport report = report(trained, loaded.test());
    if (svg.isPresent()) {
      svg.get()
          .write(
              ConfusionMatrixFigure.svg(
                  "Confusion matrix", title(loaded), report.confusionMatrix()));
    }
    if (png.isPresent()) {
      drawMisclassified(png.get(), loaded, report);
    }
    print(loaded, report);
    return ExitCode.DONE;
  }

  /** Only warns: class numbers may still agree, as with a directory of the same files. */
  private void warnOfOtherNames(LeNetModel trained, ImageDataset images) {
    if (!trained.classNames().equals(images.classNames())) {
      console
          .err()
          .printf(
              "*** the model's classes are %s, the data set's classes are %s; they are compared"
                  + " by number%n",
              String.join(", ", trained.classNames()), String.join(", ", images.classNames()));
    }
  }

  private static ClassificationReport report(LeNetModel trained, ImageDataset images) {
    List<byte[]> pixels = IntStream.range(0, images.size()).mapToObj(images::image).toList();
    try (LeNetClassifier classifier = trained.classifier()) {
      return ClassificationReport.of(classifier.probabilities(pixels), images);
    }
  }

  private String title(DatasetSplits loaded) {
    return String.format(
        Locale.ROOT,
        "%s on %,d test images of %s",
        model.name(),
        loaded.test().size(),
        loaded.provenance().title());
  }

  private void drawMisclassified(OutputFile file, DatasetSplits loaded, ClassificationReport report)
      throws IOException {
    List<Misclassified> all = report.misclassified();
    if (all.isEmpty()) {
      console.err().println("no image is misclassified; --misclassified writes no file");
      return;
    }
    List<Misclassified> shown = all.subList(0, Math.min(MAX_MISCLASSIFIED, all.size()));
    ImageDataset test = loaded.test();
    int imageSize = test.height() * test.width();
    byte[] pixels = new byte[shown.size() * imageSize];
    byte[] labels = new byte[shown.size()];
    List<List<String>> captions = new ArrayList<>();
    for (int i = 0; i < shown.size(); i++) {
      Misclassified image = shown.get(i);
      System.arraycopy(test.image(image.index()), 0, pixels, i * imageSize, imageSize);
      labels[i] = (byte) image.expected();
      captions.add(
          List.of(
              test.classNames().get(image.expected()),
              "predicted " + test.classNames().get(image.predicted()),
              String.format(Locale.ROOT, "%.3f", image.probability())));
    }
    ImageDataset images =
        ImageDataset.of(test.height(), test.width(), pixels, labels, test.classNames());
    String title =
        String.format(
            Locale.ROOT,
            "%,d of %,d misclassified images: %s",
            shown.size(),
            all.size(),
            title(loaded));
    int rows = (shown.size() + MISCLASSIFIED_PER_ROW - 1) / MISCLASSIFIED_PER_ROW;
    file.write(new ContactSheet(title, images, captions, rows, MISCLASSIFIED_PER_ROW)::draw);
  }

  private void print(DatasetSplits loaded, ClassificationReport report) {
    ClassificationTables tables = new ClassificationTables(report);
    if (json) {
      ObjectNode result = Json.object().put("model", model.name());
      result.put("dataset", loaded.provenance().id()).put("note", loaded.provenance().note());
      Json.print(console, tables.addTo(result));
    } else {
      console.out().println(title(loaded));
      console.out().print(tables.text());
    }
  }
}
