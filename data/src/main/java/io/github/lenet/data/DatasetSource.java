package io.github.lenet.data;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The files of a data set, their mirrors and their hashes.
 *
 * @param id the short name, also of the cache's folder: {@code fashion-mnist}
 * @param title the display name: {@code Fashion-MNIST}
 * @param classNames the names of the classes, in the order of the labels
 * @param licence the licence and the rights holder, in one line
 * @param mirrors the base addresses of the files, best first; each ends with a slash
 * @param trainImages the training images, IDX, uint8 {@code [n, height, width]}
 * @param trainLabels the training labels, IDX, uint8 {@code [n]}
 * @param testImages the test images, as {@code trainImages}
 * @param testLabels the test labels, as {@code trainLabels}
 * @param allowsHorizontalFlip whether a flipped image still belongs to its class: true for
 *     garments, false for digits
 */
public record DatasetSource(
    String id,
    String title,
    List<String> classNames,
    String licence,
    List<URI> mirrors,
    DatasetFile trainImages,
    DatasetFile trainLabels,
    DatasetFile testImages,
    DatasetFile testLabels,
    boolean allowsHorizontalFlip) {

  /** Checks the id and the mirrors' form, and copies the lists. */
  public DatasetSource {
    Objects.requireNonNull(title, "title");
    Objects.requireNonNull(licence, "licence");
    Objects.requireNonNull(trainImages, "trainImages");
    Objects.requireNonNull(trainLabels, "trainLabels");
    Objects.requireNonNull(testImages, "testImages");
    Objects.requireNonNull(testLabels, "testLabels");
    classNames = List.copyOf(classNames);
    mirrors = List.copyOf(mirrors);
    if (!id.matches("[a-z0-9][a-z0-9-]*")) {
      throw new IllegalArgumentException("id (" + id + ") must be lower-case letters and hyphens");
    }
    for (URI mirror : mirrors) {
      if (!mirror.toString().matches("https?://.+/")) {
        throw new IllegalArgumentException(
            "mirrors (" + mirror + ") must begin with http:// or https://, and end with a slash");
      }
    }
  }

  /** {@return the four files: training images and labels, test images and labels} */
  public List<DatasetFile> files() {
    return List.of(trainImages, trainLabels, testImages, testLabels);
  }

  /**
   * Loads the data set from a directory. Writes and downloads nothing.
   *
   * @param directory contains the files, gzipped or plain, directly or in a folder named {@link
   *     #id()}
   * @return the images
   * @throws ChecksumException if a file is not the publisher's
   * @throws IdxFormatException if a file is corrupt
   * @throws IOException if a file is missing or cannot be read
   */
  public DatasetSplits load(Path directory) throws IOException {
    return Catalogue.load(this, directory);
  }

  /**
   * Checks the files in a directory, gzipped or plain. Writes nothing.
   *
   * @param directory contains the files, directly or in a folder named {@link #id()}
   * @return the state of each file, in the order of {@link #files()}
   */
  public List<FileStatus> verify(Path directory) {
    Path folder = in(directory);
    List<FileStatus> states = new ArrayList<>();
    for (DatasetFile file : files()) {
      Path path;
      try {
        path = IdxQuartet.find(folder, file.rawName());
      } catch (IOException e) {
        path = folder.resolve(file.name()); // reported as missing
      }
      states.add(CachedFile.status(this, file, path));
    }
    return states;
  }

  /**
   * {@return the directory's folder named after the data set, if there is one, else the directory}
   */
  Path in(Path directory) {
    Path folder = directory.resolve(id);
    return Files.isDirectory(folder) ? folder : directory;
  }
}
