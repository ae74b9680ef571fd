package io.github.lenet.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

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
    assertTrue(FashionMnist.SOURCE.isMirrorable());
    assertFalse(Mnist.SOURCE.isMirrorable());
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
}
