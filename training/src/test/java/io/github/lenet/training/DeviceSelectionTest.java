package io.github.lenet.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class DeviceSelectionTest {

  private static final GpuProbe TWO_GPUS =
      index -> index < 2 ? Optional.empty() : Optional.of("there are 2 GPUs");
  private static final GpuProbe NO_GPU = index -> Optional.of("no NVIDIA driver is loaded");

  @Test
  void autoTakesTheFirstGpu() throws Exception {
    DeviceSelection selection = DeviceSelection.select(Device.AUTO, TWO_GPUS);

    assertEquals("/device:GPU:0", selection.name());
    assertTrue(selection.isGpu());
  }

  @Test
  void autoFallsBackToTheCpuWithTheReason() throws Exception {
    DeviceSelection selection = DeviceSelection.select(Device.AUTO, NO_GPU);

    assertEquals("/device:CPU:0", selection.name());
    assertEquals("no GPU: no NVIDIA driver is loaded", selection.reason());
  }

  @Test
  void aCertainGpuIsThatOne() throws Exception {
    assertEquals("/device:GPU:1", DeviceSelection.select(Device.parse("gpu:1"), TWO_GPUS).name());
  }

  @Test
  void aGpuThatIsNotThereIsAnErrorThatSaysWhatIsMissing() {
    String message =
        assertThrows(
                DeviceUnavailableException.class,
                () -> DeviceSelection.select(Device.parse("gpu:2"), TWO_GPUS))
            .getMessage();
    assertTrue(message.startsWith("device gpu:2: there are 2 GPUs"), message);
    assertTrue(message.contains("--device auto or cpu"), message);
  }

  @Test
  void cpuNeverTouchesAGpu() throws Exception {
    DeviceSelection selection =
        DeviceSelection.select(Device.CPU, index -> fail("a GPU was touched"));

    assertFalse(selection.isGpu());
    assertEquals(0, selection.sessionConfig(1, 1).getDeviceCountOrThrow("GPU"));
  }

  @Test
  void gpuMemoryGrowsOnDemand() throws Exception {
    DeviceSelection selection = DeviceSelection.select(Device.AUTO, TWO_GPUS);

    assertTrue(selection.sessionConfig(1, 1).getGpuOptions().getAllowGrowth());
    assertFalse(selection.sessionConfig(1, 1).containsDeviceCount("GPU"));
  }

  /** GPU number 99 is on no machine; on one without GPU natives TensorFlow knows no GPU at all. */
  @Test
  void theRealProbeExplainsADeviceThatIsNotThere() {
    String why = TensorFlowGpuProbe.whyNot(DeviceSelection.gpu(99, "test")).orElseThrow();

    assertTrue(why.startsWith("TensorFlow can't use /device:GPU:99: Cannot assign a device"), why);
    assertEquals(1, why.lines().count());
    assertEquals(Optional.empty(), TensorFlowGpuProbe.whyNot(DeviceSelection.cpu("test")));
  }

  @Test
  void theRealProbeAnswersOnEveryMachine() throws Exception {
    DeviceSelection selection = DeviceSelection.select(Device.AUTO);

    assertEquals(new TensorFlowGpuProbe().whyNot(0).isEmpty(), selection.isGpu());
  }
}
