package io.github.lenet.training.internal.figure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.util.List;
import org.junit.jupiter.api.Test;

class CanvasTest {

  private static final int WHITE = 0xFFFFFF;

  private static int rgb(BufferedImage image, int x, int y) {
    return image.getRGB(x, y) & 0xFFFFFF;
  }

  @Test
  void everyColourOfAGridIsARectangleWithSharpEdges() {
    Canvas canvas = new Canvas(10, 12, WHITE);
    canvas.grid(2, 3, 6, 8, 2, 3, (row, column) -> 10 * row + column);

    for (int y = 0; y < 12; y++) {
      for (int x = 0; x < 10; x++) {
        boolean inside = x >= 2 && x < 8 && y >= 3 && y < 11;
        int expected = inside ? 10 * ((y - 3) / 4) + (x - 2) / 2 : WHITE;
        assertEquals(expected, rgb(canvas.image(), x, y), x + ", " + y);
      }
    }
  }

  @Test
  void aFrameIsOnePixelWideAndOutsideOfItsArea() {
    Canvas canvas = new Canvas(7, 6, WHITE);
    canvas.frame(2, 2, 3, 2);

    StringBuilder drawn = new StringBuilder();
    for (int y = 0; y < 6; y++) {
      for (int x = 0; x < 7; x++) {
        drawn.append(rgb(canvas.image(), x, y) == WHITE ? '.' : '#');
      }
      drawn.append('\n');
    }
    assertEquals(
        """
        .......
        .#####.
        .#...#.
        .#...#.
        .#####.
        .......
        """,
        drawn.toString());
  }

  @Test
  void textStaysInItsRoom() {
    Canvas canvas = new Canvas(200, 30, WHITE);
    Canvas.TextStyle style = new Canvas.TextStyle(Canvas.INK, true, 14, 0.5);
    canvas.text(style, "much too long for so little room", 50, 20, 60);

    int least = 200;
    int most = 0;
    for (int x = 0; x < 200; x++) {
      for (int y = 0; y < 30; y++) {
        if (rgb(canvas.image(), x, y) != WHITE) {
          least = Math.min(least, x);
          most = Math.max(most, x);
        }
      }
    }
    assertTrue(least >= 49 && most <= 111, least + " to " + most);
    assertTrue(most - least > 30, "there is text");
  }

  @Test
  void aScaleReachesFromTheLowestToTheHighestNumber() {
    ColorScale grey = ColorScale.grey(List.of(new float[] {-1, Float.NaN}, new float[] {3}));

    assertEquals(0x000000, grey.rgb(-1));
    assertEquals(0x404040, grey.rgb(0)); // a quarter of 255 is 63.75
    assertEquals(0xFFFFFF, grey.rgb(3));
    assertEquals(0xFFFFFF, grey.rgb(99));
    assertEquals(0x000000, ColorScale.grey(List.of(new float[] {Float.NaN})).rgb(1));
    ColorScale diverging = ColorScale.diverging(new float[] {-2, 1});
    assertEquals(0x0067A5, diverging.rgb(-2));
    assertEquals(0xF7F7F7, diverging.rgb(0));
    assertEquals(0xBF4B00, diverging.rgb(2));
  }
}
