package io.github.lenet.training;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.ProcessResources;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class SoakTest {

  /**
   * A hundred epochs of 32 steps. What is not closed shows as 2,240 native objects in the seventy
   * epochs that count, before the garbage collector may find them; what is lost altogether shows as
   * resident memory, even after a collection. Threads and open files stay as many.
   */
  @Test
  @EnabledOnOs(OS.LINUX)
  void memoryIsFlatOverAHundredEpochs() throws Exception {
    ImageDataset train = Pictures.noise(1000, 1);
    ImageDataset test = Pictures.noise(200, 2);
    TrainingConfig config = new TrainingConfig(LeNetConfig.classic(), 100, 32, 0.1, 1, 2);
    List<Long> nativeObjects = new ArrayList<>();
    List<Long> nativeBytes = new ArrayList<>();
    List<ProcessResources> resources = new ArrayList<>();
    TrainingListener watch =
        new TrainingListener() {
          @Override
          public void onEpoch(EpochResult result) throws IOException {
            if (result.epoch() == 30 || result.epoch() == 100) {
              nativeObjects.add(Pointer.totalCount());
              nativeBytes.add(Pointer.totalBytes());
              System.gc();
              resources.add(ProcessResources.of(ProcessHandle.current().pid()));
            }
          }
        };
    try (Trainer trainer = new Trainer(config, DeviceSelection.cpu("test"))) {
      trainer.fit(train, test, watch);
    }

    assertTrue(
        nativeObjects.get(1) - nativeObjects.get(0) < 200,
        "native objects after 30 and 100 epochs: " + nativeObjects);
    assertTrue(
        nativeBytes.get(1) - nativeBytes.get(0) < 1 << 20,
        "native bytes after 30 and 100 epochs: " + nativeBytes);
    ProcessResources before = resources.get(0);
    ProcessResources after = resources.get(1);
    String summary = "after 30 epochs: %s, after 100: %s".formatted(before, after);
    System.out.println(summary);
    assertTrue(after.residentBytes() - before.residentBytes() < 40 << 20, summary);
    assertTrue(after.threads() <= before.threads() + 2, summary); // Java's compiler has some
    assertTrue(after.openFiles() <= before.openFiles() + 2, summary);
  }
}
