package io.github.lenet.training.images;

import io.github.lenet.model.ImageFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The files of an {@link ImageDirectory} by split and class, before any is read.
 *
 * @param root the directory of the class folders or of {@code train} and {@code test}
 * @param train the training files of each class, sorted
 * @param test the test files of each class, sorted; the classes are some of {@code train}'s
 */
record ImageFolders(
    Path root, SortedMap<String, List<Path>> train, SortedMap<String, List<Path>> test) {

  /** A label is a byte. */
  private static final int MOST_CLASSES = 256;

  /** A fixed seed, so that models are compared on the same images. */
  static final long SEED = 0;

  private static final Set<String> JUNK = Set.of("thumbs.db", "desktop.ini", "__macosx");

  private static final Pattern NUMBER = Pattern.compile("\\d+");

  /** By name, where the numbers in names count by value: 2 is before 10. */
  private static final Comparator<String> BY_NAME =
      Comparator.comparing(ImageFolders::padded).thenComparing(Comparator.naturalOrder());

  /** The same on all systems. */
  private static final Comparator<Path> BY_PATH = Comparator.comparing(Path::toString);

  private static String padded(String name) {
    return NUMBER
        .matcher(name)
        .replaceAll(
            number -> "0".repeat(Math.max(0, 20 - number.group().length())) + number.group());
  }

  /** Lists a directory, and splits the files of each class if it has no train and test. */
  static ImageFolders in(Path directory, double testSplit) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw Files.exists(directory)
          ? new NotDirectoryException(directory + ": not a directory. Name one with image folders.")
          : new NoSuchFileException(
              directory + ": no such directory. Name one with image folders.");
    }
    Path train = directory.resolve("train");
    Path test = directory.resolve("test");
    if (!Files.isDirectory(train) || !Files.isDirectory(test)) {
      return split(directory, classes(directory), testSplit);
    }
    ImageFolders folders = new ImageFolders(directory, classes(train), classes(test));
    requireClasses(train, folders.train());
    for (String name : folders.test().keySet()) {
      if (!folders.train().containsKey(name)) {
        throw new IOException(
            "%s: is a class without training images. Add %s, or remove it."
                .formatted(test.resolve(name), train.resolve(name)));
      }
    }
    return folders;
  }

  private static void requireClasses(Path root, Map<String, List<Path>> classes)
      throws IOException {
    if (classes.size() < 2 || classes.size() > MOST_CLASSES) {
      throw new IOException(
          "%s: expected 2 to %s folders, one for each class, found %s%s"
              .formatted(
                  root,
                  MOST_CLASSES,
                  classes.size(),
                  classes.size() == 1 ? ": " + classes.keySet().iterator().next() : ""));
    }
  }

  /** {@return the files below each folder} */
  private static SortedMap<String, List<Path>> classes(Path root) throws IOException {
    SortedMap<String, List<Path>> classes = new TreeMap<>(BY_NAME);
    for (Path entry : list(root)) {
      if (Files.isDirectory(entry)) {
        List<Path> files = files(entry);
        if (files.isEmpty()) {
          throw new IOException(entry + ": has no image. Add some, or remove the folder.");
        }
        // Some systems write é as one character, others as two.
        String name = Normalizer.normalize(entry.getFileName().toString(), Normalizer.Form.NFC);
        classes.computeIfAbsent(name, unused -> new ArrayList<>()).addAll(files);
      } else if (isImage(entry)) {
        throw new IOException(entry + ": is in no class. Move it into the folder of its class.");
      }
    }
    return classes;
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
      return all.filter(ImageFolders::isFile)
          .filter(file -> isVisible(folder.getParent().relativize(file)))
          .sorted(BY_PATH)
          .toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** {@return whether a path is a file or a broken link, but no directory, pipe or device} */
  private static boolean isFile(Path path) {
    return Files.isRegularFile(path) || Files.notExists(path);
  }

  static boolean isImage(Path path) throws IOException {
    return Files.isRegularFile(path) && ImageFiles.kind(path).isPresent();
  }

  /** {@return the visible files and folders in a directory, sorted by name} */
  static List<Path> list(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.filter(entry -> isVisible(entry.getFileName())).sorted().toList();
    }
  }

  private static boolean isVisible(Path relative) {
    for (Path part : relative) {
      String name = part.toString().toLowerCase(Locale.ROOT);
      if (name.startsWith(".") || JUNK.contains(name)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Draws the test images of each class; at least one image is for training, and one for testing.
   */
  private static ImageFolders split(
      Path root, SortedMap<String, List<Path>> classes, double testSplit) throws IOException {
    requireClasses(root, classes);
    SortedMap<String, List<Path>> train = new TreeMap<>(BY_NAME);
    SortedMap<String, List<Path>> test = new TreeMap<>(BY_NAME);
    for (Map.Entry<String, List<Path>> entry : classes.entrySet()) {
      List<Path> shuffled = new ArrayList<>(entry.getValue());
      if (shuffled.size() < 2) {
        throw new IOException(
            "%s: is the only image of its class: expected one for training and one for testing."
                .formatted(shuffled.get(0)));
      }
      Collections.shuffle(shuffled, new Random(SEED));
      long wanted = Math.round(testSplit * shuffled.size());
      int count = (int) Math.max(1, Math.min(shuffled.size() - 1, wanted));
      test.put(entry.getKey(), shuffled.subList(0, count).stream().sorted(BY_PATH).toList());
      train.put(entry.getKey(), shuffled.stream().skip(count).sorted(BY_PATH).toList());
    }
    return new ImageFolders(root, train, test);
  }
}
