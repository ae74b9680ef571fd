package io.github.lenet.training;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.LeNetConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class SoakTest {

  private static final Path STATUS = Path.of("/proc/self/status");

  /**
   * A hundred epochs of 32 steps. What is not closed shows as 2,240 native objects in the seventy
   * epochs that count, before the garbage collector may find them; what is lost altogether shows as
   * resident memory, even after a collection.
   */
  @Test
  @EnabledOnOs(OS.LINUX)
  void memoryIsFlatOverAHundredEpochs() throws Exception {
    ImageDataset train = Pictures.noise(1000, 1);
    ImageDataset test = Pictures.noise(200, 2);
    TrainingConfig config = new TrainingConfig(LeNetConfig.classic(), 100, 32, 0.1, 1, 2);
    List<Long> nativeObjects = new ArrayList<>();
    List<Long> residentMegabytes = new ArrayList<>();
    TrainingListener watch =
        new TrainingListener() {
          @Override
          public void onEpoch(EpochResult result) throws IOException {
            if (result.epoch() == 30 || result.epoch() == 100) {
              nativeObjects.add(Pointer.totalCount());
              System.gc();
              residentMegabytes.add(residentMegabytes());
            }
          }
        };
    try (Trainer trainer = new Trainer(config, DeviceSelection.cpu("test"))) {
      trainer.fit(train, test, watch);
    }

    assertTrue(
        nativeObjects.get(1) - nativeObjects.get(0) < 200,
        "native objects after 30 and 100 epochs: " + nativeObjects);
    long growth = residentMegabytes.get(1) - residentMegabytes.get(0);
    assertTrue(growth < 40, "resident memory in MB after 30 and 100 epochs: " + residentMegabytes);
  }

  private static long residentMegabytes() throws IOException {
    return Files.readAllLines(STATUS).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
        .findFirst()
        .orElseThrow();
  }
}
