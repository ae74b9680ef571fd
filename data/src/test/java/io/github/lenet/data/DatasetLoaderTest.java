package io.github.lenet.data;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DatasetLoaderTest {
  /** Takes the place of Fashion-MNIST in these tests, and cannot be downloaded. */
  private static final TinyDataset FASHION =
      TinyDataset.named("fashion-mnist", "Fashion-MNIST", URI.create("http://127.0.0.1:1/"));

  private static final Patience PATIENCE =
      new Patience(Duration.ofSeconds(5), Duration.ofSeconds(40));

  @TempDir Path directory;

  private DatasetLoader loader(Optional<Path> dataDirectory, boolean offline) {
    DatasetCache cache =
        new DatasetCache(
            directory.resolve("cache"), offline, DownloadListener.NONE, DatasetCacheTest.QUICK);
    return new DatasetLoader(dataDirectory, cache, FASHION.source(), PATIENCE);
  }

  private Path userFiles() throws IOException {
    Path files = directory.resolve("mine");
    FASHION.writeTo(files);
    return files;
  }

  // What is loaded.

  @Test
  void autoTakesTheCache() throws IOException {
    FASHION.writeTo(directory.resolve("cache/fashion-mnist"));
    Provenance provenance = loader(Optional.empty(), false).load("auto").provenance();
    assertEquals("fashion-mnist", provenance.id());
    assertEquals("", provenance.note());
    assertFalse(provenance.isFallback());
  }

  @Test
  void autoTakesTheNetwork() throws IOException {
    try (LocalMirror mirror = new LocalMirror()) {
      TinyDataset reachable = TinyDataset.named("fashion-mnist", "Fashion-MNIST", mirror.address());
      mirror.serving(reachable);
      DatasetCache cache =
          new DatasetCache(
              directory.resolve("cache"), false, DownloadListener.NONE, DatasetCacheTest.QUICK);
      DatasetLoader loader =
          new DatasetLoader(Optional.empty(), cache, reachable.source(), PATIENCE);
      assertEquals("fashion-mnist", loader.load("auto").provenance().id());
    }
  }

  @Test
  void autoTakesTheSampleWhereTheNetworkIsTooSlow() throws IOException {
    try (LocalMirror mirror = new LocalMirror()) {
      TinyDataset slow = TinyDataset.named("fashion-mnist", "Fashion-MNIST", mirror.address());
      mirror.serving(slow).behaving(exchange -> mirror.serveSlowly(exchange, 100, 50));
      DatasetCache cache =
          new DatasetCache(
              directory.resolve("cache"), false, DownloadListener.NONE, DatasetCacheTest.QUICK);
      Patience patience = new Patience(Duration.ofMillis(500), Duration.ofSeconds(4));
      DatasetLoader loader = new DatasetLoader(Optional.empty(), cache, slow.source(), patience);
      Provenance provenance = loader.load("auto").provenance();
      assertTrue(provenance.isFallback());
      String note = provenance.note();
      assertTrue(note.contains("use --dataset fashion-mnist to wait for it"), note);
    }
  }

  @Test
  void autoFallsBackToTheSampleAndSaysWhy() throws IOException {
    DatasetSplits splits = loader(Optional.empty(), false).load("auto");
    assertEquals("sample", splits.provenance().id());
    assertTrue(splits.provenance().isFallback());
    assertEquals(SampleGarments.TRAIN_SIZE, splits.train().size());
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
    assertFalse(FASHION.source().allowsHorizontalFlip());
    assertFalse(loader(Optional.of(userFiles()), true).load("auto").allowsHorizontalFlip());
  }

  @Test
  void autoNeverFallsBackFromAMissingFileInTheUsersDirectory() throws IOException {
    Path files = userFiles();
    Files.delete(files.resolve("t10k-images-idx3-ubyte.gz"));
    DatasetLoader loader = loader(Optional.of(files), false);
    assertThrows(NoSuchFileException.class, () -> loader.load("auto"));
  }

  @Test
  void autoNeverFallsBackFromACorruptFileInTheUsersDirectory() throws IOException {
    Path file = userFiles().resolve("t10k-images-idx3-ubyte.gz");
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 1_000));
    DatasetLoader loader = loader(Optional.of(file.getParent()), false);
    assertThrows(IdxFormatException.class, () -> loader.load("auto"));
  }

  @Test
  void autoNeverFallsBackFromTheWrongFileInTheUsersDirectory() throws IOException {
    Path file = userFiles().resolve("t10k-labels-idx1-ubyte.gz");
    Files.write(file, TinyDataset.gzip(TinyDataset.idx(8, new byte[10], 10), 6));
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
    FASHION.writeTo(directory.resolve("all/fashion-mnist"));
    DatasetLoader loader = loader(Optional.of(directory.resolve("all")), true);
    assertEquals("fashion-mnist", loader.load("fashion-mnist").provenance().id());
  }

  @Test
  void nothingIsWrittenToTheUsersDirectory() throws IOException {
    Path files = userFiles();
    List<String> before = listing(files);
    loader(Optional.of(files), false).load("fashion-mnist");
    Files.write(files.resolve("t10k-labels-idx1-ubyte.gz"), new byte[3]);
    assertThrows(IOException.class, () -> loader(Optional.of(files), false).load("fashion-mnist"));
    assertEquals(before, listing(files));
    assertFalse(Files.exists(directory.resolve("cache")), "nor is anything cached");
  }

  @Test
  void takesPlainFilesFromTheUsersDirectory() throws IOException {
    Path files = Files.createDirectory(directory.resolve("plain"));
    for (DatasetFile file : FASHION.source().files()) {
      Files.write(files.resolve(file.rawName()), FASHION.raw().get(file.name()));
    }
    assertEquals(20, loader(Optional.of(files), true).load("fashion-mnist").train().size());
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
  void aMisspeltNameGetsTheNearestOne() {
    assertRejected("unknown data set 'fashon-mnist'; did you mean fashion-mnist?", "fashon-mnist");
    assertRejected("unknown data set 'FashionMNIST'; did you mean fashion-mnist?", "FashionMNIST");
    assertRejected("unknown data set 'MNIST'; did you mean mnist?", "MNIST");
    assertRejected("unknown data set 'sampel'; did you mean sample?", "sampel");
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
    assertRejected("unknown data set '" + dataset + "': there is no such directory", dataset);
  }

  @Test
  void theDataDirectoryMustExist() throws IOException {
    Path nowhere = directory.resolve("nowhere");
    assertRejected("--data-dir " + nowhere + ": no such directory", "auto", nowhere);
    Path file = Files.createFile(directory.resolve("file"));
    assertRejected("--data-dir " + file + ": not a directory", "auto", file);
  }

  @Test
  void theDataDirectoryDoesNotGoWithTheSampleOrADirectory() {
    assertRejected(
        "--data-dir cannot be combined with --dataset sample, which is drawn in memory",
        "sample",
        directory);
    assertRejected(
        "--data-dir cannot be combined with --dataset "
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
