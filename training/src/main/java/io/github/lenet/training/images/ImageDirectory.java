package io.github.lenet.training.images;

import io.github.lenet.data.DatasetSplits;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.data.Provenance;
import io.github.lenet.model.ImageFiles;
import io.github.lenet.model.ImageFormatException;
import io.github.lenet.model.ImagePreprocessor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Loads folders of image files as a data set: {@code DIR/train/CLASS/…} and {@code
 * DIR/test/CLASS/…}, whatever else is in {@code DIR}, or {@code DIR/CLASS/…}, of which a part
 * becomes the test images.
 *
 * <p>The classes are in the order of their names, where numbers count by value. The images are in
 * an order that mixes the classes, the same each time. Sub-folders of a class belong to it. Hidden
 * files and what systems leave behind ({@code Thumbs.db}, {@code desktop.ini}, {@code __MACOSX})
 * are passed over. {@link ImageFiles} decodes the images on all cores, and an {@link
 * ImagePreprocessor} converts them, so a model that is given the same preprocessor treats further
 * images alike:
 *
 * <pre>{@code
 * DatasetSplits photos = ImageDirectory.load(Path.of("photos"));
 * TrainingConfig config =
 *     TrainingConfig.builder()
 *         .architecture(LeNetConfig.builder().classes(photos.classNames().size()).build())
 *         .preprocessor(ImagePreprocessor.DEFAULT)
 *         .build();
 * }</pre>
 */
public final class ImageDirectory {

  /** The id of the provenance. */
  public static final String ID = "images";

  private ImageDirectory() {}

  /**
   * How images become a data set.
   *
   * @param height the height to which images are scaled, in pixels
   * @param width the width to which images are scaled, in pixels
   * @param preprocessor converts the images
   * @param testSplit the fraction of each class for testing, if the directory has no {@code train}
   *     and {@code test}: more than 0 and less than 1. The images are drawn with a fixed seed.
   * @param skipUnreadable whether an unreadable file is left out; otherwise it is an error
   */
  public record Settings(
      int height,
      int width,
      ImagePreprocessor preprocessor,
      double testSplit,
      boolean skipUnreadable) {

    /** 28×28 pixels, a fifth for testing; an unreadable file is an error. */
    public static final Settings DEFAULT =
        new Settings(28, 28, ImagePreprocessor.DEFAULT, 0.2, false);

    /** Checks the values. */
    public Settings {
      Objects.requireNonNull(preprocessor, "preprocessor");
      if (height < 1 || width < 1) {
        throw new IllegalArgumentException(
            "height (%s) and width (%s) must be positive".formatted(height, width));
      }
      if (!(testSplit > 0 && testSplit < 1)) {
        throw new IllegalArgumentException(
            "testSplit (" + testSplit + ") must be more than 0 and less than 1");
      }
    }
  }

  /** Receives the progress. All calls come from the loading thread. */
  public interface Listener {
    /**
     * Reports that more images are read.
     *
     * @param done the number of files so far
     * @param total the number of all files
     */
    default void onImage(int done, int total) {}

    /**
     * Reports that an unreadable file was left out.
     *
     * @param file the file
     * @param why a sentence with the path and the reason
     */
    default void onSkipped(Path file, String why) {}
  }

  /**
   * Loads a directory with the default settings.
   *
   * @param directory see {@link #load(Path, Settings, Listener)}
   * @return the data set
   * @throws IOException as {@link #load(Path, Settings, Listener)}
   */
  public static DatasetSplits load(Path directory) throws IOException {
    return load(directory, Settings.DEFAULT, new Listener() {});
  }

  /**
   * Loads a directory. Writes nothing.
   *
   * <p>The {@linkplain DatasetSplits#provenance() provenance} has an entry for each class and
   * split: the number of images, and the SHA-256 of the lines that {@code sha256sum} prints for the
   * files in the order of their paths.
   *
   * @param directory contains a folder for each class, or {@code train} and {@code test} with them
   * @param settings how images become a data set
   * @param listener receives the progress
   * @return the images; flips are allowed
   * @throws ImageFormatException if a file is no image that can be decoded
   * @throws IOException if there are fewer than two classes, a class has no image, a class of the
   *     test images has no training images, an image is in no class, or a file cannot be read
   */
  public static DatasetSplits load(Path directory, Settings settings, Listener listener)
      throws IOException {
    ImageFolders folders = ImageFolders.in(directory, settings.testSplit());
    try (SplitReader reader = new SplitReader(folders, settings, listener)) {
      ImageDataset train = reader.read("train", folders.train());
      ImageDataset test = reader.read("test", folders.test());
      return new DatasetSplits(
          train,
          test,
          new Provenance(
              ID,
              "images in " + directory.toAbsolutePath().normalize().getFileName(),
              "unknown",
              String.join("\n", reader.skipped()),
              reader.provenance()));
    }
  }

  /**
   * Tells whether a directory is one for {@link #load}, not one with IDX files.
   *
   * @param directory any path
   * @return whether it contains folders or images, and no IDX file
   * @throws IOException if it cannot be read
   */
  public static boolean isIn(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return false;
    }
    boolean contains = false;
    for (Path entry : ImageFolders.list(directory)) {
      if (entry.getFileName().toString().matches("(?i).*[.-]idx\\d.*")) {
        return false;
      }
      contains |= Files.isDirectory(entry) || ImageFolders.isImage(entry);
    }
    return contains;
  }
}
