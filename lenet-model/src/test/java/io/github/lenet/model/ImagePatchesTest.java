package io.github.lenet.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

@ExtendWith(OwnGraphs.class)
class ImagePatchesTest {

  @ParameterizedTest
  @CsvSource({"28, 28", "12, 20", "4, 4", "32, 8"})
  void areEightByEightPixelsOfThePaddedImageInFourQuarters(int height, int width) {
    Random random = new Random(3);
    List<byte[]> images =
        Stream.generate(() -> new byte[height * width]).limit(3).peek(random::nextBytes).toList();
    byte[] patches = ImagePatches.of(images, height, width);

    int columns = width / 4;
    int perImage = height / 4 * columns;
    assertEquals(3 * perImage * 64, patches.length);
    for (int i = 0; i < patches.length; i++) {
      int patch = i / 64 % perImage;
      int quarter = i % 64 / 16;
      int y = 4 * (patch / columns) - 2 + 4 * (quarter / 2) + i % 16 / 4;
      int x = 4 * (patch % columns) - 2 + 4 * (quarter % 2) + i % 4;
      boolean isInside = y >= 0 && y < height && x >= 0 && x < width;
      byte[] image = images.get(i / 64 / perImage);
      assertEquals(isInside ? image[y * width + x] : 0, patches[i], "value " + i);
    }
    assertArrayEquals(values(patches), inAGraph(images, height, width));
  }

  private static float[] inAGraph(List<byte[]> images, int height, int width) {
    float[][][] pixels = new float[images.size()][height][width];
    for (int i = 0; i < images.size(); i++) {
      for (int at = 0; at < height * width; at++) {
        pixels[i][at / width][at % width] = images.get(i)[at] & 0xff;
      }
    }
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Operand<TFloat32> patches = ImagePatches.of(tf, tf.constant(pixels), height, width);
      try (var result = session.runner().fetch(patches).run()) {
        return InferenceGraph.values((TFloat32) result.get(0));
      }
    }
  }

  private static float[] values(byte[] bytes) {
    float[] values = new float[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      values[i] = bytes[i] & 0xff;
    }
    return values;
  }
}
