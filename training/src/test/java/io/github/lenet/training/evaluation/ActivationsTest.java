package io.github.lenet.training.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.LeNetModel;
import io.github.lenet.training.Images;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ActivationsTest {

  private static LeNetModel model;

  @BeforeAll
  static void load() throws IOException {
    model = LeNetModel.pretrained();
  }

  @Test
  void areWhatLoopsOverArraysGive() {
    ImageDataset images = Images.bars(3, 7);
    Activations activations = Activations.of(model, List.of(images.image(0), images.image(2)));

    assertEquals(2, activations.images().size());
    for (int i = 0; i < 2; i++) {
      byte[] pixels = images.image(2 * i);
      double[][][] x = new double[28][28][1];
      for (int p = 0; p < pixels.length; p++) {
        x[p / 28][p % 28][0] = Byte.toUnsignedInt(pixels[p]) / 255.0;
      }
      List<FeatureMaps> layers = activations.images().get(i);
      assertEquals(
          List.of("conv1", "pool1", "conv2", "pool2"),
          layers.stream().map(FeatureMaps::layer).toList());
      x = convolve(x, 6, 2, parameter("conv1/kernel"), parameter("conv1/bias"));
      assertSame(x, layers.get(0));
      x = mean(x);
      assertSame(x, layers.get(1));
      x = convolve(x, 16, 0, parameter("conv2/kernel"), parameter("conv2/bias"));
      assertSame(x, layers.get(2));
      x = mean(x);
      assertSame(x, layers.get(3));
    }
  }

  @Test
  void haveTheKernelsOfTheFirstLayer() {
    FeatureMaps kernels = Activations.of(model, List.of(new byte[784])).kernels();

    assertEquals(List.of(5, 5, 6), List.of(kernels.height(), kernels.width(), kernels.channels()));
    assertArrayEquals(parameter("conv1/kernel"), kernels.values());
  }

  @Test
  void giveMeanAndMaximumOfAChannel() {
    FeatureMaps maps = new FeatureMaps("conv1", 1, 3, 2, new float[] {1, -5, 2, -4, 6, -9});

    assertEquals(3, maps.mean(0));
    assertEquals(6, maps.max(0));
    assertEquals(-6, maps.mean(1));
    assertEquals(-4, maps.max(1));
    assertEquals(-9, maps.value(0, 2, 1));
  }

  @Test
  void rejectImagesOfAnotherSize() {
    List<byte[]> wrong = List.of(new byte[784], new byte[783]);
    String message =
        assertThrows(IllegalArgumentException.class, () -> Activations.of(model, wrong))
            .getMessage();
    assertEquals("image 1: expected 784 bytes, found 783", message);
    assertThrows(IllegalArgumentException.class, () -> Activations.of(model, List.of()));
    assertThrows(
        IllegalArgumentException.class, () -> new FeatureMaps("conv1", 2, 2, 1, new float[3]));
  }

  private static void assertSame(double[][][] expected, FeatureMaps found) {
    assertEquals(expected.length, found.height());
    assertEquals(expected[0].length, found.width());
    assertEquals(expected[0][0].length, found.channels());
    for (int row = 0; row < expected.length; row++) {
      for (int column = 0; column < expected[0].length; column++) {
        for (int channel = 0; channel < expected[0][0].length; channel++) {
          String where = "%s %s %s %s".formatted(found.layer(), row, column, channel);
          double value = expected[row][column][channel];
          assertEquals(value, found.value(row, column, channel), 1e-5, where);
        }
      }
    }
  }

  /** Sums over 5×5 windows, then the sigmoid. */
  private static double[][][] convolve(
      double[][][] x, int channels, int padding, float[] kernel, float[] bias) {
    int size = x.length + 2 * padding - 4;
    double[][][] y = new double[size][size][channels];
    for (int row = 0; row < size; row++) {
      for (int column = 0; column < size; column++) {
        for (int out = 0; out < channels; out++) {
          double sum = bias[out];
          for (int window = 0; window < 25; window++) {
            int r = row + window / 5 - padding;
            int c = column + window % 5 - padding;
            if (r >= 0 && r < x.length && c >= 0 && c < x.length) {
              for (int in = 0; in < x[r][c].length; in++) {
                sum += x[r][c][in] * kernel[(window * x[r][c].length + in) * channels + out];
              }
            }
          }
          y[row][column][out] = 1 / (1 + Math.exp(-sum));
        }
      }
    }
    return y;
  }

  private static double[][][] mean(double[][][] x) {
    double[][][] y = new double[x.length / 2][x.length / 2][x[0][0].length];
    for (int row = 0; row < 2 * y.length; row++) {
      for (int column = 0; column < 2 * y.length; column++) {
        for (int channel = 0; channel < x[0][0].length; channel++) {
          y[row / 2][column / 2][channel] += x[row][column][channel] / 4;
        }
      }
    }
    return y;
  }

  private static float[] parameter(String name) {
    return model.parameters().get(name);
  }
}
