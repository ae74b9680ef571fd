package io.github.lenet.training;

import io.github.lenet.data.DatasetSplits;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.data.Provenance;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Images for tests, drawn by seed. */
public final class Images {

  private Images() {}

  /** 28×28 noise, labels 0 to 9 in turn: nothing to generalise, something to memorise. */
  public static ImageDataset noise(int count, long seed) {
    return noise(count, 28, 28, 10, seed);
  }

  public static ImageDataset noise(int count, int height, int width, int classes, long seed) {
    byte[] pixels = new byte[count * height * width];
    new Random(seed).nextBytes(pixels);
    byte[] labels = new byte[count];
    for (int i = 0; i < count; i++) {
      labels[i] = (byte) (i % classes);
    }
    return ImageDataset.of(height, width, pixels, labels, names(classes));
  }

  /** 28×28, each class a bright bar at its own height on noise: easy to learn. */
  public static ImageDataset bars(int count, long seed) {
    Random random = new Random(seed);
    byte[] pixels = new byte[count * 28 * 28];
    byte[] labels = new byte[count];
    for (int i = 0; i < count; i++) {
      labels[i] = (byte) random.nextInt(10);
      for (int row = 0; row < 28; row++) {
        int light = row / 3 == labels[i] ? 200 : 0;
        for (int column = 0; column < 28; column++) {
          pixels[(i * 28 + row) * 28 + column] = (byte) (light + random.nextInt(50));
        }
      }
    }
    return ImageDataset.of(28, 28, pixels, labels, names(10));
  }

  public static DatasetSplits splits(ImageDataset train, ImageDataset test) {
    return new DatasetSplits(
        train, test, new Provenance("bars", "Bars", "none", "made for a test", List.of()));
  }

  private static List<String> names(int classes) {
    return IntStream.range(0, classes).mapToObj(Integer::toString).toList();
  }
}
