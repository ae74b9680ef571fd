package io.github.lenet.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.Activation;
import io.github.lenet.model.ChildJvm;
import io.github.lenet.model.LeNetClassifier;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.training.device.DeviceSelection;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TensorFlow's own kernels and oneDNN's, which a process chooses between when it starts. */
@Tag("slow")
class OneDnnTest {

  private static final int EPOCHS = 4;
  private static final int IMAGES = 100;

  @TempDir Path directory;

  /** What a process computed, as it is in memory: losses, then weights, then probabilities. */
  private record Computed(byte[] bits) {
    double[] losses() {
      return numbers(0, 2 * EPOCHS);
    }

    double[] weights() {
      return numbers(2 * EPOCHS, (bits.length / Double.BYTES) - 10 * IMAGES);
    }

    double[] probabilities() {
      int all = bits.length / Double.BYTES;
      return numbers(all - 10 * IMAGES, all);
    }

    private double[] numbers(int from, int to) {
      ByteBuffer buffer = ByteBuffer.wrap(bits);
      return IntStream.range(from, to).mapToDouble(i -> buffer.getDouble(8 * i)).toArray();
    }
  }

  /**
   * The chapter's network with tanh, which learns at once, from one seed on the same images. Twice
   * the same way is the same to the last bit. The two ways add up in another order: 64 steps, each
   * off by a rounding of single precision, 6e-8, come to 4e-6 where none takes another back. The
   * bound is 1e-5.
   */
  @Test
  void bothWaysLearnTheSameAndEachRepeatsItself() throws Exception {
    Computed with = compute("1", "with");
    Computed without = compute("0", "without");

    assertArrayEquals(with.bits(), compute("1", "with again").bits());
    assertArrayEquals(without.bits(), compute("0", "without again").bits());
    double losses = largestDifference(with.losses(), without.losses());
    double weights = largestDifference(with.weights(), without.weights());
    double probabilities = largestDifference(with.probabilities(), without.probabilities());
    System.out.printf(
        Locale.ROOT,
        "with and without oneDNN after %s epochs: losses differ by %.1e, weights by %.1e,"
            + " probabilities by %.1e%n",
        EPOCHS,
        losses,
        weights,
        probabilities);
    assertTrue(losses < 1e-5, "losses differ by " + losses);
    assertTrue(weights < 1e-5, "weights differ by " + weights);
    assertTrue(probabilities < 1e-5, "probabilities differ by " + probabilities);
    assertTrue(with.losses()[2 * EPOCHS - 1] < 0.5, "little was learned");
  }

  private Computed compute(String oneDnn, String name) throws Exception {
    Path here = Files.createDirectories(directory.resolve(name));
    ChildJvm child = new ChildJvm(here).withEnvironment("TF_ENABLE_ONEDNN_OPTS", oneDnn);
    Path file = here.resolve("computed");
    child.run(
        List.of("-cp", System.getProperty("java.class.path")),
        Training.class.getName(),
        file.toString());
    assertEquals(0, child.exitValue(), child.errors());
    return new Computed(Files.readAllBytes(file));
  }

  private static double largestDifference(double[] some, double[] others) {
    assertEquals(some.length, others.length);
    return IntStream.range(0, some.length)
        .mapToDouble(i -> Math.abs(some[i] - others[i]))
        .max()
        .orElseThrow();
  }

  /** Writes a {@link Computed} to a file. */
  static final class Training {
    public static void main(String[] arguments) throws IOException {
      ImageDataset test = Images.bars(IMAGES, 2);
      List<byte[]> images = IntStream.range(0, IMAGES).mapToObj(test::image).toList();
      TrainingConfig config =
          TrainingConfigs.of(
              LeNetConfig.builder().activation(Activation.TANH).build(), EPOCHS, 64, 0.2, 1, 2);
      List<Double> numbers = new ArrayList<>();
      try (Trainer trainer = new Trainer(config, DeviceSelection.cpu("test"))) {
        for (EpochResult epoch :
            trainer.fit(Images.bars(1000, 1), test, new TrainingListener() {})) {
          numbers.add(epoch.train().meanLoss());
          numbers.add(epoch.validation().meanLoss());
        }
        trainer.graph().parameters().values().forEach(values -> addAll(numbers, values));
        try (LeNetClassifier classifier = trainer.model(test.classNames()).classifier()) {
          for (float[] row : classifier.probabilities(images)) {
            addAll(numbers, row);
          }
        }
      }
      try (DataOutputStream out =
          new DataOutputStream(
              new BufferedOutputStream(Files.newOutputStream(Path.of(arguments[0]))))) {
        for (double number : numbers) {
          out.writeDouble(number);
        }
      }
    }

    private static void addAll(List<Double> numbers, float[] values) {
      for (float value : values) {
        numbers.add((double) value);
      }
    }
  }
}
