package io.github.lenet.data;

import io.github.lenet.data.internal.HomeDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Turns remote files into verified local files, also for several processes at the same time.
 *
 * <p>Each data set has a folder, for example {@code DIRECTORY/fashion-mnist}, with the publisher's
 * file names. Every file is verified by its hash after the download and on every later use. A
 * corrupt file is logged and downloaded again. Threads and processes that download the same data
 * set wait for each other. A complete cache is never written to and can be read-only.
 *
 * <p>It is thread-safe if the listener is.
 */
public final class DatasetCache {
  private static final System.Logger LOG = System.getLogger(DatasetCache.class.getPackageName());

  private final Path directory;
  private final boolean offline;
  private final DownloadListener listener;
  private final Downloader.Options options;

  /**
   * Creates a cache. It does not touch the disk yet.
   *
   * @param directory the directory of the files; created when first needed
   * @param offline true to never use the network
   * @param listener receives the events of downloads
   */
  public DatasetCache(Path directory, boolean offline, DownloadListener listener) {
    this(directory, offline, listener, Downloader.Options.standard());
  }

  DatasetCache(
      Path directory, boolean offline, DownloadListener listener, Downloader.Options options) {
    this.directory = Objects.requireNonNull(directory, "directory");
    this.offline = offline;
    this.listener = Objects.requireNonNull(listener, "listener");
    this.options = Objects.requireNonNull(options, "options");
  }

  /**
   * Returns the user's cache directory. It is the environment variable {@code LENET_CACHE}, else
   * {@code lenet} in {@code XDG_CACHE_HOME} or {@code ~/.cache} (Linux), {@code ~/Library/Caches}
   * (macOS) or {@code %LOCALAPPDATA%} (Windows).
   *
   * @return the directory, which need not exist
   */
  public static Path defaultDirectory() {
    return defaultDirectory(System.getenv(), System.getProperty("os.name"), HomeDirectory.path());
  }

  static Path defaultDirectory(Map<String, String> environment, String system, Path home) {
    String chosen = environment.getOrDefault("LENET_CACHE", "");
    if (!chosen.isBlank()) {
      return Path.of(chosen);
    }
    String os = system.toLowerCase(Locale.ROOT);
    if (os.startsWith("mac")) {
      return home.resolve("Library/Caches/lenet");
    }
    boolean windows = os.startsWith("windows");
    String base = environment.getOrDefault(windows ? "LOCALAPPDATA" : "XDG_CACHE_HOME", "");
    // The XDG specification says to ignore a relative path.
    if (!base.isBlank() && Path.of(base).isAbsolute()) {
      return Path.of(base, "lenet");
    }
    return home.resolve(windows ? "AppData/Local/lenet" : ".cache/lenet");
  }

  /** {@return the cache's directory, which need not exist} */
  public Path directory() {
    return directory;
  }

  /**
   * Verifies all files of a data set and downloads the missing and corrupt ones.
   *
   * @param source the data set
   * @return the path of each file, in the order of {@link DatasetSource#files()}
   * @throws DownloadException if a file is not cached and cannot be downloaded
   * @throws IOException if the cache cannot be read or written
   */
  public Map<DatasetFile, Path> fetch(DatasetSource source) throws IOException {
    List<FileStatus> wanted = new ArrayList<>();
    for (FileStatus status : verify(source)) {
      if (status.state() == FileStatus.State.CORRUPT) {
        LOG.log(System.Logger.Level.WARNING, "corrupt file in the cache: {0}", status.detail());
      }
      if (status.state() != FileStatus.State.OK) {
        wanted.add(status);
      }
    }
    if (!wanted.isEmpty()) {
      if (offline) {
        throw offline(source, wanted);
      }
      download(source, wanted);
    }
    Map<DatasetFile, Path> paths = new LinkedHashMap<>();
    for (DatasetFile file : source.files()) {
      paths.put(file, path(source, file));
    }
    return paths;
  }

  /**
   * Loads a data set. Downloads missing files.
   *
   * @param source the data set
   * @return the images
   * @throws DownloadException if a file is not cached and cannot be downloaded
   * @throws IdxFormatException if a file does not match the source
   * @throws IOException if the cache cannot be read or written
   */
  public DatasetSplits load(DatasetSource source) throws IOException {
    return Catalogue.load(source, fetch(source));
  }

  /**
   * Checks the cached files of a data set. Uses no network and writes nothing.
   *
   * @param source the data set
   * @return the state of each file, in the order of {@link DatasetSource#files()}
   */
  public List<FileStatus> verify(DatasetSource source) {
    return source.files().stream().map(file -> status(source, file)).toList();
  }

  private FileStatus status(DatasetSource source, DatasetFile file) {
    return CachedFile.status(source, file, path(source, file));
  }

  private void download(DatasetSource source, List<FileStatus> wanted) throws IOException {
    Path folder = directory.resolve(source.id());
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw CacheWriteException.of(folder, e);
    }
    // Small files come first, so that wrong content from a mirror or proxy shows early.
    List<DatasetFile> files =
        wanted.stream()
            .map(FileStatus::file)
            .sorted(Comparator.comparingLong(DatasetFile::sizeInBytes))
            .toList();
    CacheLock lock = CacheLock.acquire(folder, () -> listener.onWait(source));
    try {
      Downloader downloader = new Downloader(source, options, listener);
      for (DatasetFile file : files) {
        // Another process or thread may have downloaded it during the wait for the lock.
        if (status(source, file).state() != FileStatus.State.OK) {
          downloader.download(file, path(source, file));
        }
      }
    } finally {
      lock.close();
    }
  }

  private DownloadException offline(DatasetSource source, List<FileStatus> wanted) {
    List<String> lines = new ArrayList<>();
    for (FileStatus status : wanted) {
      boolean missing = status.state() == FileStatus.State.MISSING;
      lines.add(status.file().name() + (missing ? " (missing)" : " (corrupt)"));
    }
    return new DownloadException(
        "%s is incomplete in the cache %s, and downloading is off: %s. %s"
            .formatted(
                source.title(),
                directory,
                String.join(", ", lines),
                "Download it once with a network connection, or use a directory with the files."));
  }

  private Path path(DatasetSource source, DatasetFile file) {
    return directory.resolve(source.id()).resolve(file.name());
  }
}
