package io.github.lenet.cli.output;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.data.ImageDataset;
import java.awt.image.BufferedImage;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ContactSheetTest {

  /** Three images of 2×2: the pixels of one row are 0 and 255, of the other 51 and 204. */
  private static final ImageDataset IMAGES =
      ImageDataset.of(
          2,
          2,
          new byte[] {0, -1, 51, -52, 0, -1, 51, -52, 0, -1, 51, -52},
          new byte[] {0, 1, 0},
          List.of("a", "a class with a name that is much longer than its image is wide"));

  @Test
  void drawsInkOnPaperScaledByAWholeNumber() {
    BufferedImage sheet = new ContactSheet("title", IMAGES, 1, 3).draw();

    int left = 16;
    int top = 16 + 28;
    for (int x : new int[] {left, left + 84 + 12, left + 2 * (84 + 12)}) {
      assertEquals(0xFFFFFFFF, sheet.getRGB(x, top));
      assertEquals(0xFFFFFFFF, sheet.getRGB(x + 41, top + 41));
      assertEquals(0xFF000000, sheet.getRGB(x + 42, top + 41));
      assertEquals(0xFFCCCCCC, sheet.getRGB(x + 41, top + 42));
      assertEquals(0xFF333333, sheet.getRGB(x + 83, top + 83));
    }
  }

  @Test
  void hasNoRoomForImagesThatAreNotThere() {
    ContactSheet sheet = new ContactSheet("title", IMAGES, 5, 2);

    assertEquals(3, sheet.shown());
    BufferedImage drawn = sheet.draw();
    assertEquals(16 + 2 * 84 + 12 + 16, drawn.getWidth());
    assertEquals(16 + 28 + 2 * (84 + 18) + 12 + 16, drawn.getHeight());
  }

  @Test
  void rejectsASheetThatNoMemoryHolds() {
    ImageDataset wide =
        ImageDataset.of(1, 5_000_000, new byte[10_000_000], new byte[2], List.of("a"));

    String message =
        assertThrows(IllegalArgumentException.class, () -> new ContactSheet("", wide, 1, 2))
            .getMessage();
    assertTrue(message.contains("images of 5000000 x 1 pixels"), message);
    assertTrue(message.contains("found 10,000,044 x 79"), message);
    assertEquals(1, new ContactSheet("", IMAGES, 1, 1).shown());
  }

  @Test
  void rejectsASheetWithoutEnd() {
    assertThrows(IllegalArgumentException.class, () -> new ContactSheet("", IMAGES, 0, 1));
    assertThrows(IllegalArgumentException.class, () -> new ContactSheet("", IMAGES, 1, 101));
  }
}
