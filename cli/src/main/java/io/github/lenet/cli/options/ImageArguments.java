package io.github.lenet.cli.options;

import io.github.lenet.data.DatasetSplits;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.ImageFiles;
import io.github.lenet.model.ImagePreprocessor;
import io.github.lenet.model.LeNetModel;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Arguments and options for a model and its input images. */
public final class ImageArguments {

  private static final String STANDARD_INPUT = "-";
  private static final String INDEX = "test:";
  private static final String NOISE = "noise";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  // Nested here, because picocli requires the arguments of a mixin to be counted from 0.
  @Mixin private ModelArgument model;

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "FILE",
      description =
          "Image files (PNG, JPEG and others that Java reads), directories of images, -"
              + " (standard input), test:N (test image N of the data set, counted from 0), or"
              + " noise (random pixels).")
  private List<String> files = new ArrayList<>();

  @Mixin private PreprocessingOptions preprocessing;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      converter = Numbers.Whole.class,
      description = "Seed of the random pixels. Default: ${DEFAULT-VALUE}.")
  private long seed = 1;

  /** Reads an image as the model's input, uint8 {@code [height, width]}. */
  public interface Pixels {
    byte[] read() throws IOException;
  }

  /** Loads the data set for arguments such as {@code test:0}. */
  public interface Data {
    DatasetSplits load() throws IOException;
  }

  /**
   * An input image.
   *
   * @param name the image's argument or path
   * @param label the expected class, if it is known
   * @param pixels reads the image
   */
  public record Image(String name, Optional<String> label, Pixels pixels) {

    /** {@return the name, followed by the label in parentheses if it is known} */
    public String title() {
      return name + label.map(" (%s)"::formatted).orElse("");
    }
  }

  /** {@return the model argument} */
  public ModelArgument model() {
    return model;
  }

  /**
   * Checks the arguments without reading a file.
   *
   * @throws ParameterException if an argument is invalid
   */
  public void check() {
    if (files.stream().filter(STANDARD_INPUT::equals).count() > 1) {
      throw wrong("-: standard input can be read only once");
    }
    for (String file : files) {
      if (file.startsWith(INDEX)) {
        index(file);
      } else if (!file.equals(STANDARD_INPUT)) {
        PathConverter.convert(file, spec);
      }
    }
  }

  private int index(String file) {
    try {
      return Integer.parseUnsignedInt(file.substring(INDEX.length()));
    } catch (NumberFormatException e) {
      throw wrong("%s: expected an index, counted from 0, after %s".formatted(file, INDEX));
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  /** Lists the images. Reads directories, and the data set if an argument needs it. */
  public List<Image> images(LeNetModel trained, Data data) throws IOException {
    Optional<DatasetSplits> loaded = Optional.empty();
    if (files.stream().anyMatch(file -> file.startsWith(INDEX))) {
      loaded = Optional.of(data.load());
      model.requireFits(trained, loaded.get());
    }
    int height = trained.architecture().imageHeight();
    int width = trained.architecture().imageWidth();
    ImagePreprocessor preprocessor = preprocessing.ofFiles(trained.preprocessor());
    Function<BufferedImage, byte[]> converter = image -> preprocessor.convert(image, height, width);
    Random random = new Random(seed);
    List<Image> images = new ArrayList<>();
    for (String file : files) {
      if (file.equals(STANDARD_INPUT)) {
        images.add(
            new Image(
                file,
                Optional.empty(),
                () -> converter.apply(ImageFiles.read(System.in, "standard input"))));
      } else if (file.equals(NOISE)) {
        byte[] noise = new byte[height * width];
        random.nextBytes(noise);
        images.add(new Image(file, Optional.empty(), () -> noise));
      } else if (file.startsWith(INDEX)) {
        images.add(ofDataset(file, loaded.orElseThrow().test()));
      } else {
        images.addAll(inFile(Path.of(file), converter));
      }
    }
    return images;
  }

  private Image ofDataset(String file, ImageDataset test) {
    int index = index(file);
    if (index < 0 || index >= test.size()) {
      String range = "expected 0 to %d".formatted(test.size() - 1);
      return unreadable(file, new IOException(file + ": no such test image: " + range));
    }
    String label = test.classNames().get(test.label(index));
    return new Image(file, Optional.of(label), () -> test.image(index));
  }

  private static Image unreadable(String name, IOException why) {
    return new Image(
        name,
        Optional.empty(),
        () -> {
          throw why;
        });
  }

  /** {@return the file itself, or the images in a directory in the order of their names} */
  private static List<Image> inFile(Path file, Function<BufferedImage, byte[]> converter) {
    if (!Files.isDirectory(file)) {
      return List.of(ofFile(file, converter));
    }
    try (Stream<Path> entries = Files.list(file)) {
      List<Image> images = new ArrayList<>();
      Map<String, Integer> others = new TreeMap<>();
      for (Path path : entries.filter(ImageArguments::isVisibleFile).sorted().toList()) {
        Optional<String> kind = ImageFiles.kind(path);
        if (isReadable(suffix(path)) || kind.filter(ImageArguments::isReadable).isPresent()) {
          images.add(ofFile(path, converter));
        } else {
          kind.ifPresent(known -> others.merge(known, 1, Integer::sum));
        }
      }
      if (!others.isEmpty()) {
        String counts =
            others.entrySet().stream()
                .map(other -> other.getValue() + " " + other.getKey())
                .collect(Collectors.joining(", "));
        String advice = "%s: not read: %s. Convert them to PNG or JPEG.".formatted(file, counts);
        images.add(unreadable(file.toString(), new IOException(advice)));
      }
      if (images.isEmpty()) {
        throw new IOException(file + ": the directory contains no image");
      }
      return images;
    } catch (IOException e) {
      return List.of(unreadable(file.toString(), e));
    }
  }

  private static Image ofFile(Path file, Function<BufferedImage, byte[]> converter) {
    return new Image(
        file.toString(), Optional.empty(), () -> converter.apply(ImageFiles.read(file)));
  }

  /** Skips what systems leave behind, such as {@code ._photo.jpg}. */
  private static boolean isVisibleFile(Path path) {
    return Files.isRegularFile(path) && !path.getFileName().toString().startsWith(".");
  }

  private static String suffix(Path path) {
    String name = path.getFileName().toString();
    return name.substring(name.lastIndexOf('.') + 1);
  }

  private static boolean isReadable(String format) {
    return !format.isEmpty()
        && Stream.of(ImageIO.getReaderFileSuffixes(), ImageIO.getReaderFormatNames())
            .flatMap(Stream::of)
            .anyMatch(format::equalsIgnoreCase);
  }
}
