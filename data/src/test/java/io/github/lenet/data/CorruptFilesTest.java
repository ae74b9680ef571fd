package io.github.lenet.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Data sets of which one file is cut off somewhere, or has one bit that is wrong. */
class CorruptFilesTest {
  private static final int TRIALS = 250;

  @TempDir Path directory;

  /** Takes the place of Fashion-MNIST. */
  private final TinyDataset tiny = TinyDataset.named("fashion-mnist", "Fashion-MNIST");

  private Path folder;

  @BeforeEach
  void writeWholeFiles() throws IOException {
    folder = directory.resolve("fashion-mnist");
    tiny.writeTo(folder);
  }

  /** Bits that say nothing of the images, such as the time in gzip's header, may be wrong. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz"
      })
  void neverGiveOtherImagesWhereTheCatalogueKnowsThem(String name) throws IOException {
    Path file = folder.resolve(name);
    byte[] whole = Files.readAllBytes(file);
    DatasetCache cache =
        new DatasetCache(directory, true, DownloadListener.NONE, DatasetCacheTest.QUICK);
    Random random = new Random(name.hashCode());
    int refused = 0;
    for (int trial = 0; trial < TRIALS; trial++) {
      Files.write(file, trial % 5 == 0 ? cutOff(whole, random) : flipped(whole, random));
      FileStatus.State state = state(cache, name);
      try {
        assertSame(tiny.source().load(folder));
        assertEquals(FileStatus.State.OK, state);
      } catch (ChecksumException | IdxFormatException e) {
        refused++;
        assertEquals(FileStatus.State.CORRUPT, state);
        assertThrows(DownloadException.class, () -> cache.fetch(tiny.source()));
      }
    }
    assertTrue(refused >= TRIALS / 2, refused + " refused");
  }

  @Test
  void neverGiveOtherImagesWhereTheyArePlainAndTheCatalogueKnowsThem() throws IOException {
    unpack();
    Random random = new Random(1);
    for (DatasetFile known : tiny.source().files()) {
      Path file = folder.resolve(known.rawName());
      byte[] whole = Files.readAllBytes(file);
      for (int trial = 0; trial < TRIALS; trial++) {
        Files.write(file, trial % 5 == 0 ? cutOff(whole, random) : flipped(whole, random));
        assertThrows(IOException.class, () -> tiny.source().load(folder));
      }
      Files.write(file, whole);
    }
    assertSame(tiny.source().load(folder));
  }

  /** gzip has a checksum of what is in it. */
  @Test
  void neverGiveOtherImagesWhereNobodyKnowsThemButTheyAreGzipped() throws IOException {
    Random random = new Random(2);
    int refused = 0;
    for (String name : tiny.gzip().keySet()) {
      Path file = folder.resolve(name);
      byte[] whole = Files.readAllBytes(file);
      for (int trial = 0; trial < TRIALS; trial++) {
        Files.write(file, trial % 5 == 0 ? cutOff(whole, random) : flipped(whole, random));
        try {
          assertSame(IdxDirectory.load(folder));
        } catch (IOException e) {
          refused++;
        }
      }
      Files.write(file, whole);
    }
    assertTrue(refused > 2 * TRIALS, refused + " refused");
  }

  /** A wrong bit in a pixel or a label of a plain file is one that nobody can tell. */
  @Test
  void areRefusedWhereAnyBitOfAPlainHeaderIsWrongOrAnyByteIsMissing() throws IOException {
    unpack();
    for (DatasetFile known : tiny.source().files()) {
      Path file = folder.resolve(known.rawName());
      byte[] whole = Files.readAllBytes(file);
      int header = known.rawName().contains("images") ? 16 : 8;
      for (int bit = 0; bit < 8 * header; bit++) {
        Files.write(file, flipped(whole, bit));
        assertThrows(IdxFormatException.class, () -> IdxDirectory.load(folder), "bit " + bit);
      }
      Random random = new Random(3);
      for (int trial = 0; trial < TRIALS / 5; trial++) {
        Files.write(file, cutOff(whole, random));
        assertThrows(IdxFormatException.class, () -> IdxDirectory.load(folder));
      }
      Files.write(file, whole);
    }
    assertSame(IdxDirectory.load(folder));
  }

  private void unpack() throws IOException {
    for (DatasetFile known : tiny.source().files()) {
      Files.delete(folder.resolve(known.name()));
      Files.write(folder.resolve(known.rawName()), tiny.raw().get(known.name()));
    }
  }

  private FileStatus.State state(DatasetCache cache, String name) {
    return cache.verify(tiny.source()).stream()
        .filter(status -> status.file().name().equals(name))
        .findFirst()
        .orElseThrow()
        .state();
  }

  private void assertSame(DatasetSplits found) {
    assertSame(found.train(), "train");
    assertSame(found.test(), "t10k");
  }

  private void assertSame(ImageDataset found, String part) {
    byte[] images = tiny.raw().get(part + "-images-idx3-ubyte.gz");
    byte[] labels = tiny.raw().get(part + "-labels-idx1-ubyte.gz");
    int image = TinyDataset.HEIGHT * TinyDataset.WIDTH;
    assertEquals(labels.length - 8, found.size());
    for (int i = 0; i < found.size(); i++) {
      assertEquals(labels[8 + i], found.label(i));
      int at = 16 + i * image;
      assertArrayEquals(Arrays.copyOfRange(images, at, at + image), found.image(i));
    }
  }

  private static byte[] flipped(byte[] whole, Random random) {
    return flipped(whole, random.nextInt(8 * whole.length));
  }

  private static byte[] flipped(byte[] whole, int bit) {
    byte[] bytes = whole.clone();
    bytes[bit / 8] ^= (byte) (1 << bit % 8);
    return bytes;
  }

  private static byte[] cutOff(byte[] whole, Random random) {
    return Arrays.copyOf(whole, random.nextInt(whole.length));
  }
}
