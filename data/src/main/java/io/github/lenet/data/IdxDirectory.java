package io.github.lenet.data;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Loads a directory of four IDX files of any data set, with any number of images and any image
 * size.
 *
 * <p>The files are {@code train-images-idx3-ubyte}, {@code train-labels-idx1-ubyte}, {@code
 * t10k-images-idx3-ubyte} and {@code t10k-labels-idx1-ubyte}, each plain or with {@code .gz}. Those
 * of EMNIST have the set's name before it, {@code emnist-letters-} or another, and get its class
 * names; their images are stored transposed, see {@link DatasetSplits#transposed}. A file {@value
 * #CLASSES} beside them names the classes, a line each in the order of the labels, in UTF-8.
 */
public final class IdxDirectory {

  private static final String CLASSES = "classes.txt";
  private static final int MAX_CLASSES = 256;
  private static final int MAX_BYTES = 1 << 16;

  private IdxDirectory() {}

  /**
   * Loads the four files. Writes and downloads nothing.
   *
   * <p>If the files belong to a catalogued data set, its title, class names and flip setting are
   * used. Otherwise flips are allowed, and without {@value #CLASSES} the classes are named "0", "1"
   * and so on, up to the largest label. There must be at least two classes.
   *
   * @param directory contains the four IDX files, gzipped or plain, and perhaps {@value #CLASSES}
   * @return the data set
   * @throws IdxFormatException if a file is corrupt, or the four files do not match
   * @throws IOException if a file is missing or cannot be read
   */
  public static DatasetSplits load(Path directory) throws IOException {
    // Names and labels come first: they are small, so errors show early.
    Optional<List<String>> named = namedClasses(directory.resolve(CLASSES));
    IdxFile trainLabels = IdxReader.readLabels(IdxQuartet.find(directory, IdxQuartet.TRAIN_LABELS));
    IdxFile testLabels = IdxReader.readLabels(IdxQuartet.find(directory, IdxQuartet.TEST_LABELS));
    IdxFile trainImages = IdxReader.readImages(IdxQuartet.find(directory, IdxQuartet.TRAIN_IMAGES));
    IdxFile testImages = IdxReader.readImages(IdxQuartet.find(directory, IdxQuartet.TEST_IMAGES));
    Optional<Emnist> emnist = Emnist.of(trainLabels.path());
    if (emnist.isPresent()) {
      trainLabels = emnist.get().fromZero(trainLabels);
      testLabels = emnist.get().fromZero(testLabels);
    }
    IdxQuartet files =
        new IdxQuartet(trainImages, trainLabels, testImages, testLabels).requireAgreement();
    if (named.isPresent()) {
      files.requireLabelsBelow(named.get().size());
    }
    if (emnist.isPresent()) {
      String id = emnist.get().id();
      return files.splits(
          named.orElse(emnist.get().classNames()),
          new Provenance(id, id, "unknown", "", files.provenance()),
          false);
    }
    Optional<DatasetSource> known = Catalogue.identify(files);
    if (known.isEmpty()) {
      files.requireTwoClasses();
      List<String> classNames = named.orElseGet(() -> numbers(files));
      return files.splits(classNames, uncatalogued(directory, files), true);
    }
    DatasetSource source = known.get();
    return files.splits(
        named.orElse(source.classNames()),
        new Provenance(source.id(), source.title(), source.licence(), "", files.provenance()),
        source.allowsHorizontalFlip());
  }

  private static Optional<List<String>> namedClasses(Path file) throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    if (Files.size(file) > MAX_BYTES) {
      throw new IOException(file + ": is too large: expected the names of classes, one in a line.");
    }
    List<String> names;
    try {
      // Some editors begin a file with a byte order mark.
      names = Files.readString(file).replaceFirst("^\ufeff", "").strip().lines().toList();
    } catch (CharacterCodingException e) {
      throw new IOException(file + ": is not in UTF-8. Save it as UTF-8.", e);
    }
    names = names.stream().map(String::strip).toList();
    if (names.size() < 2
        || names.size() > MAX_CLASSES
        || names.contains("")
        || new HashSet<>(names).size() < names.size()) {
      throw new IOException(
          "%s: expected 2 to %s different names, one in a line, found %s: %s"
              .formatted(file, MAX_CLASSES, names.size(), names));
    }
    return Optional.of(names);
  }

  private static List<String> numbers(IdxQuartet files) {
    return IntStream.rangeClosed(0, files.largestLabel()).mapToObj(String::valueOf).toList();
  }

  private static Provenance uncatalogued(Path directory, IdxQuartet files) {
    return new Provenance(
        "idx",
        "IDX files in " + directory.toAbsolutePath().normalize(),
        "unknown",
        "",
        files.provenance());
  }
}
