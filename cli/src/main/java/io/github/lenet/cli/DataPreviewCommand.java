package io.github.lenet.cli;

import io.github.lenet.cli.options.DataOptions;
import io.github.lenet.cli.options.EnumConverter;
import io.github.lenet.cli.options.Numbers;
import io.github.lenet.cli.options.PathConverter;
import io.github.lenet.cli.options.PreprocessingOptions;
import io.github.lenet.cli.output.Console;
import io.github.lenet.cli.output.ContactSheet;
import io.github.lenet.cli.output.ExitCode;
import io.github.lenet.cli.output.Json;
import io.github.lenet.cli.output.OutputFile;
import io.github.lenet.data.DatasetSplits;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.ImagePreprocessor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lenet data preview}: draws the first images of a data set. */
@Command(
    name = "preview",
    customSynopsis = "lenet data preview [OPTIONS] [DATASET] --output FILE.png",
    description = {"Draws the first images of a data set, with their classes, as a PNG file.", ""},
    synopsisHeading = "Usage: ",
    descriptionHeading = "%n",
    parameterListHeading = "Data set:%n",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:failed", "2:wrong usage; nothing was changed"},
    footerHeading = "%nExamples:%n",
    footer = {
      "  lenet data preview --output garments.png",
      "  lenet data preview photos/ --image-size 64 --crop --output photos.png",
      "  lenet data preview --dataset mnist --split test --rows 10 --output digits.png"
    },
    sortOptions = false)
final class DataPreviewCommand implements Callable<Integer> {

  private final Console console;

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "DATASET",
      completionCandidates = DataOptions.Names.class,
      description = "The data set, as --dataset names it.")
  private Optional<String> dataset = Optional.empty();

  @Option(
      names = "--output",
      paramLabel = "FILE.png",
      required = true,
      converter = PathConverter.class,
      description = "The file to write.")
  private Path target;

  @Option(names = "--force", description = "Replace the file if it exists.")
  private boolean force;

  @Option(
      names = "--rows",
      paramLabel = "N",
      defaultValue = "4",
      converter = Numbers.Positive.class,
      description = "Rows of images. Default: ${DEFAULT-VALUE}.")
  private int rows;

  @Option(
      names = "--columns",
      paramLabel = "N",
      defaultValue = "10",
      converter = Numbers.Positive.class,
      description = "Images in a row. Default: ${DEFAULT-VALUE}.")
  private int columns;

  @Option(
      names = "--split",
      paramLabel = "SPLIT",
      defaultValue = "train",
      converter = SplitConverter.class,
      completionCandidates = SplitConverter.class,
      description = "Split to draw: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private Split split;

  @Option(names = "--json", description = "Print one JSON object instead of a line.")
  private boolean json;

  @Mixin private PreprocessingOptions preprocessing;

  @ArgGroup(exclusive = false, validate = false, heading = DataOptions.HEADING)
  private DataOptions data = new DataOptions();

  DataPreviewCommand(Console console) {
    this.console = console;
  }

  /** The two splits of a data set. */
  enum Split {
    TRAIN,
    TEST
  }

  static final class SplitConverter extends EnumConverter<Split> {
    SplitConverter() {
      super("split", Split.class);
    }
  }

  @Override
  public Integer call() throws IOException {
    dataset.ifPresent(data::dataset);
    check();
    DatasetSplits loaded = data.load(console, preprocessing.ofFiles(ImagePreprocessor.DEFAULT));
    ImageDataset images = split == Split.TRAIN ? loaded.train() : loaded.test();
    ContactSheet sheet = new ContactSheet(title(loaded, images), images, rows, columns);
    BufferedImage drawn = file().write(sheet::draw);
    if (json) {
      Json.print(
          console,
          Json.object()
              .put("file", target.toString())
              .put("width", drawn.getWidth())
              .put("height", drawn.getHeight())
              .put("images", sheet.shown())
              .put("dataset", loaded.provenance().id())
              .put("note", loaded.provenance().note()));
    } else {
      console
          .out()
          .printf(
              "%s: %d x %d pixels, images shown: %d%n",
              target, drawn.getWidth(), drawn.getHeight(), sheet.shown());
    }
    return ExitCode.DONE;
  }

  private void check() {
    file().check(spec, ".png", force);
    requireDrawable("--rows", rows);
    requireDrawable("--columns", columns);
    data.check(spec);
  }

  private OutputFile file() {
    return new OutputFile("--output", target);
  }

  private void requireDrawable(String option, int count) {
    if (count > ContactSheet.MAX_SIDE) {
      throw new ParameterException(
          spec.commandLine(),
          "%s: expected at most %d, found %d".formatted(option, ContactSheet.MAX_SIDE, count));
    }
  }

  private String title(DatasetSplits loaded, ImageDataset images) {
    return String.format(
        Locale.ROOT,
        "%s: the first %,d of %,d %s images",
        loaded.provenance().title(),
        Math.min(rows * columns, images.size()),
        images.size(),
        split == Split.TRAIN ? "training" : "test");
  }
}
