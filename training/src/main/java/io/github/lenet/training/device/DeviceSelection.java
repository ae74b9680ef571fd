package io.github.lenet.training.device;

import io.github.lenet.training.internal.runtime.TensorFlowRuntime;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import org.tensorflow.DeviceSpec;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.GPUOptions;

/**
 * The resolved device of a run, and the reason for it.
 *
 * @param name TensorFlow's name, {@code /device:CPU:0} or {@code /device:GPU:0}
 * @param reason why it was selected, in a sentence without a full stop
 * @param gpuMemoryLimitInMebibytes how much of the GPU's memory TensorFlow may use; empty for no
 *     limit
 */
public record DeviceSelection(
    String name, String reason, Optional<Integer> gpuMemoryLimitInMebibytes) {

  /** The host: tensors are fed and files are read there. */
  public static final DeviceSpec HOST = spec(DeviceSpec.DeviceType.CPU);

  /** Checks that nothing is null and that a limit is positive. */
  public DeviceSelection {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(reason, "reason");
    if (gpuMemoryLimitInMebibytes.filter(limit -> limit < 1).isPresent()) {
      throw new IllegalArgumentException(
          "gpuMemoryLimitInMebibytes (" + gpuMemoryLimitInMebibytes.get() + ") must be positive");
    }
  }

  /**
   * Resolves a requested device. {@code auto} never fails: it falls back to the CPU and gives the
   * reason.
   *
   * @param requested the requested device
   * @return the device to use
   * @throws IOException if a requested GPU is unavailable; the message gives the reason
   */
  public static DeviceSelection select(Device requested) throws IOException {
    return select(requested, Optional.empty(), new TensorFlowGpuProbe());
  }

  /**
   * Selects a GPU if one works, else the CPU.
   *
   * @return the device to use, with the reason
   */
  public static DeviceSelection auto() {
    try {
      return select(Device.AUTO);
    } catch (IOException e) {
      throw new IllegalStateException("the CPU is always available", e);
    }
  }

  /**
   * Resolves a requested device like {@link #select(Device)}, with a limit on the GPU memory. The
   * first session that uses a GPU decides TensorFlow's GPU settings for the whole process. Another
   * limit or another GPU needs another process.
   *
   * @param requested the requested device
   * @param gpuMemoryLimitInMebibytes how much of the GPU's memory TensorFlow may use, in addition
   *     to CUDA's own needs; positive
   * @return the device to use
   * @throws IOException if a requested GPU is unavailable; the message gives the reason
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
   * Selects the CPU.
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
   * Returns the device for operations in a graph. TensorFlow sees the selected GPU only, as number
   * 0: TensorFlow assigns gradients no device, so they go to the first visible one.
   *
   * @return the device for {@code Ops.withDevice}
   */
  public DeviceSpec spec() {
    return isGpu() ? spec(DeviceSpec.DeviceType.GPU) : HOST;
  }

  /** {@return whether this is a GPU} */
  public boolean isGpu() {
    return name.startsWith("/device:GPU:");
  }

  /**
   * Returns the settings for a session on this device. GPU memory grows on demand, up to the limit
   * if there is one. With a selected CPU, TensorFlow touches no GPU.
   *
   * <p>Operations are executed in parallel on the session's own threads. The GPU settings are those
   * of the process's first session. So are the threads inside an operation, unless {@link
   * TensorFlowRuntime#prepare} was called.
   *
   * @param sideBySide number of operations that may be executed at the same time
   * @param threadsEach number of CPU threads that each operation may use
   * @return the settings for {@code new Session(graph, config)}
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
