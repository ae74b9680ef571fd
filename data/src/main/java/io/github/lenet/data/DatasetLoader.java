package io.github.lenet.data;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What {@code --dataset}, {@code --data-dir} and {@code --offline} mean.
 *
 * <table>
 *   <caption>Data sets by name</caption>
 *   <tr><th>name</th><th>what is loaded</th></tr>
 *   <tr><td>{@code auto}</td><td>Fashion-MNIST; where nothing of it arrives within 15 seconds, or so
 *       little that the download would not end within two minutes, the sample set, with a note that
 *       says so</td></tr>
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
  private static final Patience PATIENCE =
      new Patience(Duration.ofSeconds(15), Duration.ofMinutes(2));

  private final Optional<Path> dataDirectory;
  private final DatasetCache cache;
  private final DatasetSource fashionMnist;
  private final Patience patience;

  /**
   * Makes a loader that fetches the catalogued sets.
   *
   * @param cache where they are fetched through
   */
  public DatasetLoader(DatasetCache cache) {
    this(Optional.empty(), cache, FashionMnist.SOURCE, PATIENCE);
  }

  /**
   * Makes a loader that reads the catalogued sets from a directory.
   *
   * @param dataDirectory the user's own files, which are only ever read
   */
  public DatasetLoader(Path dataDirectory) {
    this(
        Optional.of(dataDirectory),
        new DatasetCache(DatasetCache.defaultDirectory(), true, DownloadListener.NONE),
        FashionMnist.SOURCE,
        PATIENCE);
  }

  DatasetLoader(
      Optional<Path> dataDirectory,
      DatasetCache cache,
      DatasetSource fashionMnist,
      Patience patience) {
    this.dataDirectory = Objects.requireNonNull(dataDirectory, "dataDirectory");
    this.cache = Objects.requireNonNull(cache, "cache");
    this.fashionMnist = fashionMnist;
    this.patience = patience;
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
          "--data-dir %s: %s"
              .formatted(
                  dataDirectory.get(),
                  Files.exists(dataDirectory.get()) ? "not a directory" : "no such directory"));
    }
    if (dataset.equals(SAMPLE) && dataDirectory.isPresent()) {
      throw new IllegalArgumentException(
          "--data-dir cannot be combined with --dataset sample, which is drawn in memory");
    }
    if (names().contains(dataset)) {
      return;
    }
    Optional<Path> directory = directory(dataset);
    if (directory.isEmpty()) {
      throw new IllegalArgumentException(unknown(dataset));
    }
    if (dataDirectory.isPresent()) {
      throw new IllegalArgumentException(
          "--data-dir cannot be combined with --dataset %s, which is a directory itself"
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
    if (dataset.equals(SAMPLE)) {
      return SampleGarments.load();
    }
    return IdxDirectory.load(Path.of(dataset));
  }

  private DatasetSplits load(DatasetSource source) throws IOException {
    if (dataDirectory.isEmpty()) {
      return CataloguedFiles.load(source, cache.fetch(source));
    }
    return CataloguedFiles.load(source, source.in(dataDirectory.get()));
  }

  private DatasetSplits loadFashionMnistOrSample() throws IOException {
    try {
      return CataloguedFiles.load(fashionMnist, cache.fetch(fashionMnist, patience));
    } catch (IOException e) {
      if (e instanceof InterruptedIOException || Thread.currentThread().isInterrupted()) {
        throw e;
      }
      // Not lost: the reason goes out with every result, in the provenance.
      return SampleGarments.loadInsteadOf(fashionMnist.title(), e.getMessage());
    }
  }

  private static Optional<Path> directory(String dataset) {
    try {
      return Optional.of(Path.of(dataset)).filter(Files::isDirectory);
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  private static String unknown(String dataset) {
    String start = "unknown data set '" + dataset + "'";
    if (dataset.contains("/") || dataset.contains("\\")) {
      return start + ": there is no such directory";
    }
    return Suggestions.to(dataset.replaceAll("[_ ]", "-"), names())
        .map(name -> start + "; did you mean " + name + "?")
        .orElse(start + ": expected one of " + String.join(", ", names()) + ", or a directory");
  }
}
