package io.github.lenet.data;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;

/** Another process that fetches the tiny data set: {@code FetchMain DIRECTORY MIRROR}. */
final class FetchMain {
  private FetchMain() {}

  public static void main(String[] arguments) throws IOException {
    TinyDataset tiny = TinyDataset.at(URI.create(arguments[1]));
    Downloader.Options options =
        new Downloader.Options(
            Duration.ofSeconds(20),
            Duration.ofSeconds(20),
            1,
            Duration.ofSeconds(1),
            DatasetCacheTest.NO_PROXY);
    Path directory = Path.of(arguments[0]);
    new DatasetCache(directory, false, DownloadListener.NONE, options).fetch(tiny.source());
  }

  static Process start(Path directory, URI mirror) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            FetchMain.class.getName(),
            directory.toString(),
            mirror.toString())
        .inheritIO()
        .start();
  }
}
