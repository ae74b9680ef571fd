package io.github.lenet.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On the publishers' own files, from {@code -Dlenet.test.data=DIR}. */
@Tag("dataset")
class RealDataTest {
  private static Path data;
  private static DatasetSplits fashionMnist;
  private static DatasetSplits mnist;

  @TempDir Path directory;

  @BeforeAll
  static void load() throws IOException {
    String property = System.getProperty("lenet.test.data", "");
    assertFalse(property.isEmpty(), "give -Dlenet.test.data=DIR with fashion-mnist/ and mnist/");
    data = Path.of(property);
    fashionMnist = FashionMnist.load(data.resolve("fashion-mnist"));
    mnist = Mnist.load(data.resolve("mnist"));
  }

  @Test
  void fashionMnistHas6000And1000ImagesOfEachClass() {
    for (int label = 0; label < 10; label++) {
      assertEquals(6_000, count(fashionMnist.train(), label));
      assertEquals(1_000, count(fashionMnist.test(), label));
    }
  }

  @Test
  void mnistHasItsPublishedHistogram() {
    int[] train = {5_923, 6_742, 5_958, 6_131, 5_842, 5_421, 5_918, 6_265, 5_851, 5_949};
    int[] test = {980, 1_135, 1_032, 1_010, 982, 892, 958, 1_028, 974, 1_009};
    for (int label = 0; label < 10; label++) {
      assertEquals(train[label], count(mnist.train(), label));
      assertEquals(test[label], count(mnist.test(), label));
    }
  }

  @Test
  void theMeanAndTheDeviationAreThePublishedOnes() {
    // The normalisation constants in common use: 0.2860 and 0.3530, 0.1307 and 0.3081.
    assertMoments(0.2860, 0.3530, fashionMnist.train());
    assertMoments(0.1307, 0.3081, mnist.train());
  }

  @Test
  void theImagesAreTheFilesBytes() throws IOException {
    Path file = data.resolve("fashion-mnist/t10k-images-idx3-ubyte.gz");
    try (InputStream raw = new GZIPInputStream(Files.newInputStream(file))) {
      raw.readNBytes(16);
      for (int i = 0; i < fashionMnist.test().size(); i++) {
        assertArrayEquals(raw.readNBytes(784), fashionMnist.test().image(i));
      }
    }
  }

  @Test
  void theProvenanceHasTheCataloguesHashes() {
    for (int i = 0; i < 4; i++) {
      Provenance.File read = fashionMnist.provenance().files().get(i);
      DatasetFile known = FashionMnist.SOURCE.files().get(i);
      assertEquals(known.name(), read.name());
      assertEquals(known.sizeInBytes(), read.sizeInBytes());
      assertEquals(known.sha256(), read.sha256());
      assertEquals(known.rawSha256(), read.rawSha256());
    }
  }

  @Test
  void aDirectoryWithMnistIsRecognised() throws IOException {
    DatasetSplits splits = IdxDirectory.load(data.resolve("mnist"));
    assertEquals("mnist", splits.provenance().id());
    assertEquals("MNIST", splits.provenance().title());
    assertFalse(splits.allowsHorizontalFlip());
    assertEquals(
        FashionMnist.SOURCE.classNames(),
        IdxDirectory.load(data.resolve("fashion-mnist")).train().classNames());
  }

  @Test
  void mnistIsNotTakenForFashionMnist() {
    ChecksumException e =
        assertThrows(ChecksumException.class, () -> FashionMnist.load(data.resolve("mnist")));
    assertTrue(
        e.getMessage().contains("found MNIST's train-labels-idx1-ubyte.gz, not Fashion-MNIST's"),
        e::getMessage);
  }

  @Test
  void aMirrorThatServesMnistUnderTheNameIsNamed() throws IOException {
    try (LocalMirror mirror = new LocalMirror()) {
      String name = "t10k-labels-idx1-ubyte.gz";
      mirror.serving(name, Files.readAllBytes(data.resolve("mnist").resolve(name)));
      DatasetSource known = FashionMnist.SOURCE;
      DatasetSource source =
          new DatasetSource(
              known.id(),
              known.title(),
              known.classNames(),
              known.licence(),
              java.util.List.of(mirror.address()),
              known.trainImages(),
              known.trainLabels(),
              known.testImages(),
              known.testLabels(),
              known.allowsHorizontalFlip());
      DatasetCache cache =
          new DatasetCache(directory, false, DownloadListener.NONE, DatasetCacheTest.QUICK);
      DownloadException e = assertThrows(DownloadException.class, () -> cache.fetch(source));
      assertTrue(
          e.getMessage()
              .contains(
                  "(wrong content: found MNIST's t10k-labels-idx1-ubyte.gz, not Fashion-MNIST's)"),
          e::getMessage);
    }
  }

  @Test
  void aDirectoryWithAFolderPerDataSetWorksAsDataDirectory() throws IOException {
    assertEquals("fashion-mnist", FashionMnist.load(data).provenance().id());
    assertEquals("mnist", Mnist.load(data).provenance().id());
    assertTrue(FashionMnist.load(data).allowsHorizontalFlip());
    assertFalse(Mnist.load(data).allowsHorizontalFlip());
  }

  private static void assertMoments(double mean, double deviation, ImageDataset dataset) {
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < dataset.size(); i++) {
      for (byte pixel : dataset.image(i)) {
        double value = Byte.toUnsignedInt(pixel) / 255.0;
        sum += value;
        squares += value * value;
      }
    }
    double n = (double) dataset.size() * 784;
    assertEquals(mean, sum / n, 0.00005);
    assertEquals(deviation, Math.sqrt(squares / n - sum / n * (sum / n)), 0.00005);
  }

  private static int count(ImageDataset dataset, int label) {
    int count = 0;
    for (int i = 0; i < dataset.size(); i++) {
      count += dataset.label(i) == label ? 1 : 0;
    }
    return count;
  }
}
