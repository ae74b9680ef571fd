package io.github.lenet.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.data.internal.Sha256;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetSourceTest {
  @Test
  void cataloguedRawSizesAreTheHeaderAndTheElements() {
    for (DatasetSource source : Catalogue.sources()) {
      assertEquals(16 + 60_000 * 784, source.trainImages().rawSizeInBytes());
      assertEquals(8 + 60_000, source.trainLabels().rawSizeInBytes());
      assertEquals(16 + 10_000 * 784, source.testImages().rawSizeInBytes());
      assertEquals(8 + 10_000, source.testLabels().rawSizeInBytes());
      assertEquals(10, source.classNames().size());
    }
  }

  @Test
  void garmentsMayBeMirroredAndDigitsMayNot() {
    assertTrue(FashionMnist.SOURCE.allowsHorizontalFlip());
    assertFalse(Mnist.SOURCE.allowsHorizontalFlip());
  }

  @Test
  void noTwoCataloguedFilesShareAHash() {
    Set<String> hashes = new HashSet<>();
    for (DatasetSource source : Catalogue.sources()) {
      for (DatasetFile file : source.files()) {
        hashes.add(file.sha256());
        hashes.add(file.rawSha256());
      }
    }
    assertEquals(16, hashes.size());
  }

  @Test
  void everyAddressIsMirrorPlusFileName() {
    for (DatasetSource source : Catalogue.sources()) {
      assertTrue(source.mirrors().size() >= 3, source.id());
      for (URI mirror : source.mirrors()) {
        for (DatasetFile file : source.files()) {
          assertEquals(mirror + file.name(), mirror.resolve(file.name()).toString());
        }
      }
    }
  }

  @Test
  void plainHttpComesLast() {
    for (DatasetSource source : Catalogue.sources()) {
      for (URI mirror : source.mirrors().subList(0, source.mirrors().size() - 1)) {
        assertEquals("https", mirror.getScheme());
      }
    }
  }

  @Test
  void rejectsAMirrorThatIsNoFolder() {
    assertThrows(
        IllegalArgumentException.class, () -> TinyDataset.at(URI.create("http://a.org/data")));
  }

  @Test
  void rejectsNamesThatLeadElsewhere() {
    String hash = "0".repeat(64);
    for (String name : new String[] {"../a", "a/b", "a\\b", ".a", ""}) {
      assertThrows(
          IllegalArgumentException.class, () -> new DatasetFile(name, 1, hash, 1, hash), name);
    }
    assertThrows(IllegalArgumentException.class, () -> new DatasetFile("a", 0, hash, 1, hash));
    assertThrows(IllegalArgumentException.class, () -> new DatasetFile("a", 1, "A", 1, hash));
  }

  @Test
  void aKnownWrongFileIsNamed() {
    DatasetFile mnists = Mnist.SOURCE.testImages();
    ChecksumException e =
        ChecksumException.of(
            FashionMnist.SOURCE,
            FashionMnist.SOURCE.testImages(),
            Path.of("file.gz"),
            mnists.sizeInBytes(),
            mnists.sha256(),
            Optional.empty(),
            "Replace it.");
    assertEquals(
        "file.gz: wrong file: expected Fashion-MNIST's t10k-images-idx3-ubyte.gz (4,422,102 bytes,"
            + " SHA-256 346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073), found"
            + " MNIST's t10k-images-idx3-ubyte.gz, not Fashion-MNIST's. Replace it.",
        e.getMessage());
  }

  @Test
  void aKnownWrongFileOfTheSameDataSetIsNamedToo() {
    DatasetFile train = FashionMnist.SOURCE.trainLabels();
    ChecksumException e =
        ChecksumException.of(
            FashionMnist.SOURCE,
            FashionMnist.SOURCE.testLabels(),
            Path.of("file.gz"),
            train.sizeInBytes(),
            train.sha256(),
            Optional.empty(),
            "Replace it.");
    assertTrue(e.getMessage().contains("found Fashion-MNIST's train-labels-idx1-ubyte.gz. "));
    assertFalse(e.getMessage().contains("not Fashion-MNIST's"), e::getMessage);
  }

  @Test
  void aRawNameIsTheNameWithoutTheEndingOfGzip() {
    String hash = "0".repeat(64);
    assertEquals("a-idx1", new DatasetFile("a-idx1.gz", 1, hash, 1, hash).rawName());
    assertEquals("a-idx1", new DatasetFile("a-idx1", 1, hash, 1, hash).rawName());
  }

  @Test
  void aMirrorMayCompressWorseButNotSendAnything() {
    String hash = "0".repeat(64);
    // What gzip makes of 47,040,016 bytes that do not compress: 5 bytes for each 65,535, and 18.
    long stored = 47_040_016 + 5 * (47_040_016 / 65_535 + 1) + 18;
    long allowed = new DatasetFile("a.gz", 26_421_880, hash, 47_040_016, hash).largestSizeInBytes();
    assertTrue(allowed >= stored, allowed + " < " + stored);
    assertTrue(allowed < stored * 1.002, allowed + " is far more than " + stored);
    // A publisher's file that is larger than what is in it.
    assertEquals(2_024, new DatasetFile("a.gz", 1_000, hash, 100, hash).largestSizeInBytes());
  }

  @Test
  void theFilesOfASetAreKnownByTheirRawHashes() {
    for (DatasetSource source : Catalogue.sources()) {
      assertEquals(Optional.of(source), Catalogue.identify(quartet(source, -1)));
      for (int wrong = 0; wrong < 4; wrong++) {
        assertEquals(Optional.empty(), Catalogue.identify(quartet(source, wrong)));
      }
      for (DatasetFile file : source.files()) {
        String name = source.title() + "'s " + file.name();
        assertEquals(Optional.of(name), Catalogue.identify(file.sha256()));
        assertEquals(Optional.of(name), Catalogue.identify(file.rawSha256()));
      }
    }
    assertEquals(Optional.empty(), Catalogue.identify("0".repeat(64)));
  }

  /** What reading a data set's files gives, as far as hashes go; one of them may be another. */
  private static IdxQuartet quartet(DatasetSource source, int wrong) {
    List<IdxFile> files = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String hash = i == wrong ? "0".repeat(64) : source.files().get(i).rawSha256();
      files.add(new IdxFile(Path.of("file"), new int[] {1}, new byte[1], 9, hash, hash));
    }
    return new IdxQuartet(files.get(0), files.get(1), files.get(2), files.get(3));
  }

  @Test
  void aFileIsHashedAsItIs(@TempDir Path directory) throws IOException {
    // FIPS 180-2, B.1: the message "abc".
    Path file = Files.writeString(directory.resolve("file"), "abc");
    String expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assertEquals(expected, Sha256.of(file));
    assertEquals(expected, Sha256.of("abc".getBytes(StandardCharsets.US_ASCII)));
  }
}
