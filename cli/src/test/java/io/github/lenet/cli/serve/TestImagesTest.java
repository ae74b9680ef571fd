package io.github.lenet.cli.serve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.data.FashionMnist;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.data.Mnist;
import io.github.lenet.data.SampleGarments;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TestImagesTest {

  private static final List<String> GARMENTS = FashionMnist.SOURCE.classNames();
  private static final List<String> DIGITS = Mnist.SOURCE.classNames();

  @TempDir private Path empty;

  private static void assertOneOf(ImageDataset test, TestImages.Example example) {
    int label = test.label(example.index());
    assertEquals(test.classNames().get(label), example.label());
    assertArrayEquals(test.image(example.index()), example.pixels());
  }

  @Test
  void areDrawnWhereThereIsNothingElse() throws IOException {
    TestImages images = new TestImages(Optional.empty(), empty);

    TestImages.Example example = images.random(GARMENTS, 28, 28).orElseThrow();

    assertEquals("Sample garments", example.dataset());
    assertOneOf(SampleGarments.load().test(), example);
    assertTrue(images.random(GARMENTS, 32, 32).isEmpty(), "of another size than the model's");
    try (var left = Files.list(empty)) {
      assertEquals(0, left.count(), "files in a cache that is only looked at");
    }
  }

  @Test
  void areDrawnAlsoWhereTheUsersFilesAreNotWhole() {
    TestImages images = new TestImages(Optional.of(empty), empty);

    assertEquals("Sample garments", images.random(GARMENTS, 28, 28).orElseThrow().dataset());
  }

  @Test
  void areNotShownToAModelOfOtherClasses() {
    TestImages images = new TestImages(Optional.empty(), empty);

    assertFalse(images.random(DIGITS, 28, 28).isPresent());
    assertFalse(images.random(List.of("cat", "dog"), 28, 28).isPresent());
  }

  @Test
  @Tag("dataset")
  void areThePublishersOwnWhereTheyAreAtHand() throws IOException {
    Path data = Path.of(System.getProperty("lenet.test.data")).toAbsolutePath();
    TestImages images = new TestImages(Optional.of(data), empty);

    TestImages.Example garment = images.random(GARMENTS, 28, 28).orElseThrow();
    TestImages.Example digit = images.random(DIGITS, 28, 28).orElseThrow();

    assertEquals("Fashion-MNIST", garment.dataset());
    assertOneOf(FashionMnist.load(data).test(), garment);
    assertEquals("MNIST", digit.dataset());
    assertOneOf(Mnist.load(data).test(), digit);
  }
}
