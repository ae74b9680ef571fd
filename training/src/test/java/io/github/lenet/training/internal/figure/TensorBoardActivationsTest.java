package io.github.lenet.training.internal.figure;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lenet.training.evaluation.FeatureMaps;
import java.awt.image.BufferedImage;
import java.util.List;
import org.junit.jupiter.api.Test;

class TensorBoardActivationsTest {

  /** Two images of 2×2 pixels, two channels: everything 28 times as large. */
  @Test
  void eachImageStandsBesideItsMaps() {
    BufferedImage grid =
        TensorBoardActivations.draw(
            List.of(new byte[] {0, 64, (byte) 128, (byte) 255}, new byte[] {1, 2, 3, 4}),
            2,
            List.of(
                new FeatureMaps("conv1", 2, 2, 2, new float[] {-1, 0, 0, 0, 4, 0, 0, 0}),
                new FeatureMaps("conv1", 2, 2, 2, new float[] {0, 1, 0, 2, 0, 3, 0, 0.5f})));

    assertEquals(4 + 56 + 12 + 2 * 60, grid.getWidth());
    assertEquals(4 + 56 + 12 + 56 + 4, grid.getHeight());
    assertSquares(grid, 4, 4, 0x000000, 0x404040, 0x808080, 0xFFFFFF);
    assertSquares(grid, 4, 72, 0x010101, 0x020202, 0x030303, 0x040404);
    // From -1, black, to 4, white: 0 is a fifth of the way, 51.
    assertSquares(grid, 72, 4, 0x000000, 0x333333, 0xFFFFFF, 0x333333);
    assertSquares(grid, 132, 4, 0x333333, 0x333333, 0x333333, 0x333333);
    assertSquares(grid, 72, 72, 0x333333, 0x333333, 0x333333, 0x333333);
    assertSquares(grid, 132, 72, 0x666666, 0x999999, 0xCCCCCC, 0x4D4D4D);
    assertEquals(0xB4C6DC, grid.getRGB(3, 3) & 0xFFFFFF);
    assertEquals(0xB4C6DC, grid.getRGB(66, 30) & 0xFFFFFF);
  }

  private static void assertSquares(BufferedImage grid, int left, int top, int... colors) {
    for (int y = 0; y < 56; y++) {
      for (int x = 0; x < 56; x++) {
        int expected = colors[y / 28 * 2 + x / 28];
        assertEquals(expected, grid.getRGB(left + x, top + y) & 0xFFFFFF, x + ", " + y);
      }
    }
  }

  @Test
  void manyChannelsGoIntoLinesAndTheLastOnesAreLeftOut() {
    float[] answers = new float[65];
    answers[9] = 1;
    answers[64] = 2;
    BufferedImage grid =
        TensorBoardActivations.draw(
            List.of(new byte[60 * 100]), 100, List.of(new FeatureMaps("conv1", 1, 1, 65, answers)));

    assertEquals(4 + 100 + 12 + 8 * 60, grid.getWidth());
    assertEquals(4 + 8 * 60, grid.getHeight());
    assertEquals(0x808080, grid.getRGB(116 + 60 + 20, 4 + 60 + 20) & 0xFFFFFF);
  }

  @Test
  void aLayerThatAnswersTheSameEverywhereIsBlack() {
    BufferedImage grid =
        TensorBoardActivations.draw(
            List.of(new byte[4]), 2, List.of(new FeatureMaps("conv1", 1, 1, 1, new float[] {7})));

    assertEquals(0x000000, grid.getRGB(72 + 20, 20) & 0xFFFFFF);
  }
}
