package io.github.lenet.training.device;

import io.github.lenet.training.internal.runtime.TensorFlowRuntime;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import org.tensorflow.DeviceSpec;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.GPUOptions;

/**
 * The device that a run uses, and why this one.
 *
 * @param name TensorFlow's name, {@code /device:CPU:0} or {@code /device:GPU:0}
 * @param reason why, in a sentence without a full stop
 * @param gpuMemoryLimitInMebibytes how much of the GPU's memory TensorFlow may take; as much as it
 *     needs if empty
 */
public record DeviceSelection(
    String name, String reason, Optional<Integer> gpuMemoryLimitInMebibytes) {

  /** The host, where tensors are fed and files are read. */
  public static final DeviceSpec HOST = spec(DeviceSpec.DeviceType.CPU);

  /** Checks that nothing is null, and that a limit leaves some memory. */
  public DeviceSelection {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(reason, "reason");
    if (gpuMemoryLimitInMebibytes.filter(limit -> limit < 1).isPresent()) {
      throw new IllegalArgumentException(
          "gpuMemoryLimitInMebibytes (" + gpuMemoryLimitInMebibytes.get() + ") must be positive");
    }
  }

  /**
   * Resolves a requested device. {@code auto} never fails: it falls back to the CPU and says why.
   *
   * @param requested what the user asked for
   * @return the device to use
   * @throws IOException if a GPU was asked for that can't be used; the message says what is missing
   */
  public static DeviceSelection select(Device requested) throws IOException {
    return select(requested, Optional.empty(), new TensorFlowGpuProbe());
  }

  /**
   * Selects a GPU if there is one that works, else the CPU.
   *
   * @return the device to use; its reason says why
   */
  public static DeviceSelection auto() {
    try {
      return select(Device.AUTO);
    } catch (IOException e) {
      throw new IllegalStateException("the CPU is always available", e);
    }
  }

  /**
   * As {@link #select(Device)}, with a limit for the memory of the GPU. TensorFlow's settings for
   * GPUs are those of the first session in the process that uses one; another limit, or another
   * GPU, is for another process.
   *
   * @param requested what the user asked for
   * @param gpuMemoryLimitInMebibytes how much of its memory TensorFlow may take, beside what CUDA
   *     itself needs; positive
   * @return the device to use
   * @throws IOException if a GPU was asked for that can't be used; the message says what is missing
   */
  public static DeviceSelection select(Device requested, int gpuMemoryLimitInMebibytes)
      throws IOException {
    return select(requested, Optional.of(gpuMemoryLimitInMebibytes), new TensorFlowGpuProbe());
  }

  static DeviceSelection select(
      Device requested, Optional<Integer> gpuMemoryLimitInMebibytes, GpuProbe probe)
      throws DeviceUnavailableException {
    if (requested.equals(Device.CPU)) {
      return cpu("asked for");
    }
    boolean isAuto = requested.equals(Device.AUTO);
    DeviceSelection gpu =
        gpu(
            requested.gpu().orElse(0),
            isAuto ? "it works" : "asked for",
            gpuMemoryLimitInMebibytes);
    Optional<String> obstacle = probe.unavailableReason(gpu);
    if (obstacle.isEmpty()) {
      return gpu;
    }
    if (isAuto) {
      return cpu("no GPU: " + obstacle.get());
    }
    throw new DeviceUnavailableException(
        "device %s: %s. Ask for auto or cpu to train without it."
            .formatted(requested, obstacle.get()));
  }

  /**
   * The CPU.
   *
   * @param reason see {@link #reason()}
   * @return the selection
   */
  public static DeviceSelection cpu(String reason) {
    return new DeviceSelection("/device:CPU:0", reason, Optional.empty());
  }

  static DeviceSelection gpu(int number, String reason, Optional<Integer> limit) {
    return new DeviceSelection("/device:GPU:" + number, reason, limit);
  }

  private static DeviceSpec spec(DeviceSpec.DeviceType type) {
    return DeviceSpec.newBuilder().deviceType(type).deviceIndex(0).build();
  }

  /**
   * The device in a graph. TensorFlow is shown the selected GPU alone, as number 0: it gives
   * gradients no device, and so puts them on the first that it sees.
   *
   * @return for {@code Ops.withDevice}
   */
  public DeviceSpec spec() {
    return isGpu() ? spec(DeviceSpec.DeviceType.GPU) : HOST;
  }

  /** {@return whether this is a GPU} */
  public boolean isGpu() {
    return name.startsWith("/device:GPU:");
  }

  /**
   * The settings for a session on this device: GPU memory grows on demand, up to the limit if there
   * is one; a selected CPU keeps TensorFlow from touching any GPU. Operations run side by side on
   * threads of this session's own; the threads inside an operation, like the GPU's settings, are
   * those of the process's first session (unless {@link TensorFlowRuntime#prepare} was called).
   *
   * @param sideBySide how many operations may run at the same time
   * @param threadsEach how many threads of the CPU each of them may use
   * @return for {@code new Session(graph, config)}
   */
  public ConfigProto sessionConfig(int sideBySide, int threadsEach) {
    ConfigProto.Builder config =
        ConfigProto.newBuilder()
            .setAllowSoftPlacement(true)
            .setUsePerSessionThreads(true)
            .setInterOpParallelismThreads(sideBySide)
            .setIntraOpParallelismThreads(threadsEach);
    if (isGpu()) {
      config.setGpuOptions(gpuOptions());
    } else {
      config.putDeviceCount("GPU", 0);
    }
    return config.build();
  }

  /** Growing on demand lets two processes share a GPU; a limit needs a "virtual device". */
  private GPUOptions gpuOptions() {
    GPUOptions.Builder options =
        GPUOptions.newBuilder()
            .setAllowGrowth(true)
            .setVisibleDeviceList(name.substring(name.lastIndexOf(':') + 1));
    gpuMemoryLimitInMebibytes
        .map(GPUOptions.Experimental.VirtualDevices.newBuilder()::addMemoryLimitMb)
        .ifPresent(
            limited ->
                options.setExperimental(
                    GPUOptions.Experimental.newBuilder().addVirtualDevices(limited)));
    return options.build();
  }
}
