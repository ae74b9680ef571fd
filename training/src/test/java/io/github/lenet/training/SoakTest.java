package io.github.lenet.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.ChildJvm;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.ProcessResources;
import io.github.lenet.training.device.DeviceSelection;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SoakTest {

  private static final int STEPS_PER_EPOCH = 32;

  @TempDir Path directory;

  /** Before the garbage collector may find what was not closed. */
  @Test
  void aStepClosesWhatItOpens() throws IOException {
    List<Long> objects = new ArrayList<>();
    List<Long> bytes = new ArrayList<>();
    train(
        10,
        epoch -> {
          objects.add(Pointer.totalCount());
          bytes.add(Pointer.totalBytes());
        });

    int steps = 8 * STEPS_PER_EPOCH;
    assertTrue(objects.get(9) - objects.get(1) < steps / 4, "native objects: " + objects);
    assertTrue(bytes.get(9) - bytes.get(1) < 1 << 20, "native bytes: " + bytes);
  }

  /** In a process of which Java's own part does not grow. */
  @Test
  @Tag("slow")
  void theProcessDoesNotGrowOverHundredsOfEpochs() throws Exception {
    ChildJvm child = new ChildJvm(directory);
    String printed =
        child.run(
            ProcessResources.optionsForAConstantJava(256),
            "-cp",
            System.getProperty("java.class.path"),
            TrainLong.class.getName());

    assertEquals(0, child.exitValue(), child.errors());
    System.out.println("growth over 40 epochs, bytes, threads, files: " + printed);
    long[] growth = Stream.of(printed.split(" ")).mapToLong(Long::parseLong).toArray();
    // A tensor of a batch would be more than 25,000 bytes a step.
    assertTrue(growth[0] < 2_000L * 40 * STEPS_PER_EPOCH, "resident bytes: " + printed);
    assertTrue(growth[1] <= 0, "threads: " + printed);
    assertTrue(growth[2] <= 0, "open files: " + printed);
  }

  /** Prints by how much the process's memory, threads and open files grow in forty epochs. */
  static final class TrainLong {
    public static void main(String[] arguments) throws IOException {
      List<ProcessResources> ends = new ArrayList<>();
      train(
          240,
          epoch -> {
            if (epoch % 40 == 0) {
              ends.add(ProcessResources.current());
            }
          });
      ProcessResources growth = ProcessResources.medianGrowth(ends);
      System.out.print(growth.residentBytes() + " " + growth.threads() + " " + growth.openFiles());
    }
  }

  /** Is told after each epoch. */
  private interface Watch {
    void after(int epoch) throws IOException;
  }

  private static void train(int epochs, Watch watch) throws IOException {
    ImageDataset train = Images.noise(1000, 1);
    ImageDataset test = Images.noise(200, 2);
    TrainingConfig config = TrainingConfigs.of(LeNetConfig.classic(), epochs, 32, 0.1, 1, 2);
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onEpoch(EpochResult result) throws IOException {
            watch.after(result.epoch());
          }
        };
    try (Trainer trainer = new Trainer(config, DeviceSelection.cpu("test"))) {
      trainer.fit(train, test, listener);
    }
  }
}
