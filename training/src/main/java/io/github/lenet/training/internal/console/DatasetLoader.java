package io.github.lenet.training.internal.console;

import io.github.lenet.data.ChecksumException;
import io.github.lenet.data.DatasetCache;
import io.github.lenet.data.DatasetSource;
import io.github.lenet.data.DatasetSplits;
import io.github.lenet.data.DownloadException;
import io.github.lenet.data.DownloadListener;
import io.github.lenet.data.FashionMnist;
import io.github.lenet.data.IdxDirectory;
import io.github.lenet.data.IdxFormatException;
import io.github.lenet.data.Mnist;
import io.github.lenet.data.SampleGarments;
import io.github.lenet.model.ImageFormatException;
import io.github.lenet.training.images.ImageDirectory;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Loads a data set by its name.
 *
 * <table>
 *   <caption>Data sets by name</caption>
 *   <tr><th>name</th><th>data set</th></tr>
 *   <tr><td>{@code auto}</td><td>Fashion-MNIST; if it is unavailable, the sample set, with a note
 *       that says so</td></tr>
 *   <tr><td>{@code fashion-mnist}</td><td>Fashion-MNIST or an error</td></tr>
 *   <tr><td>{@code mnist}</td><td>MNIST or an error</td></tr>
 *   <tr><td>{@code sample}</td><td>{@link SampleGarments}, drawn in memory</td></tr>
 *   <tr><td>a directory</td><td>the four IDX files in it, {@link IdxDirectory}, or its folders of
 *       images, {@link ImageDirectory}</td></tr>
 * </table>
 *
 * <p>With a data directory, Fashion-MNIST and MNIST come only from there: from the directory
 * itself, or from its folder named after the data set if it has one. A fault in it is an error,
 * also for {@code auto}.
 */
public final class DatasetLoader {
  private static final String AUTO = "auto";
  private static final String SAMPLE = "sample";

  /** Receives the progress of downloads and of image files. */
  public interface Listener extends DownloadListener, ImageDirectory.Listener {
    /** A listener that ignores all events. */
    Listener NONE = new Listener() {};
  }

  private final Optional<Path> dataDirectory;
  private final ImageDirectory.Settings images;
  private final Listener listener;
  private final DatasetCache cache;
  private final DatasetSource fashionMnist;

  /**
   * Creates a loader.
   *
   * @param dataDirectory the user's own files, which are only read; if empty, Fashion-MNIST and
   *     MNIST come from the cache or a download
   * @param offline true to never use the network
   * @param images how folders of images become a data set
   * @param listener receives the progress
   */
  public DatasetLoader(
      Optional<Path> dataDirectory,
      boolean offline,
      ImageDirectory.Settings images,
      Listener listener) {
    this(
        dataDirectory,
        new DatasetCache(DatasetCache.defaultDirectory(), offline, listener),
        FashionMnist.SOURCE,
        images,
        listener);
  }

  DatasetLoader(
      Optional<Path> dataDirectory,
      DatasetCache cache,
      DatasetSource fashionMnist,
      ImageDirectory.Settings images,
      Listener listener) {
    this.dataDirectory = Objects.requireNonNull(dataDirectory, "dataDirectory");
    this.images = Objects.requireNonNull(images, "images");
    this.listener = Objects.requireNonNull(listener, "listener");
    this.cache = Objects.requireNonNull(cache, "cache");
    this.fashionMnist = fashionMnist;
  }

  /**
   * {@return the known names: {@code auto}, {@code fashion-mnist}, {@code mnist}, {@code sample}}
   */
  public static List<String> names() {
    return List.of(AUTO, FashionMnist.SOURCE.id(), Mnist.SOURCE.id(), SAMPLE);
  }

  /**
   * Checks a name against the data directory and the disk, before anything is downloaded.
   *
   * @param dataset a known name, or a directory. A known name takes precedence over a directory of
   *     that name, which can still be given as {@code ./mnist}.
   * @throws IllegalArgumentException if the name is unknown, or does not go with the data
   *     directory; the message is written for the user
   */
  public void check(String dataset) {
    if (dataDirectory.isPresent() && !Files.isDirectory(dataDirectory.get())) {
      throw new IllegalArgumentException(
          "data directory %s: %s"
              .formatted(
                  dataDirectory.get(),
                  Files.exists(dataDirectory.get()) ? "not a directory" : "no such directory"));
    }
    if (dataset.equals(SAMPLE) && dataDirectory.isPresent()) {
      throw new IllegalArgumentException(
          "a data directory cannot be combined with the data set sample, which is drawn in memory");
    }
    if (names().contains(dataset)) {
      return;
    }
    if (!isDirectory(dataset)) {
      throw new IllegalArgumentException(
          "unknown data set '%s': expected one of %s, or a directory"
              .formatted(dataset, String.join(", ", names())));
    }
    if (dataDirectory.isPresent()) {
      throw new IllegalArgumentException(
          "a data directory cannot be combined with the data set %s, which is a directory itself"
              .formatted(dataset));
    }
  }

  /**
   * Loads a data set.
   *
   * @param dataset see {@link #check}
   * @return the data set; its provenance names it, and tells whether it is a fallback
   * @throws IllegalArgumentException if {@link #check} would throw it
   * @throws DownloadException if the data set is unavailable
   * @throws ChecksumException if a file has a checksum mismatch
   * @throws IdxFormatException if a file is corrupt
   * @throws ImageFormatException if an image file is corrupt
   * @throws IOException if a file cannot be read or written
   */
  public DatasetSplits load(String dataset) throws IOException {
    check(dataset);
    if (dataset.equals(AUTO)) {
      return dataDirectory.isPresent() ? load(fashionMnist) : loadFashionMnistOrSample();
    }
    if (dataset.equals(fashionMnist.id())) {
      return load(fashionMnist);
    }
    if (dataset.equals(Mnist.SOURCE.id())) {
      return load(Mnist.SOURCE);
    }
    if (dataset.equals(SAMPLE)) {
      return SampleGarments.load();
    }
    return ImageDirectory.isIn(Path.of(dataset))
        ? ImageDirectory.load(Path.of(dataset), images, listener)
        : IdxDirectory.load(Path.of(dataset));
  }

  /**
   * {@return whether a data set is a directory with folders of images}
   *
   * @param dataset see {@link #check}
   */
  public static boolean isImageDirectory(String dataset) {
    try {
      return isDirectory(dataset) && ImageDirectory.isIn(Path.of(dataset));
    } catch (IOException e) {
      return false; // loading it tells what is wrong
    }
  }

  private DatasetSplits load(DatasetSource source) throws IOException {
    return dataDirectory.isPresent() ? source.load(dataDirectory.get()) : cache.load(source);
  }

  private DatasetSplits loadFashionMnistOrSample() throws IOException {
    try {
      return cache.load(fashionMnist);
    } catch (IOException e) {
      if (e instanceof InterruptedIOException || Thread.currentThread().isInterrupted()) {
        throw e;
      }
      // The reason is not lost: the provenance carries it to every result.
      DatasetSplits sample = SampleGarments.load();
      return sample.withProvenance(
          sample
              .provenance()
              .asFallback(
                  "It replaces %s, which could not be loaded: %s"
                      .formatted(fashionMnist.title(), e.getMessage())));
    }
  }

  /**
   * {@return whether a data set is named by its directory}
   *
   * @param dataset see {@link #check}
   */
  public static boolean isDirectory(String dataset) {
    try {
      return !names().contains(dataset) && Files.isDirectory(Path.of(dataset));
    } catch (InvalidPathException e) {
      return false;
    }
  }
}
