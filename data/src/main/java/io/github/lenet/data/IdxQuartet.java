package io.github.lenet.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The four decoded files of a data set. */
record IdxQuartet(
    IdxFile trainImages, IdxFile trainLabels, IdxFile testImages, IdxFile testLabels) {

  /** The size of a label file's header in bytes. */
  private static final int LABELS_HEADER_SIZE = 8;

  private static final String ONE_DATASET = "Check that the four files belong to one data set.";

  /**
   * Finds a file under its usual names: gzipped or plain, with {@code -idx} or, as some unpackers
   * write, {@code .idx}.
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
    String dotted = rawName.replace("-idx", ".idx");
    for (String name : List.of(rawName + ".gz", rawName, dotted + ".gz", dotted)) {
      Path file = directory.resolve(name);
      if (Files.isRegularFile(file)) {
        return file;
      }
    }
    throw new NoSuchFileException(
        "%s: a file is missing: expected %s or %s.gz, found neither. Put it there."
            .formatted(directory, rawName, rawName));
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
    if (largestLabel() == 0) {
      throw new IdxFormatException(
          trainLabels.path(),
          "there is only one class",
          "labels of at least two, 0 and 1",
          "nothing but 0, here and in " + testLabels.path().getFileName(),
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
