package io.github.lenet.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lenet.data.DatasetSplits;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.LeNetClassifier;
import io.github.lenet.training.Assessment;
import io.github.lenet.training.Assessment.Mistake;
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

/** {@code lenet evaluate}: how well a finished model does, class by class. */
@Command(
    name = "evaluate",
    customSynopsis = "lenet evaluate [OPTIONS] MODEL",
    description = {
      "Measures a model on the test images of a data set.",
      "",
      "Prints loss and accuracy, precision, recall and F1 of each class, and which classes it takes"
          + " for which: a row for what the images show, a column for what the model says.",
      ""
    },
    synopsisHeading = "Usage: ",
    descriptionHeading = "%n",
    parameterListHeading = "Model:%n",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:done", "1:failed", "2:wrong usage; nothing was changed"},
    footerHeading = "%nExamples:%n",
    footer = {
      "  lenet evaluate pretrained",
      "  lenet evaluate runs/try --dataset sample --confusion-matrix confusion.svg --misclassified wrong.png"
    },
    sortOptions = false)
final class EvaluateCommand implements Callable<Integer> {

  private static final int MOST_MISTAKES = 40;
  private static final int MISTAKES_IN_A_ROW = 8;

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
          "Draw the images that the model is wrong about and most sure of, at most "
              + MOST_MISTAKES
              + ", as a PNG file.")
  private Optional<Path> misclassified = Optional.empty();

  @Option(names = "--force", description = "Replace files that are there already.")
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
    try (LeNetClassifier classifier = model.load()) {
      DatasetSplits loaded = data.load(console);
      model.requireFits(classifier, loaded);
      warnOfOtherNames(classifier, loaded.test());
      Assessment assessment = assess(classifier, loaded.test());
      if (svg.isPresent()) {
        svg.get()
            .write(ConfusionSvg.draw("Confusion matrix", title(loaded), assessment.confusion()));
      }
      if (png.isPresent()) {
        drawMistakes(png.get(), loaded, assessment);
      }
      print(loaded, assessment);
    }
    return ExitStatus.DONE;
  }

  /** The numbers of the classes may agree all the same, as with a directory of the same files. */
  private void warnOfOtherNames(LeNetClassifier classifier, ImageDataset images) {
    if (!classifier.classNames().equals(images.classNames())) {
      console
          .err()
          .printf(
              "*** the model's classes are %s, the data set's %s: they are compared by number%n",
              String.join(", ", classifier.classNames()), String.join(", ", images.classNames()));
    }
  }

  private static Assessment assess(LeNetClassifier classifier, ImageDataset images) {
    List<byte[]> pixels = IntStream.range(0, images.size()).mapToObj(images::image).toList();
    return Assessment.of(classifier.probabilities(pixels), images);
  }

  private String title(DatasetSplits loaded) {
    return String.format(
        Locale.ROOT,
        "%s on %,d test images of %s",
        model.name(),
        loaded.test().size(),
        loaded.provenance().title());
  }

  private void drawMistakes(OutputFile file, DatasetSplits loaded, Assessment assessment)
      throws IOException {
    List<Mistake> all = assessment.mistakes();
    if (all.isEmpty()) {
      console
          .err()
          .println("the model made no mistake: there is nothing to draw for --misclassified");
      return;
    }
    List<Mistake> shown = all.subList(0, Math.min(MOST_MISTAKES, all.size()));
    ImageDataset test = loaded.test();
    int imageSize = test.height() * test.width();
    byte[] pixels = new byte[shown.size() * imageSize];
    byte[] labels = new byte[shown.size()];
    List<List<String>> captions = new ArrayList<>();
    for (int i = 0; i < shown.size(); i++) {
      Mistake mistake = shown.get(i);
      System.arraycopy(test.image(mistake.image()), 0, pixels, i * imageSize, imageSize);
      labels[i] = (byte) mistake.label();
      captions.add(
          List.of(
              test.classNames().get(mistake.label()),
              "not " + test.classNames().get(mistake.answer()),
              String.format(Locale.ROOT, "%.3f", mistake.probability())));
    }
    ImageDataset images =
        ImageDataset.of(test.height(), test.width(), pixels, labels, test.classNames());
    String title =
        String.format(Locale.ROOT, "The surest of %,d mistakes: %s", all.size(), title(loaded));
    int rows = (shown.size() + MISTAKES_IN_A_ROW - 1) / MISTAKES_IN_A_ROW;
    file.write(new ContactSheet(title, images, captions, rows, MISTAKES_IN_A_ROW)::draw);
  }

  private void print(DatasetSplits loaded, Assessment assessment) {
    AssessmentTables tables = new AssessmentTables(assessment);
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
