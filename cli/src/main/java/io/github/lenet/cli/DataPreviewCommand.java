package io.github.lenet.cli;

import io.github.lenet.data.DatasetCache;
import io.github.lenet.data.DatasetLoader;
import io.github.lenet.data.DatasetSplits;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.training.ConsoleReport;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.concurrent.Callable;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lenet data preview}: what the pictures look like. */
@Command(
    name = "preview",
    customSynopsis = "lenet data preview [OPTIONS] --to FILE.png",
    description = {
      "Draws the first pictures of a data set, with their classes, as a PNG file.",
      ""
    },
    synopsisHeading = "Usage: ",
    descriptionHeading = "%n",
    optionListHeading = "Options:%n",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:done", "1:failed", "2:wrong usage; nothing was changed"},
    footerHeading = "%nExamples:%n",
    footer = {
      "  lenet data preview --to garments.png",
      "  lenet data preview --dataset mnist --split test --rows 10 --to digits.png"
    },
    sortOptions = false)
final class DataPreviewCommand implements Callable<Integer> {

  private final Console console;

  @Spec private CommandSpec spec;

  @Option(
      names = "--to",
      paramLabel = "FILE.png",
      required = true,
      converter = PathConverter.class,
      description = "The file to write.")
  private Path target;

  @Option(names = "--force", description = "Replace the file if it is there already.")
  private boolean force;

  @Option(
      names = "--rows",
      paramLabel = "N",
      defaultValue = "4",
      converter = Numbers.Positive.class,
      description = "Rows of pictures. Default: ${DEFAULT-VALUE}.")
  private int rows;

  @Option(
      names = "--columns",
      paramLabel = "N",
      defaultValue = "10",
      converter = Numbers.Positive.class,
      description = "Pictures in a row. Default: ${DEFAULT-VALUE}.")
  private int columns;

  @Option(
      names = "--split",
      paramLabel = "SPLIT",
      defaultValue = "train",
      converter = Words.OfSplit.class,
      completionCandidates = Words.OfSplit.class,
      description = "Which pictures: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private Split split;

  @Option(names = "--json", description = "Print one JSON object instead of a line.")
  private boolean json;

  @ArgGroup(exclusive = false, validate = false, heading = DataOptions.HEADING)
  private DataOptions data = new DataOptions();

  DataPreviewCommand(Console console) {
    this.console = console;
  }

  /** A data set's two parts. */
  enum Split {
    TRAIN,
    TEST
  }

  @Override
  public Integer call() throws IOException {
    check();
    ConsoleReport report = new ConsoleReport(console.err(), console.err(), console.isTerminal());
    DatasetCache cache = new DatasetCache(DatasetCache.defaultDirectory(), data.offline, report);
    DatasetSplits loaded = new DatasetLoader(data.directory, cache).load(data.dataset);
    if (loaded.provenance().isFallback()) {
      console.err().println("*** " + loaded.provenance().note());
    }
    ImageDataset pictures = split == Split.TRAIN ? loaded.train() : loaded.test();
    ContactSheet sheet = new ContactSheet(title(loaded, pictures), pictures, rows, columns);
    BufferedImage drawn = draw(sheet);
    write(drawn);
    if (json) {
      Json.print(
          console,
          Json.object()
              .put("file", target.toString())
              .put("width", drawn.getWidth())
              .put("height", drawn.getHeight())
              .put("pictures", sheet.shown())
              .put("dataset", loaded.provenance().id())
              .put("note", loaded.provenance().note()));
    } else {
      console
          .out()
          .printf(
              "%s: %d x %d pixels, pictures shown: %d%n",
              target, drawn.getWidth(), drawn.getHeight(), sheet.shown());
    }
    return ExitStatus.DONE;
  }

  private void check() {
    if (!target.toString().toLowerCase(Locale.ROOT).endsWith(".png")) {
      throw wrong("--to: expected a name that ends in .png, found '" + target + "'");
    }
    if (Files.isDirectory(target)) {
      throw wrong("--to: " + target + " is a directory");
    }
    if (Files.exists(target) && !force) {
      throw wrong("--to: " + target + " is there already; replace it with --force");
    }
    if (!Files.isDirectory(target.toAbsolutePath().getParent())) {
      throw wrong("--to: there is no directory " + target.toAbsolutePath().getParent());
    }
    requireDrawable("--rows", rows);
    requireDrawable("--columns", columns);
    try {
      DatasetLoader.check(data.dataset, data.directory);
    } catch (IllegalArgumentException e) {
      throw wrong(e.getMessage());
    }
  }

  private void requireDrawable(String option, int count) {
    if (count > ContactSheet.MAX_SIDE) {
      throw wrong(
          "%s: expected at most %d, found %d".formatted(option, ContactSheet.MAX_SIDE, count));
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private String title(DatasetSplits loaded, ImageDataset pictures) {
    return String.format(
        Locale.ROOT,
        "%s: the first %,d of %,d %s pictures",
        loaded.provenance().title(),
        Math.min(rows * columns, pictures.size()),
        pictures.size(),
        split == Split.TRAIN ? "training" : "test");
  }

  private static BufferedImage draw(ContactSheet sheet) throws IOException {
    System.setProperty("java.awt.headless", "true"); // no display is needed, nor a Dock icon
    try {
      return sheet.draw();
    } catch (RuntimeException | InternalError | LinkageError e) {
      // What Java throws without fonts depends on its version and the system.
      throw new IOException(
          "Java can't draw text here (%s): it needs fontconfig and a font, as in the packages"
              + " fontconfig and fonts-dejavu-core".formatted(e),
          e);
    }
  }

  private void write(BufferedImage drawn) throws IOException {
    // In memory first: ImageIO prints a stack trace of its own when it can't write to a file.
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    try (ImageOutputStream encoded = new MemoryCacheImageOutputStream(png)) {
      if (!ImageIO.write(drawn, "png", encoded)) {
        throw new IllegalStateException("every Java platform writes PNG");
      }
    }
    try {
      write(png.toByteArray());
    } catch (IOException e) {
      throw new IOException(target + ": cannot be written: " + Failures.reason(e), e);
    }
  }

  /** Beside its place first, so that nobody ever sees half a file. */
  private void write(byte[] png) throws IOException {
    Path directory = target.toAbsolutePath().getParent();
    Path temporary = Files.createTempFile(directory, ".lenet-", ".png", permissions(directory));
    try {
      Files.write(temporary, png);
      try {
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
      }
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Those of any new file, less the umask; a temporary file is its owner's alone otherwise. */
  private static FileAttribute<?>[] permissions(Path directory) {
    return directory.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-rw-rw-"))
        }
        : new FileAttribute<?>[0];
  }
}
