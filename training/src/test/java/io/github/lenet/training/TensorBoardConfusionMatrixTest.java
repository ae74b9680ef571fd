package io.github.lenet.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TensorBoardConfusionMatrixTest {

  /** Cells of 46 pixels, a pixel of paper around each; the colours mixed by hand. */
  @Test
  void theShareOfTheRowIsTheColour() {
    BufferedImage image =
        TensorBoardConfusionMatrix.drawCells(
            new ConfusionMatrix(
                List.of("a", "b", "c"),
                List.of(List.of(4, 0, 0), List.of(1, 3, 0), List.of(0, 0, 0))));

    assertEquals(3 * 46, image.getWidth());
    assertEquals(3 * 46, image.getHeight());
    assertEquals(0x0067A5, rgb(image, 0, 0)); // all of it: the blue itself
    assertEquals(0xF3F5F7, rgb(image, 0, 1));
    // 0.08 + 0.92 · ¾ = 0.77 of blue; 0.08 + 0.92 · √¼ = 0.54 of orange, on F3F5F7
    assertEquals(0x3888B8, rgb(image, 1, 1));
    assertEquals(0xD79972, rgb(image, 1, 0));
    assertEquals(0xF3F5F7, rgb(image, 2, 2)); // no image of it
    assertEquals(0xFFFFFF, image.getRGB(45, 20) & 0xFFFFFF);
    assertEquals(0x0067A5, image.getRGB(44, 44) & 0xFFFFFF);
  }

  private static int rgb(BufferedImage image, int label, int answer) {
    return image.getRGB(answer * 46 + 4, label * 46 + 4) & 0xFFFFFF;
  }

  @Test
  void wordsStandBesideTheCellsAndNumbersInThem() {
    ConfusionMatrix matrix =
        new ConfusionMatrix(
            List.of("shirt", "ankle boot", "bag"),
            List.of(List.of(9, 1, 0), List.of(0, 8, 0), List.of(0, 0, 7)));
    BufferedImage cells = TensorBoardConfusionMatrix.drawCells(matrix);
    BufferedImage image = TensorBoardConfusionMatrix.draw(matrix);

    int left = image.getWidth() - 12 - 3 * 46; // the margin is on the right
    assertTrue(left > 60, "names need room");
    assertTrue(image.getHeight() > 3 * 46 + 60, "names need room");
    int top = 0;
    while ((image.getRGB(left + 4, top) & 0xFFFFFF) != 0x1674AD) { // 0.908 of blue
      top++;
    }
    top--; // a cell's border
    for (int label = 0; label < 3; label++) {
      for (int answer = 0; answer < 3; answer++) {
        int ink = 0;
        for (int y = 0; y < 46; y++) {
          for (int x = 0; x < 46; x++) {
            int plain = cells.getRGB(answer * 46 + x, label * 46 + y);
            int found = image.getRGB(left + answer * 46 + x, top + label * 46 + y);
            boolean middle = Math.abs(x - 23) < 10 && Math.abs(y - 23) < 10;
            if (middle) {
              ink += plain == found ? 0 : 1;
            } else {
              assertEquals(plain, found, "outside of the number");
            }
          }
        }
        assertEquals(matrix.count(label, answer) > 0, ink > 10, label + " " + answer);
      }
    }
    assertTrue(ink(image, 0, top, left, 46) > 20, "shirt");
    assertTrue(ink(image, 0, top + 46, left, 46) > 20, "ankle boot");
    assertTrue(ink(image, 0, top + 138, image.getWidth(), image.getHeight() - top - 138) > 40);
    // Nothing is cut off.
    assertEquals(0, ink(image, 0, 0, image.getWidth(), 2));
    assertEquals(0, ink(image, 0, 0, 2, image.getHeight()));
    assertEquals(0, ink(image, image.getWidth() - 2, 0, 2, image.getHeight()));
    assertEquals(0, ink(image, 0, image.getHeight() - 2, image.getWidth(), 2));
  }

  /** Pixels that are not white. */
  private static int ink(BufferedImage image, int left, int top, int width, int height) {
    return (int)
        IntStream.of(image.getRGB(left, top, width, height, null, 0, width))
            .filter(rgb -> (rgb & 0xFFFFFF) != 0xFFFFFF)
            .count();
  }

  @Test
  void manyClassesWithLongNamesStillMakeAnImage() {
    List<String> names = IntStream.range(0, 256).mapToObj(i -> i + " " + "x".repeat(80)).toList();
    List<Integer> row = Collections.nCopies(256, 1);
    BufferedImage image =
        TensorBoardConfusionMatrix.draw(new ConfusionMatrix(names, Collections.nCopies(256, row)));

    assertTrue(image.getWidth() > 256 * 14 && image.getWidth() < 256 * 14 + 220);
    assertTrue(image.getHeight() > 256 * 14 && image.getHeight() < 256 * 14 + 220);
  }
}
