package io.github.lenet.cli.output;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.cli.output.ActivationsFigure.Shown;
import io.github.lenet.training.evaluation.Activations;
import io.github.lenet.training.evaluation.FeatureMaps;
import java.awt.image.BufferedImage;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ActivationsFigureTest {

  /** Where a first map lies: margin, image, label; title, a kernel row, head, number. */
  private static final int LEFT = 16 + 112 + 24 + 92 + 16;

  private static final int KERNEL_TOP = 52 + 13;
  private static final int KERNEL_HEIGHT = 10 + 13 + 42 + 4;
  private static final int BLOCK_TOP = 52 + KERNEL_HEIGHT + 40;
  private static final int BLOCK_HEIGHT = 40 + 10 + 13 + 84 + 4;

  private static final FeatureMaps KERNELS =
      new FeatureMaps("conv1/kernel", 1, 2, 2, new float[] {-2, 0, 2, 1});

  private static Activations activations(float[]... answers) {
    return new Activations(
        KERNELS,
        List.of(answers).stream()
            .map(answer -> List.of(new FeatureMaps("conv1", 2, 2, 2, answer)))
            .toList());
  }

  @Test
  void givesANumberTheSameColourInAllImages() {
    Activations activations =
        activations(new float[] {0, 4, 1, 4, 2, 4, 4, 4}, new float[] {4, 8, 0, 8, 0, 8, 0, 8});
    byte[] pixels = {0, -1, 51, -52};
    List<Shown> shown = List.of(new Shown("a", "x", pixels), new Shown("b", "y", pixels));

    BufferedImage figure = new ActivationsFigure("title", activations, shown).draw();

    // Viridis at 0, 1/8, 1/4, 1/2 and 1, as matplotlib lists it.
    assertEquals(0xFF440154, figure.getRGB(LEFT, BLOCK_TOP + 13));
    assertEquals(0xFF472D7B, figure.getRGB(LEFT + 83, BLOCK_TOP + 13));
    assertEquals(0xFF3B528B, figure.getRGB(LEFT, BLOCK_TOP + 13 + 83));
    assertEquals(0xFF21918C, figure.getRGB(LEFT + 83, BLOCK_TOP + 13 + 83));
    assertEquals(0xFF21918C, figure.getRGB(LEFT + 88, BLOCK_TOP + 13));
    assertEquals(0xFF21918C, figure.getRGB(LEFT, BLOCK_TOP + BLOCK_HEIGHT + 13));
    assertEquals(0xFFFDE725, figure.getRGB(LEFT + 88, BLOCK_TOP + BLOCK_HEIGHT + 13));
    assertEquals(52 + KERNEL_HEIGHT + 2 * BLOCK_HEIGHT + 16, figure.getHeight());
    // The image as ink on paper.
    assertEquals(0xFFFFFFFF, figure.getRGB(16, BLOCK_TOP + 13));
    assertEquals(0xFF000000, figure.getRGB(16 + 111, BLOCK_TOP + 13));
    assertEquals(0xFFCCCCCC, figure.getRGB(16, BLOCK_TOP + 13 + 111));
  }

  @Test
  void drawsZeroOfAKernelInWhite() {
    Activations activations = activations(new float[8]);
    List<Shown> shown = List.of(new Shown("a", "x", new byte[4]));

    BufferedImage figure = new ActivationsFigure("title", activations, shown).draw();

    assertEquals(0xFF0067A5, figure.getRGB(LEFT, KERNEL_TOP));
    assertEquals(0xFFBF4B00, figure.getRGB(LEFT + 83, KERNEL_TOP));
    assertEquals(0xFFF7F7F7, figure.getRGB(LEFT + 88, KERNEL_TOP));
    assertEquals(0xFFDBA17C, figure.getRGB(LEFT + 88 + 83, KERNEL_TOP)); // half way to orange
    // A layer that answers the same everywhere has a colour all the same.
    assertEquals(0xFF440154, figure.getRGB(LEFT, BLOCK_TOP + 13));
  }

  @Test
  void breaksALineOfMoreMapsThanThereIsRoomFor() {
    int channels = 100;
    FeatureMaps maps = new FeatureMaps("conv1", 2, 2, channels, new float[4 * channels]);
    Activations activations = new Activations(KERNELS, List.of(List.of(maps)));

    BufferedImage figure =
        new ActivationsFigure("t", activations, List.of(new Shown("a", "x", new byte[4]))).draw();

    assertEquals(LEFT + 16 * 46 + 16, figure.getWidth());
    int lines = 4; // of 30 at 24 pixels
    assertEquals(BLOCK_TOP + 10 + lines * (13 + 20 + 4) + 16, figure.getHeight());
  }

  @Test
  void rejectsAFigureThatNoMemoryHolds() {
    Activations activations = activations(new float[8]);
    List<Shown> none = List.of();
    assertThrows(
        IllegalArgumentException.class, () -> new ActivationsFigure("t", activations, none));

    List<FeatureMaps> row = activations.images().get(0);
    int many = 1_000_000;
    Activations all = new Activations(KERNELS, Collections.nCopies(many, row));
    List<Shown> shown = Collections.nCopies(many, new Shown("a", "x", new byte[4]));
    String message =
        assertThrows(IllegalArgumentException.class, () -> new ActivationsFigure("t", all, shown))
            .getMessage();
    assertTrue(message.contains("found 1,012 x 151,000,137. Show fewer images."), message);
  }
}
