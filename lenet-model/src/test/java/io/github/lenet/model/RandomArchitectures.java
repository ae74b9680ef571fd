package io.github.lenet.model;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Small networks of every kind, drawn by seed. */
public final class RandomArchitectures {

  private RandomArchitectures() {}

  /** The same ones for the same seed. */
  public static Stream<LeNetConfig> draw(int count, long seed) {
    Random random = new Random(seed);
    return Stream.generate(() -> next(random)).limit(count);
  }

  private static LeNetConfig next(Random random) {
    while (true) {
      try {
        return any(random);
      } catch (IllegalArgumentException e) {
        // Its layers do not fit into its images.
      }
    }
  }

  private static LeNetConfig any(Random random) {
    boolean blocks = random.nextBoolean(); // what FastForward has a way of its own for
    return LeNetConfig.builder()
        .imageSize(
            blocks ? 4 * between(2, 7, random) : between(2, 28, random),
            blocks ? 4 * between(2, 7, random) : between(2, 28, random))
        .kernelSize(blocks ? 1 + 2 * between(0, 2, random) : between(1, 7, random))
        .channels(numbers(between(blocks ? 2 : 1, 3, random), blocks ? 8 : 12, random))
        .pooling(one(Pooling.values(), random))
        .denseUnits(numbers(between(0, 3, random), 20, random))
        .activation(one(Activation.values(), random))
        .classes(between(2, 12, random))
        .build();
  }

  private static List<Integer> numbers(int count, int largest, Random random) {
    return IntStream.range(0, count).mapToObj(i -> between(1, largest, random)).toList();
  }

  private static int between(int first, int last, Random random) {
    return first + random.nextInt(last - first + 1);
  }

  private static <T> T one(T[] values, Random random) {
    return values[random.nextInt(values.length)];
  }
}
