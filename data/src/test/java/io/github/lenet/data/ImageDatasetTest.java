package io.github.lenet.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ImageDatasetTest {
  private static final List<String> NAMES =
      IntStream.range(0, 256).mapToObj(String::valueOf).toList();

  /** 250 images of 2 x 3; image i has label i, and pixels that begin with i. */
  private static ImageDataset numbered() {
    byte[] images = new byte[250 * 6];
    byte[] labels = new byte[250];
    for (int i = 0; i < 250; i++) {
      labels[i] = (byte) i;
      for (int p = 0; p < 6; p++) {
        images[6 * i + p] = (byte) (i + p);
      }
    }
    return ImageDataset.of(2, 3, images, labels, NAMES);
  }

  private static List<Integer> order(Iterable<ImageBatch> batches) {
    List<Integer> order = new ArrayList<>();
    for (ImageBatch batch : batches) {
      try (batch) {
        for (int i = 0; i < batch.size(); i++) {
          order.add(Byte.toUnsignedInt(batch.labels().getByte(i)));
        }
      }
    }
    return order;
  }

  @Test
  void labelsAreUnsigned() {
    assertEquals(249, numbered().label(249));
  }

  @Test
  void imagesAreCopies() {
    ImageDataset dataset = numbered();
    dataset.image(7)[0] = 99;
    assertArrayEquals(new byte[] {7, 8, 9, 10, 11, 12}, dataset.image(7));
  }

  @Test
  void theCallersArraysAreCopied() {
    byte[] images = {1, 2};
    byte[] labels = {0};
    ImageDataset dataset = ImageDataset.of(1, 2, images, labels, List.of("a"));
    images[0] = 9;
    labels[0] = 9;
    assertArrayEquals(new byte[] {1, 2}, dataset.image(0));
    assertEquals(0, dataset.label(0));
  }

  @Test
  void rejectsWhatDoesNotFitTogether() {
    List<String> one = List.of("a");
    assertThrows(
        IllegalArgumentException.class, () -> ImageDataset.of(1, 2, new byte[3], new byte[1], one));
    assertThrows(
        IllegalArgumentException.class, () -> ImageDataset.of(0, 2, new byte[0], new byte[1], one));
    assertThrows(
        IllegalArgumentException.class, () -> ImageDataset.of(1, 2, new byte[0], new byte[0], one));
    assertThrows(
        IllegalArgumentException.class,
        () -> ImageDataset.of(1, 2, new byte[2], new byte[] {1}, one));
  }

  @Test
  void indicesOutsideAreRejected() {
    ImageDataset first = numbered().first(10);
    assertThrows(IndexOutOfBoundsException.class, () -> first.label(10));
    assertThrows(IndexOutOfBoundsException.class, () -> first.image(-1));
  }

  @Test
  void theFirstImagesAreTheFirst() {
    ImageDataset first = numbered().first(10);
    assertEquals(10, first.size());
    assertEquals(List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9), order(first.batches(4)));
    assertEquals(256, first.classCount());
    assertThrows(IllegalArgumentException.class, () -> first.first(11));
    assertThrows(IllegalArgumentException.class, () -> first.first(0));
  }

  @Test
  void aShuffleIsAPermutation() {
    List<Integer> order = order(numbered().shuffledBatches(32, 1));
    List<Integer> sorted = new ArrayList<>(order);
    Collections.sort(sorted);
    assertEquals(IntStream.range(0, 250).boxed().toList(), sorted);
    assertFalse(order.equals(sorted), "the order has changed");
  }

  /** One batch of all, batches of one, ragged ones, batches that are larger than the set. */
  @Test
  void everyImageIsInOneBatchWhateverTheSizes() {
    Random random = new Random(3);
    for (int trial = 0; trial < 300; trial++) {
      int size = 1 + random.nextInt(250);
      int batchSize = trial % 3 == 0 ? 1 + trial % 2 * (size - 1) : 1 + random.nextInt(2 * size);
      Iterable<ImageBatch> batches =
          numbered().first(size).shuffledBatches(batchSize, random.nextLong());
      int[] count = {0};
      batches.forEach(
          batch -> {
            batch.close();
            count[0]++;
          });
      assertEquals((size + batchSize - 1) / batchSize, count[0]);
      List<Integer> order = order(batches);
      Collections.sort(order);
      assertEquals(IntStream.range(0, size).boxed().toList(), order);
    }
  }

  @Test
  void theSameSeedGivesTheSameOrderWhateverTheBatchSize() {
    assertEquals(order(numbered().shuffledBatches(32, 5)), order(numbered().shuffledBatches(7, 5)));
  }

  @Test
  void anotherSeedGivesAnotherOrder() {
    assertFalse(
        order(numbered().shuffledBatches(32, 5)).equals(order(numbered().shuffledBatches(32, 6))));
  }

  @Test
  void theShuffleIsFisherYatesAsInTheJdk() {
    // Collections.shuffle is specified to be Fisher-Yates from the last element to the first.
    List<Integer> expected = new ArrayList<>(IntStream.range(0, 250).boxed().toList());
    Collections.shuffle(expected, new Random(17));
    assertEquals(expected, order(numbered().shuffledBatches(32, 17)));
  }

  @Test
  void aShufflePutsEachImageInEachPlaceAboutAsOften() {
    ImageDataset three = numbered().first(3);
    int[][] counts = new int[3][3];
    for (int seed = 0; seed < 900; seed++) {
      List<Integer> order = order(three.shuffledBatches(3, seed));
      for (int place = 0; place < 3; place++) {
        counts[order.get(place)][place]++;
      }
    }
    for (int[] image : counts) {
      for (int count : image) {
        // 300 expected, standard deviation 14.
        assertEquals(300, count, 70, Arrays.deepToString(counts));
      }
    }
  }

  @Test
  void aSplitIsDisjointAndComplete() {
    ImageDataset.Split split = numbered().split(0.2, 3);
    assertEquals(200, split.train().size());
    assertEquals(50, split.validation().size());
    Set<Integer> all = new HashSet<>(order(split.train().batches(64)));
    all.addAll(order(split.validation().batches(64)));
    assertEquals(250, all.size());
    assertEquals(256, split.validation().classCount());
  }

  @Test
  void aSplitKeepsImagesAndLabelsTogether() {
    ImageDataset validation = numbered().split(0.5, 3).validation();
    ImageDataset again = validation.split(0.5, 4).train();
    for (int i = 0; i < again.size(); i++) {
      assertEquals(again.label(i), Byte.toUnsignedInt(again.image(i)[0]));
    }
  }

  @Test
  void aSplitGoesBySeed() {
    ImageDataset dataset = numbered();
    assertEquals(
        order(dataset.split(0.1, 1).validation().batches(50)),
        order(dataset.split(0.1, 1).validation().batches(50)));
    assertFalse(
        order(dataset.split(0.1, 1).validation().batches(50))
            .equals(order(dataset.split(0.1, 2).validation().batches(50))));
  }

  @Test
  void rejectsASplitWithAnEmptySide() {
    ImageDataset dataset = numbered();
    for (double fraction : new double[] {0, 1, -0.1, 1.5, Double.NaN, 0.0001, 0.9999}) {
      assertThrows(IllegalArgumentException.class, () -> dataset.split(fraction, 1));
    }
  }

  @Test
  void aSplitMayLeaveASingleImageOnEitherSide() {
    ImageDataset ten = numbered().first(10);
    assertEquals(1, ten.split(0.1, 1).validation().size());
    assertEquals(1, ten.split(0.9, 1).train().size());
  }

  @Test
  void aSplitOfASplitHasTheImagesOfThatSplit() {
    ImageDataset part = numbered().split(0.5, 1).train();
    List<Integer> before = order(part.batches(125));
    ImageDataset.Split again = part.split(0.2, 2);
    List<Integer> after = order(again.train().batches(125));
    after.addAll(order(again.validation().batches(125)));
    Collections.sort(before);
    Collections.sort(after);
    assertEquals(before, after);
  }

  @Test
  void allImagesAreTheFirstOnesToo() {
    ImageDataset dataset = numbered();
    assertEquals(250, dataset.first(250).size());
    assertEquals(1, dataset.first(1).size());
    assertThrows(IllegalArgumentException.class, () -> dataset.first(0));
    assertThrows(IllegalArgumentException.class, () -> dataset.first(251));
  }

  @Test
  void rejectsImagesWithoutHeightOrWidth() {
    byte[] none = new byte[0];
    byte[] label = {0};
    for (int[] size : new int[][] {{0, 3}, {3, 0}}) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () -> ImageDataset.of(size[0], size[1], none, label, NAMES));
      assertEquals(
          "height (%s) and width (%s) must be positive".formatted(size[0], size[1]),
          e.getMessage());
    }
  }
}
