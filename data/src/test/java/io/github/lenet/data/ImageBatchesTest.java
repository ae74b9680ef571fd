package io.github.lenet.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.tensorflow.ndarray.Shape;

class ImageBatchesTest {
  private static final ImageDataset TEN =
      ImageDataset.of(
          2,
          2,
          new byte[] {
            1, 2, 3, 4, 11, 12, 13, 14, 21, 22, 23, 24, 31, 32, 33, 34, 41, 42, 43, 44, 51, 52, 53,
            54, 61, 62, 63, 64, 71, 72, 73, 74, 81, 82, 83, 84, -1, -2, -3, -4
          },
          new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9},
          FashionMnist.SOURCE.classNames());

  @Test
  void theLastBatchIsRagged() {
    Iterable<ImageBatch> batches = TEN.batches(4);
    int[] sizes = new int[3];
    int i = 0;
    for (ImageBatch batch : batches) {
      try (batch) {
        sizes[i++] = batch.size();
        assertEquals(Shape.of(batch.size(), 2, 2), batch.images().shape());
        assertEquals(Shape.of(batch.size()), batch.labels().shape());
      }
    }
    assertEquals(List.of(4, 4, 2), List.of(sizes[0], sizes[1], sizes[2]));
  }

  @Test
  void aHugeBatchSizeGivesOneBatch() {
    Iterator<ImageBatch> batches = TEN.batches(Integer.MAX_VALUE).iterator();
    try (ImageBatch batch = batches.next()) {
      assertEquals(10, batch.size());
    }
    assertFalse(batches.hasNext());
  }

  @Test
  void theTensorsHoldTheDataSetsPixelsAndLabels() {
    int image = 0;
    for (ImageBatch batch : TEN.batches(3)) {
      try (batch) {
        for (int i = 0; i < batch.size(); i++, image++) {
          assertEquals(TEN.label(image), batch.labels().getByte(i));
          byte[] pixels = TEN.image(image);
          for (int p = 0; p < 4; p++) {
            assertEquals(pixels[p], batch.images().getByte(i, p / 2, p % 2));
          }
        }
      }
    }
    assertEquals(10, image);
  }

  @Test
  void shuffledImagesKeepTheirLabels() {
    for (ImageBatch batch : TEN.shuffledBatches(4, 8)) {
      try (batch) {
        for (int i = 0; i < batch.size(); i++) {
          byte[] pixels = TEN.image(batch.labels().getByte(i));
          assertEquals(pixels[3], batch.images().getByte(i, 1, 1));
        }
      }
    }
  }

  @Test
  void canBeRunOverAgain() {
    Iterable<ImageBatch> batches = TEN.shuffledBatches(4, 8);
    for (int run = 0; run < 2; run++) {
      int size = 0;
      for (ImageBatch batch : batches) {
        try (batch) {
          size += batch.size();
        }
      }
      assertEquals(10, size);
    }
  }

  @Test
  void rejectsABatchSizeThatIsNotPositive() {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> TEN.batches(0));
    assertEquals("batchSize (0) must be positive", e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> TEN.shuffledBatches(-1, 1));
  }

  @Test
  void theIteratorEnds() {
    Iterator<ImageBatch> batches = TEN.batches(10).iterator();
    batches.next().close();
    assertFalse(batches.hasNext());
    assertThrows(NoSuchElementException.class, batches::next);
  }

  @Test
  void aClosedBatchGivesNoTensorsAndCanBeClosedAgain() {
    ImageBatch batch = TEN.batches(10).iterator().next();
    batch.close();
    batch.close();
    assertEquals(10, batch.size());
    assertThrows(IllegalStateException.class, batch::images);
    assertThrows(IllegalStateException.class, batch::labels);
  }
}
