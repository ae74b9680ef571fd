package io.github.lenet.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.data.internal.Sha256;
import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SampleGarmentsTest {
  @Test
  void has12000And2000ImagesInTenEqualClasses() {
    DatasetSplits sample = SampleGarments.load();
    assertEquals(12_000, sample.train().size());
    assertEquals(2_000, sample.test().size());
    assertEquals(28, sample.train().height());
    assertEquals(28, sample.train().width());
    assertEquals(FashionMnist.SOURCE.classNames(), sample.train().classNames());
    assertTrue(sample.allowsHorizontalFlip());
    for (int label = 0; label < 10; label++) {
      assertEquals(1_200, count(sample.train(), label));
      assertEquals(200, count(sample.test(), label));
    }
  }

  @Test
  void theSameSeedDrawsTheSamePixels() {
    DatasetSplits once = SampleGarments.load(3, 50, 20);
    DatasetSplits again = SampleGarments.load(3, 50, 20);
    assertEquals(once.provenance(), again.provenance());
    for (int i = 0; i < 50; i++) {
      assertArrayEquals(once.train().image(i), again.train().image(i));
    }
  }

  @Test
  void anotherSeedDrawsOtherPixels() {
    byte[] three = SampleGarments.load(3, 10, 10).train().image(0);
    byte[] four = SampleGarments.load(4, 10, 10).train().image(0);
    assertFalse(Arrays.equals(three, four));
  }

  @Test
  void noTwoImagesAreAlike() {
    DatasetSplits sample = SampleGarments.load(3, 300, 100);
    Set<String> hashes = new HashSet<>();
    for (int i = 0; i < 300; i++) {
      hashes.add(Sha256.of(sample.train().image(i)));
    }
    for (int i = 0; i < 100; i++) {
      hashes.add(Sha256.of(sample.test().image(i)));
    }
    assertEquals(400, hashes.size());
  }

  @Test
  void garmentsAreLightOnBlackAndFillTheImage() {
    ImageDataset train = SampleGarments.load(3, 200, 10).train();
    for (int i = 0; i < train.size(); i++) {
      byte[] pixels = train.image(i);
      int lit = 0;
      int brightest = 0;
      for (byte pixel : pixels) {
        lit += pixel == 0 ? 0 : 1;
        brightest = Math.max(brightest, Byte.toUnsignedInt(pixel));
      }
      String which = train.classNames().get(train.label(i)) + " " + i;
      assertTrue(lit > 50 && lit < 600, which + ": " + lit + " of 784 pixels are lit");
      assertTrue(brightest > 50, which + ": the brightest pixel is " + brightest);
    }
  }

  @Test
  void saysThatItIsNotFashionMnist() {
    Provenance provenance = SampleGarments.load(3, 10, 10).provenance();
    assertEquals("sample", provenance.id());
    assertTrue(provenance.note().contains("it is not Fashion-MNIST"));
    assertFalse(provenance.isFallback());
    assertEquals("drawn by this program, seed 3", provenance.files().get(0).location());
  }

  @Test
  void theHashesAreThoseOfIdxFiles() throws Exception {
    DatasetSplits sample = SampleGarments.load(3, 20, 10);
    byte[] idx = TinyDataset.idx(8, pixels(sample.test()), 10, 28, 28);

    Provenance.File images = sample.provenance().files().get(2);

    assertEquals("t10k-images-idx3-ubyte", images.name());
    assertEquals(idx.length, images.sizeInBytes());
    assertEquals(
        HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(idx)),
        images.rawSha256());
  }

  private static byte[] pixels(ImageDataset dataset) {
    ByteArrayOutputStream pixels = new ByteArrayOutputStream();
    for (int i = 0; i < dataset.size(); i++) {
      pixels.writeBytes(dataset.image(i));
    }
    return pixels.toByteArray();
  }

  private static int count(ImageDataset dataset, int label) {
    int count = 0;
    for (int i = 0; i < dataset.size(); i++) {
      count += dataset.label(i) == label ? 1 : 0;
    }
    return count;
  }
}
