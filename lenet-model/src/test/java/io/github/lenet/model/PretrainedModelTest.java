package io.github.lenet.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.model.internal.Sha256Sums;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PretrainedModelTest {

  private static final LeNetModel MODEL = SavedModels.random(LeNetConfig.classic(), 6);

  @TempDir Path directory;

  @Test
  void theClassicNetworkIsThere() throws IOException {
    try (LeNetClassifier classifier = LeNetClassifier.pretrained()) {
      assertEquals(LeNetConfig.classic(), classifier.model().architecture());
      assertEquals("ankle boot", classifier.model().classNames().get(9));
    }
  }

  @Test
  void whatWasWrittenIsReadBack() throws IOException {
    PretrainedModelWriter.write(MODEL, directory, "random", "numbers");
    byte[] weights = read("random.weights");
    LeNetModel found = PretrainedModel.decode("random", weights, read("random.properties"));

    assertEquals(4 * 61_706, weights.length);
    // The first float of the first parameter, little-endian.
    int first = Float.floatToIntBits(MODEL.parameters().get("conv1/kernel")[0]);
    assertEquals((byte) first, weights[0]);
    assertEquals((byte) (first >> 24), weights[3]);
    assertEquals(MODEL.architecture(), found.architecture());
    assertEquals(MODEL.classNames(), found.classNames());
    MODEL
        .parameters()
        .forEach((name, values) -> assertArrayEquals(values, found.parameters().get(name)));
  }

  @Test
  void aCorruptOneIsRefused() throws IOException {
    PretrainedModelWriter.write(MODEL, directory, "random", "numbers");
    byte[] weights = read("random.weights");
    String description = new String(read("random.properties"), StandardCharsets.UTF_8);

    byte[] flipped = weights.clone();
    flipped[1000] ^= 1;
    assertCorrupt("SHA-256: expected " + Sha256Sums.of(weights), flipped, description);
    assertCorrupt(
        "bytes: expected 246824, found 246820",
        Arrays.copyOf(weights, weights.length - 4),
        description);
    assertCorrupt("sha256 is missing", weights, description.replace("sha256", "title"));
    assertCorrupt("pooling is missing", weights, description.replace("pooling=avg\n", ""));
    assertCorrupt(
        "class names: expected 10, found 9",
        weights,
        description.replace("class 9", "").replace("8,", "8"));
    assertThrows(ModelFormatException.class, () -> PretrainedModel.load("absent"));
  }

  private static void assertCorrupt(String part, byte[] weights, String description) {
    String message =
        assertThrows(
                ModelFormatException.class,
                () ->
                    PretrainedModel.decode(
                        "random", weights, description.getBytes(StandardCharsets.UTF_8)))
            .getMessage();
    assertTrue(message.startsWith("pretrained model 'random': is corrupt: "), message);
    assertTrue(message.contains(part), message);
  }

  private byte[] read(String file) throws IOException {
    return Files.readAllBytes(directory.resolve(file));
  }

  /** To the image, and the whole confusion matrix: "test accuracy 0.9031 (9,031 of 10,000)". */
  @Test
  @Tag("dataset")
  void theModelCardTellsTheTruth() throws IOException {
    String card = LeNetModel.pretrained().card();
    Matcher claim =
        Pattern.compile("test accuracy 0\\.\\d+ \\(([\\d,]+) of 10,000\\)").matcher(card);
    assertTrue(claim.find(), card);
    int claimed = Integer.parseInt(claim.group(1).replace(",", ""));
    assertTrue(card.contains("value: 0." + claimed + "\n---\n"), "the metadata agrees");
    List<byte[]> images = testImages();
    byte[] labels = unzipped("t10k-labels-idx1-ubyte.gz", 8);
    int[][] confusion = new int[10][10];
    List<String> classNames;
    try (LeNetClassifier classifier = LeNetClassifier.pretrained()) {
      classNames = classifier.model().classNames();
      List<List<Prediction>> found = classifier.predictBatch(images, 1);
      for (int i = 0; i < labels.length; i++) {
        confusion[labels[i]][found.get(i).get(0).classIndex()]++;
      }
    }
    int right = 0;
    for (int label = 0; label < 10; label++) {
      right += confusion[label][label];
      String row =
          "| "
              + classNames.get(label)
              + " | "
              + Arrays.stream(confusion[label])
                  .mapToObj(String::valueOf)
                  .collect(Collectors.joining(" | "));
      assertTrue(card.contains(row + " |\n"), row);
    }
    assertEquals(claimed, right);
    assertTrue(
        card.contains(Sha256Sums.of(PretrainedModel.encode(PretrainedModel.load("classic")))),
        "the card has the weights' SHA-256");
  }

  /** The rule by which {@link Polarity#AUTO} tells dark on light leaves every one as it is. */
  @Test
  @Tag("dataset")
  void fashionMnistIsLightOnDark() throws IOException {
    for (byte[] pixels : testImages()) {
      assertArrayEquals(
          pixels,
          ImagePreprocessor.DEFAULT.convert(ImagePreprocessorTest.grey(28, 28, pixels), 28, 28));
    }
  }

  private static List<byte[]> testImages() throws IOException {
    byte[] all = unzipped("t10k-images-idx3-ubyte.gz", 16);
    List<byte[]> images = new ArrayList<>();
    for (int begin = 0; begin < all.length; begin += 784) {
      images.add(Arrays.copyOfRange(all, begin, begin + 784));
    }
    assertEquals(10_000, images.size());
    return images;
  }

  /** A file of Fashion-MNIST's without its header, which the data module knows all about. */
  private static byte[] unzipped(String file, int header) throws IOException {
    String data = System.getProperty("lenet.test.data", "");
    assertFalse(data.isBlank(), "-Dlenet.test.data=DIR must name a directory with the data");
    try (InputStream stream =
        new GZIPInputStream(Files.newInputStream(Path.of(data, "fashion-mnist", file)))) {
      stream.skipNBytes(header);
      return stream.readAllBytes();
    }
  }
}
