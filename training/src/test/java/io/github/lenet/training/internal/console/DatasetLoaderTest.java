package io.github.lenet.training.internal.console;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.github.lenet.data.ChecksumException;
import io.github.lenet.data.DatasetCache;
import io.github.lenet.data.DatasetFile;
import io.github.lenet.data.DatasetSource;
import io.github.lenet.data.DatasetSplits;
import io.github.lenet.data.DownloadException;
import io.github.lenet.data.DownloadListener;
import io.github.lenet.data.FashionMnist;
import io.github.lenet.data.IdxFormatException;
import io.github.lenet.data.Provenance;
import io.github.lenet.training.images.ImageDirectory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DatasetLoaderTest {
  /** A data set of noise, 20 + 10 images, that takes the place of Fashion-MNIST in these tests. */
  private static final Map<String, byte[]> FILES = files();

  @TempDir Path directory;

  private static Map<String, byte[]> files() {
    Random random = new Random(42);
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (String part : List.of("train", "t10k")) {
      int size = part.equals("train") ? 20 : 10;
      byte[] pixels = new byte[size * 28 * 28];
      random.nextBytes(pixels);
      byte[] labels = new byte[size];
      for (int i = 0; i < size; i++) {
        labels[i] = (byte) (i % 10);
      }
      files.put(part + "-images-idx3-ubyte", idx(pixels, size, 28, 28));
      files.put(part + "-labels-idx1-ubyte", idx(labels, size));
    }
    return files;
  }

  private static byte[] idx(byte[] elements, int... dimensions) {
    ByteBuffer buffer = ByteBuffer.allocate(4 + 4 * dimensions.length + elements.length);
    buffer.put(new byte[] {0, 0, 8, (byte) dimensions.length});
    for (int dimension : dimensions) {
      buffer.putInt(dimension);
    }
    return buffer.put(elements).array();
  }

  private static DatasetSource source(URI mirror) {
    List<DatasetFile> files =
        FILES.entrySet().stream().map(file -> file(file.getKey(), file.getValue())).toList();
    return new DatasetSource(
        "fashion-mnist",
        "Fashion-MNIST",
        FashionMnist.SOURCE.classNames(),
        "none",
        List.of(mirror),
        files.get(0),
        files.get(1),
        files.get(2),
        files.get(3),
        false);
  }

  private static DatasetFile file(String name, byte[] content) {
    String sha256;
    try {
      sha256 = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
    return new DatasetFile(name, content.length, sha256, content.length, sha256);
  }

  private static void writeTo(Path folder) throws IOException {
    Files.createDirectories(folder);
    for (Map.Entry<String, byte[]> file : FILES.entrySet()) {
      Files.write(folder.resolve(file.getKey()), file.getValue());
    }
  }

  /** With a mirror that nobody can connect to. */
  private DatasetLoader loader(Optional<Path> dataDirectory, boolean offline) {
    return loader(dataDirectory, offline, URI.create("http://127.0.0.1:1/"));
  }

  private DatasetLoader loader(Optional<Path> dataDirectory, boolean offline, URI mirror) {
    DatasetCache cache =
        new DatasetCache(directory.resolve("cache"), offline, DownloadListener.NONE);
    return new DatasetLoader(
        dataDirectory,
        cache,
        source(mirror),
        ImageDirectory.Settings.DEFAULT,
        DatasetLoader.Listener.NONE);
  }

  private Path userFiles() throws IOException {
    Path files = directory.resolve("mine");
    writeTo(files);
    return files;
  }

  // What is loaded.

  @Test
  void autoTakesTheCache() throws IOException {
    writeTo(directory.resolve("cache/fashion-mnist"));
    Provenance provenance = loader(Optional.empty(), false).load("auto").provenance();
    assertEquals("fashion-mnist", provenance.id());
    assertEquals("", provenance.note());
    assertFalse(provenance.isFallback());
  }

  @Test
  void autoTakesTheNetwork() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] file = FILES.get(exchange.getRequestURI().getPath().substring(1));
          exchange.sendResponseHeaders(200, file.length);
          exchange.getResponseBody().write(file);
          exchange.close();
        });
    server.start();
    try {
      URI mirror = URI.create("http://127.0.0.1:%s/".formatted(server.getAddress().getPort()));
      DatasetLoader loader = loader(Optional.empty(), false, mirror);
      assertEquals("fashion-mnist", loader.load("auto").provenance().id());
    } finally {
      server.stop(0);
    }
  }

  @Test
  void autoFallsBackToTheSampleAndSaysWhy() throws IOException {
    DatasetSplits splits = loader(Optional.empty(), false).load("auto");
    assertEquals("sample", splits.provenance().id());
    assertTrue(splits.provenance().isFallback());
    assertEquals(12_000, splits.train().size());
    String note = splits.provenance().note();
    assertTrue(note.contains("it is not Fashion-MNIST"), note);
    assertTrue(note.contains("connection refused"), note);
  }

  @Test
  void autoFallsBackToTheSampleOffline() throws IOException {
    DatasetSplits splits = loader(Optional.empty(), true).load("auto");
    Provenance provenance = splits.provenance();
    assertTrue(provenance.isFallback());
    assertTrue(provenance.note().contains("downloading is off"), provenance.note());
    assertTrue(splits.allowsHorizontalFlip(), "in place of a set that is not, too");
  }

  @Test
  void autoTakesTheUsersDirectory() throws IOException {
    Provenance provenance = loader(Optional.of(userFiles()), true).load("auto").provenance();
    assertEquals("fashion-mnist", provenance.id());
    assertTrue(provenance.files().get(0).location().contains("mine"));
  }

  @Test
  void theSourceSaysWhetherImagesMayBeMirrored() throws IOException {
    assertFalse(loader(Optional.of(userFiles()), true).load("auto").allowsHorizontalFlip());
  }

  @Test
  void autoNeverFallsBackFromAMissingFileInTheUsersDirectory() throws IOException {
    Path files = userFiles();
    Files.delete(files.resolve("t10k-images-idx3-ubyte"));
    DatasetLoader loader = loader(Optional.of(files), false);
    assertThrows(NoSuchFileException.class, () -> loader.load("auto"));
  }

  @Test
  void autoNeverFallsBackFromACorruptFileInTheUsersDirectory() throws IOException {
    Path file = userFiles().resolve("t10k-images-idx3-ubyte");
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 1_000));
    DatasetLoader loader = loader(Optional.of(file.getParent()), false);
    assertThrows(IdxFormatException.class, () -> loader.load("auto"));
  }

  @Test
  void autoNeverFallsBackFromTheWrongFileInTheUsersDirectory() throws IOException {
    Path file = userFiles().resolve("t10k-labels-idx1-ubyte");
    Files.write(file, idx(new byte[10], 10));
    DatasetLoader loader = loader(Optional.of(file.getParent()), false);
    ChecksumException e = assertThrows(ChecksumException.class, () -> loader.load("auto"));
    assertTrue(e.getMessage().startsWith(file + ": wrong file"), e::getMessage);
  }

  @Test
  void fashionMnistNeverFallsBack() {
    DatasetLoader loader = loader(Optional.empty(), true);
    assertThrows(DownloadException.class, () -> loader.load("fashion-mnist"));
  }

  @Test
  void mnistNeverFallsBack() {
    DatasetLoader loader = loader(Optional.empty(), true);
    assertThrows(DownloadException.class, () -> loader.load("mnist"));
  }

  @Test
  void theUsersDirectoryMayHaveAFolderPerDataSet() throws IOException {
    writeTo(directory.resolve("all/fashion-mnist"));
    DatasetLoader loader = loader(Optional.of(directory.resolve("all")), true);
    assertEquals("fashion-mnist", loader.load("fashion-mnist").provenance().id());
  }

  @Test
  void nothingIsWrittenToTheUsersDirectory() throws IOException {
    Path files = userFiles();
    List<String> before = listing(files);
    loader(Optional.of(files), false).load("fashion-mnist");
    Files.write(files.resolve("t10k-labels-idx1-ubyte"), new byte[3]);
    assertThrows(IOException.class, () -> loader(Optional.of(files), false).load("fashion-mnist"));
    assertEquals(before, listing(files));
    assertFalse(Files.exists(directory.resolve("cache")), "nor is anything cached");
  }

  @Test
  void aDirectoryIsLoadedAsItIs() throws IOException {
    DatasetSplits splits = loader(Optional.empty(), true).load(userFiles().toString());
    assertEquals("idx", splits.provenance().id());
    assertEquals(20, splits.train().size());
  }

  // What check() says.

  @Test
  void theNamesAreKnown() {
    assertEquals(List.of("auto", "fashion-mnist", "mnist", "sample"), DatasetLoader.names());
    for (String name : DatasetLoader.names()) {
      assertDoesNotThrow(() -> loader(Optional.empty(), true).check(name));
    }
    assertDoesNotThrow(() -> loader(Optional.empty(), true).check(directory.toString()));
    assertDoesNotThrow(() -> loader(Optional.of(directory), true).check("auto"));
  }

  @Test
  void anUnknownNameGetsTheList() {
    assertRejected(
        "unknown data set 'cifar10': expected one of auto, fashion-mnist, mnist, sample, or a"
            + " directory",
        "cifar10");
  }

  @Test
  void aDirectoryThatIsNotThereIsNotAMisspeltName() {
    String dataset = directory.resolve("mnist").toString();
    assertRejected(
        "unknown data set '"
            + dataset
            + "': expected one of auto, fashion-mnist, mnist, sample, or a directory",
        dataset);
  }

  @Test
  void theDataDirectoryMustExist() throws IOException {
    Path nowhere = directory.resolve("nowhere");
    assertRejected("data directory " + nowhere + ": no such directory", "auto", nowhere);
    Path file = Files.createFile(directory.resolve("file"));
    assertRejected("data directory " + file + ": not a directory", "auto", file);
  }

  @Test
  void theDataDirectoryDoesNotGoWithTheSampleOrADirectory() {
    assertRejected(
        "a data directory cannot be combined with the data set sample, which is drawn in memory",
        "sample",
        directory);
    assertRejected(
        "a data directory cannot be combined with the data set "
            + directory
            + ", which is a directory itself",
        directory.toString(),
        directory);
  }

  private void assertRejected(String message, String dataset) {
    assertRejected(message, dataset, Optional.empty());
  }

  private void assertRejected(String message, String dataset, Path dataDirectory) {
    assertRejected(message, dataset, Optional.of(dataDirectory));
  }

  private void assertRejected(String message, String dataset, Optional<Path> directory) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> loader(directory, true).check(dataset));
    assertEquals(message, e.getMessage());
  }

  private static List<String> listing(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files.map(Path::toString).sorted().toList();
    }
  }
}
