package io.github.lenet.training.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.tensorflow.proto.GPUOptions;

class DeviceSelectionTest {

  private static final GpuProbe TWO_GPUS =
      gpu -> gpu.name().endsWith(":2") ? Optional.of("there are 2 GPUs") : Optional.empty();
  private static final GpuProbe NO_GPU = gpu -> Optional.of("no NVIDIA driver is loaded");

  @Test
  void autoTakesTheFirstGpu() throws Exception {
    DeviceSelection selection = select("auto", TWO_GPUS);

    assertEquals("/device:GPU:0", selection.name());
    assertEquals("it works", selection.reason());
    assertTrue(selection.isGpu());
  }

  @Test
  void autoFallsBackToTheCpuWithTheReason() throws Exception {
    DeviceSelection selection = select("auto", NO_GPU);

    assertEquals("/device:CPU:0", selection.name());
    assertEquals("no GPU: no NVIDIA driver is loaded", selection.reason());
  }

  @Test
  void aCertainGpuIsThatOne() throws Exception {
    DeviceSelection selection = select("gpu:1", TWO_GPUS);

    assertEquals("/device:GPU:1", selection.name());
    assertEquals("asked for", selection.reason());
  }

  @Test
  void aGpuThatIsNotThereIsAnErrorThatSaysWhatIsMissing() {
    String message =
        assertThrows(DeviceUnavailableException.class, () -> select("gpu:2", TWO_GPUS))
            .getMessage();
    assertTrue(message.startsWith("device gpu:2: there are 2 GPUs"), message);
    assertTrue(message.contains("Ask for auto or cpu"), message);
  }

  @Test
  void cpuNeverTouchesAGpu() throws Exception {
    DeviceSelection selection = select("cpu", gpu -> fail("a GPU was touched"));

    assertFalse(selection.isGpu());
    assertEquals(0, selection.sessionConfig(1, 1).getDeviceCountOrThrow("GPU"));
  }

  @Test
  void gpuMemoryGrowsOnDemand() throws Exception {
    DeviceSelection selection = select("auto", TWO_GPUS);

    assertTrue(selection.sessionConfig(1, 1).getGpuOptions().getAllowGrowth());
    assertFalse(selection.sessionConfig(1, 1).containsDeviceCount("GPU"));
  }

  /** GPU number 99 is on no machine; on one without GPU natives TensorFlow knows no GPU at all. */
  @Test
  void theRealProbeExplainsADeviceThatIsNotThere() {
    String why =
        TensorFlowGpuProbe.failure(DeviceSelection.gpu(99, "test", Optional.empty())).orElseThrow();

    assertTrue(why.startsWith("TensorFlow can't use /device:GPU:99: Cannot assign a device"), why);
    assertEquals(1, why.lines().count());
    assertEquals(Optional.empty(), TensorFlowGpuProbe.failure(DeviceSelection.cpu("test")));
  }

  @Test
  void theRealProbeAnswersOnEveryMachine() throws Exception {
    DeviceSelection selection = DeviceSelection.select(Device.AUTO);

    DeviceSelection first = DeviceSelection.gpu(0, "test", Optional.empty());
    assertEquals(new TensorFlowGpuProbe().unavailableReason(first).isEmpty(), selection.isGpu());
  }

  /**
   * TensorFlow wants one virtual device for each GPU that it sees, and no fraction beside it
   * (VerifyVirtualDeviceSettings in its gpu_device.cc).
   */
  @Test
  void aMemoryLimitIsThatOfTheOnlyGpuThatTensorFlowSees() throws Exception {
    DeviceSelection selection =
        DeviceSelection.select(Device.parse("gpu:1"), Optional.of(512), TWO_GPUS);
    GPUOptions options = selection.sessionConfig(1, 1).getGpuOptions();

    assertEquals("/device:GPU:1", selection.name());
    assertEquals(Integer.valueOf(0), selection.spec().deviceIndex());
    assertEquals("1", options.getVisibleDeviceList());
    assertEquals(1, options.getExperimental().getVirtualDevicesCount());
    assertEquals(
        List.of(512f), options.getExperimental().getVirtualDevices(0).getMemoryLimitMbList());
    assertEquals(0, options.getPerProcessGpuMemoryFraction());
    assertTrue(options.getAllowGrowth());
  }

  /** TensorFlow puts gradients, which have no device, on the first GPU that it sees. */
  @Test
  void theChosenGpuIsTheFirstThatTensorFlowSees() throws Exception {
    DeviceSelection selection = select("gpu:1", TWO_GPUS);
    GPUOptions options = selection.sessionConfig(1, 1).getGpuOptions();

    assertEquals(Integer.valueOf(0), selection.spec().deviceIndex());
    assertEquals("1", options.getVisibleDeviceList());
    assertFalse(options.hasExperimental());
  }

  /** The settings of the first session on a GPU stay, so those of the probe must be the run's. */
  @Test
  void theProbeTriesWithTheSettingsOfTheRun() throws Exception {
    List<DeviceSelection> tried = new ArrayList<>();
    GpuProbe probe =
        gpu -> {
          tried.add(gpu);
          return Optional.empty();
        };
    DeviceSelection selection = DeviceSelection.select(Device.AUTO, Optional.of(4096), probe);

    assertEquals(List.of(selection), tried);
    assertThrows(
        IllegalArgumentException.class,
        () -> DeviceSelection.select(Device.AUTO, Optional.of(0), probe));
  }

  private static DeviceSelection select(String requested, GpuProbe probe)
      throws DeviceUnavailableException {
    return DeviceSelection.select(Device.parse(requested), Optional.empty(), probe);
  }
}
