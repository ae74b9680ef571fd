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
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Loads a data set by the name that a user gives it.
 *
 * <table>
 *   <caption>Data sets by name</caption>
 *   <tr><th>name</th><th>what is loaded</th></tr>
 *   <tr><td>{@code auto}</td><td>Fashion-MNIST; where it cannot be had, the sample set, with a note
 *       that says so</td></tr>
 *   <tr><td>{@code fashion-mnist}</td><td>Fashion-MNIST or an error</td></tr>
 *   <tr><td>{@code mnist}</td><td>MNIST or an error</td></tr>
 *   <tr><td>{@code sample}</td><td>{@link SampleGarments}, drawn on the spot</td></tr>
 *   <tr><td>a directory</td><td>the four IDX files in it: {@link IdxDirectory}</td></tr>
 * </table>
 *
 * <p>With a data directory, the catalogued sets come from there and from nowhere else: from the
 * directory itself, or from its folder named after the data set if it has one. A fault in it is an
 * error, also for {@code auto}.
 */
public final class DatasetLoader {
  private static final String AUTO = "auto";
  private static final String SAMPLE = "sample";

  private final Optional<Path> dataDirectory;
  private final DatasetCache cache;
  private final DatasetSource fashionMnist;

  /**
   * Makes a loader.
   *
   * @param dataDirectory the user's own files, which are only ever read; if empty, the catalogued
   *     sets are fetched
   * @param offline true to never use the network
   * @param listener is told how downloads go
   */
  public DatasetLoader(Optional<Path> dataDirectory, boolean offline, DownloadListener listener) {
    this(
        dataDirectory,
        new DatasetCache(DatasetCache.defaultDirectory(), offline, listener),
        FashionMnist.SOURCE);
  }

  DatasetLoader(Optional<Path> dataDirectory, DatasetCache cache, DatasetSource fashionMnist) {
    this.dataDirectory = Objects.requireNonNull(dataDirectory, "dataDirectory");
    this.cache = Objects.requireNonNull(cache, "cache");
    this.fashionMnist = fashionMnist;
  }

  /**
   * The known names.
   *
   * @return {@code auto}, {@code fashion-mnist}, {@code mnist}, {@code sample}
   */
  public static List<String> names() {
    return List.of(AUTO, FashionMnist.SOURCE.id(), Mnist.SOURCE.id(), SAMPLE);
  }

  /**
   * Checks a name against the data directory and the disk, before anything is downloaded.
   *
   * @param dataset a known name, or a directory; a known name wins over a directory of that name,
   *     which can still be given as {@code ./mnist}
   * @throws IllegalArgumentException if they mean nothing: the message is for the user as it is
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
   * @return the data set; its provenance says what it is, and whether it took another one's place
   * @throws IllegalArgumentException if {@link #check} would throw it
   * @throws DownloadException if the data set cannot be had
   * @throws ChecksumException if a file is not the data set's
   * @throws IdxFormatException if a file is corrupt
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
    return dataset.equals(SAMPLE) ? SampleGarments.load() : IdxDirectory.load(Path.of(dataset));
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
      // Not lost: the reason goes out with every result, in the provenance.
      DatasetSplits sample = SampleGarments.load();
      return sample.withProvenance(
          sample
              .provenance()
              .asFallback(
                  "It is used because %s could not be had: %s"
                      .formatted(fashionMnist.title(), e.getMessage())));
    }
  }

  private static boolean isDirectory(String dataset) {
    try {
      return Files.isDirectory(Path.of(dataset));
    } catch (InvalidPathException e) {
      return false;
    }
  }
}
