package io.github.lenet.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleGarmentsTest {
  @Test
  void has12000And2000ImagesInTenEqualClasses() throws IOException {
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
  void theSameSeedDrawsTheSamePixels() throws IOException {
    DatasetSplits once = SampleGarments.load(3, 50, 20);
    DatasetSplits again = SampleGarments.load(3, 50, 20);
    assertEquals(once.provenance(), again.provenance());
    for (int i = 0; i < 50; i++) {
      assertArrayEquals(once.train().image(i), again.train().image(i));
    }
  }

  @Test
  void anotherSeedDrawsOtherPixels() throws IOException {
    byte[] three = SampleGarments.load(3, 10, 10).train().image(0);
    byte[] four = SampleGarments.load(4, 10, 10).train().image(0);
    assertFalse(Arrays.equals(three, four));
  }

  @Test
  void noTwoImagesAreAlike() throws IOException {
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
  void garmentsAreLightOnBlackAndFillTheImage() throws IOException {
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
  void saysThatItIsNotFashionMnist() throws IOException {
    Provenance provenance = SampleGarments.load(3, 10, 10).provenance();
    assertEquals("sample", provenance.id());
    assertTrue(provenance.note().contains("it is not Fashion-MNIST"));
    assertFalse(provenance.isFallback());
    assertEquals("drawn by this program, seed 3", provenance.files().get(0).location());
  }

  @Test
  void namesTheTemporaryDirectoryThatCannotBeWritten(@TempDir Path directory) {
    Path nowhere = directory.resolve("nowhere");
    IOException e = assertThrows(IOException.class, () -> SampleGarments.load(3, 10, 10, nowhere));
    assertTrue(e.getMessage().startsWith(nowhere + ": the sample set cannot be"), e::getMessage);
    assertTrue(e.getMessage().contains("-Djava.io.tmpdir"), e::getMessage);
  }

  @Test
  void leavesNothingBehind(@TempDir Path directory) throws IOException {
    SampleGarments.load(3, 10, 10, directory);
    assertEquals(List.of(), listing(directory));
  }

  @Test
  void leavesNothingBehindWhenTheProcessEndsMeanwhile(@TempDir Path directory) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + directory,
                "-cp",
                System.getProperty("java.class.path"),
                SampleMain.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes());
    assertEquals(0, process.waitFor(), output);
    assertEquals("drawing", output.strip());
    assertEquals(List.of(), listing(directory));
  }

  private static List<Path> listing(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files.toList();
    }
  }

  private static int count(ImageDataset dataset, int label) {
    int count = 0;
    for (int i = 0; i < dataset.size(); i++) {
      count += dataset.label(i) == label ? 1 : 0;
    }
    return count;
  }
}
