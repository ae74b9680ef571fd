package io.github.lenet.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The four decoded files of a data set. */
record IdxQuartet(
    IdxFile trainImages, IdxFile trainLabels, IdxFile testImages, IdxFile testLabels) {

  /** The size of a label file's header in bytes. */
  private static final int LABELS_HEADER_SIZE = 8;

  /** The files that a message names. */
  private static final int MOST_LISTED = 10;

  static final String TRAIN_IMAGES = "train-images-idx3-ubyte";
  static final String TRAIN_LABELS = "train-labels-idx1-ubyte";
  static final String TEST_IMAGES = "t10k-images-idx3-ubyte";
  static final String TEST_LABELS = "t10k-labels-idx1-ubyte";

  private static final List<String> NAMES =
      List.of(TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS);

  private static final String ONE_DATASET = "Check that the four files belong to one data set.";

  /**
   * Finds a file under its usual names: gzipped or plain, in upper or lower case, with {@code -idx}
   * or, as some unpackers write, {@code .idx}, with {@code test} for {@code t10k}, and with the
   * name of the set before it, as in {@code emnist-letters-} and {@code qmnist-}.
   *
   * @param rawName the plain file's name, for example {@code train-images-idx3-ubyte}
   */
  static Path find(Path directory, String rawName) throws IOException {
    if (!Files.exists(directory)) {
      throw new NoSuchFileException(
          directory + ": no such directory. Name a directory with the four IDX files.");
    }
    if (!Files.isDirectory(directory)) {
      throw new NotDirectoryException(
          directory + ": not a directory. Name a directory with the four IDX files.");
    }
    List<Path> entries;
    try (Stream<Path> listed = Files.list(directory)) {
      entries = listed.sorted().toList();
    }
    for (String name : List.of(rawName + ".gz", rawName)) {
      List<Path> found =
          entries.stream()
              .filter(file -> usualName(file).equals(name) && Files.isRegularFile(file))
              .toList();
      if (found.stream().map(Emnist::of).distinct().count() > 1) {
        throw new NoSuchFileException(
            "%s: has the files of several data sets, such as %s and %s. Put one into a directory of its own."
                .formatted(directory, found.get(0).getFileName(), found.get(1).getFileName()));
      }
      if (!found.isEmpty()) {
        return found.get(0);
      }
    }
    throw new NoSuchFileException(missing(directory, rawName, entries));
  }

  private static String usualName(Path file) {
    return lowerCaseName(file)
        .replaceFirst("^(emnist-[a-z]+|qmnist|kmnist)-", "")
        .replaceFirst("^test-", "t10k-")
        .replaceFirst("[.-]idx", "-idx");
  }

  static String lowerCaseName(Path file) {
    return file.getFileName().toString().toLowerCase(Locale.ROOT);
  }

  /** Says all that is missing, what is there, and what may be meant. */
  private static String missing(Path directory, String rawName, List<Path> entries) {
    List<String> usual =
        entries.stream().filter(Files::isRegularFile).map(IdxQuartet::usualName).toList();
    List<String> wanted =
        NAMES.stream()
            .filter(name -> !usual.contains(name) && !usual.contains(name + ".gz"))
            .toList();
    String likely =
        entries.stream()
            .filter(file -> usualName(file).startsWith(rawName.replaceFirst("-idx.*", "")))
            .findFirst()
            .map(
                file ->
                    Files.isDirectory(file)
                        ? " %s is a directory; the file may be in it.".formatted(file.getFileName())
                        : " %s may be %s; rename it.".formatted(file.getFileName(), rawName))
            .orElse("");
    String found =
        entries.stream()
            .limit(MOST_LISTED)
            .map(file -> file.getFileName().toString())
            .collect(Collectors.joining(", "));
    return "%s: files are missing: expected %s, each gzipped or not, found %s%s.%s"
        .formatted(
            directory,
            String.join(", ", wanted.isEmpty() ? List.of(rawName) : wanted),
            found.isEmpty() ? "nothing" : found,
            entries.size() > MOST_LISTED ? " and more" : "",
            likely);
  }

  /**
   * Checks that there are as many labels as images, and one image size.
   *
   * @return this
   */
  IdxQuartet requireAgreement() throws IdxFormatException {
    requireSameCount(trainImages, trainLabels);
    requireSameCount(testImages, testLabels);
    int[] train = trainImages.dimensions();
    int[] test = testImages.dimensions();
    if (train[1] != test[1] || train[2] != test[2]) {
      throw new IdxFormatException(
          testImages.path(),
          "the image size is not the training images'",
          train[1] + " x " + train[2],
          test[1] + " x " + test[2],
          8,
          ONE_DATASET);
    }
    return this;
  }

  /**
   * Checks that every label names a class.
   *
   * @return this
   */
  IdxQuartet requireLabelsBelow(int classCount) throws IdxFormatException {
    for (IdxFile labels : List.of(trainLabels, testLabels)) {
      for (int i = 0; i < labels.count(); i++) {
        int label = Byte.toUnsignedInt(labels.body()[i]);
        if (label >= classCount) {
          throw new IdxFormatException(
              labels.path(),
              "a label is out of range",
              "0 to " + (classCount - 1),
              String.valueOf(label),
              LABELS_HEADER_SIZE + i,
              ONE_DATASET);
        }
      }
    }
    return this;
  }

  /**
   * Checks that there are at least two classes.
   *
   * @return this
   */
  IdxQuartet requireTwoClasses() throws IdxFormatException {
    byte first = trainLabels.body()[0];
    boolean isOnlyOne =
        Stream.of(trainLabels, testLabels)
            .allMatch(
                labels ->
                    IntStream.range(0, labels.count()).allMatch(i -> labels.body()[i] == first));
    if (isOnlyOne) {
      throw new IdxFormatException(
          trainLabels.path(),
          "there is only one class",
          "labels of at least two, such as 0 and 1",
          "nothing but %s, here and in %s"
              .formatted(Byte.toUnsignedInt(first), testLabels.path().getFileName()),
          LABELS_HEADER_SIZE,
          "Check that these are the labels.");
    }
    return this;
  }

  /** {@return the largest label of both splits} */
  int largestLabel() {
    int largest = 0;
    for (IdxFile labels : List.of(trainLabels, testLabels)) {
      for (byte label : labels.body()) {
        largest = Math.max(largest, Byte.toUnsignedInt(label));
      }
    }
    return largest;
  }

  List<Provenance.File> provenance() {
    return List.of(
        trainImages.provenance(),
        trainLabels.provenance(),
        testImages.provenance(),
        testLabels.provenance());
  }

  /** Creates the splits without copying the bodies. */
  DatasetSplits splits(
      List<String> classNames, Provenance provenance, boolean allowsHorizontalFlip) {
    return new DatasetSplits(
        dataset(trainImages, trainLabels, classNames),
        Optional.empty(),
        dataset(testImages, testLabels, classNames),
        provenance,
        allowsHorizontalFlip);
  }

  private static ImageDataset dataset(IdxFile images, IdxFile labels, List<String> classNames) {
    return ImageDataset.owning(
        images.dimensions()[1], images.dimensions()[2], images.body(), labels.body(), classNames);
  }

  private static void requireSameCount(IdxFile images, IdxFile labels) throws IdxFormatException {
    if (images.count() != labels.count()) {
      throw new IdxFormatException(
          labels.path(),
          "there are not as many labels as images",
          images.count() + ", as in " + images.path().getFileName(),
          String.valueOf(labels.count()),
          4,
          ONE_DATASET);
    }
  }
}
