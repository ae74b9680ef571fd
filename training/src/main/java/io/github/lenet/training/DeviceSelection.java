package io.github.lenet.training;

import java.util.Objects;
import java.util.Optional;
import org.tensorflow.DeviceSpec;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.GPUOptions;

/**
 * The device that a run uses, and why this one.
 *
 * @param name TensorFlow's name, {@code /device:CPU:0} or {@code /device:GPU:0}
 * @param spec the same for {@code Ops.withDevice}
 * @param reason why, in a sentence without a full stop
 */
public record DeviceSelection(String name, DeviceSpec spec, String reason) {

  /** Checks that nothing is null. */
  public DeviceSelection {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(spec, "spec");
    Objects.requireNonNull(reason, "reason");
  }

  /**
   * Finds the device for a wish. {@code auto} never fails: it falls back to the CPU and says why.
   *
   * @param wish what the user asked for
   * @return the device to use
   * @throws DeviceUnavailableException if a GPU was asked for that can't be used; the message says
   *     what is missing
   */
  public static DeviceSelection select(Device wish) throws DeviceUnavailableException {
    return select(wish, new TensorFlowGpuProbe());
  }

  static DeviceSelection select(Device wish, GpuProbe probe) throws DeviceUnavailableException {
    if (wish.kind() == Device.Kind.CPU) {
      return cpu("asked for");
    }
    Optional<String> obstacle = probe.whyNot(wish.index());
    if (obstacle.isEmpty()) {
      return gpu(wish.index(), wish.kind() == Device.Kind.GPU ? "asked for" : "it works");
    }
    if (wish.kind() == Device.Kind.AUTO) {
      return cpu("no GPU: " + obstacle.get());
    }
    throw new DeviceUnavailableException(
        "device "
            + wish
            + ": "
            + obstacle.get()
            + ". Use --device auto or cpu to train without it.");
  }

  static DeviceSelection cpu(String reason) {
    return of(DeviceSpec.DeviceType.CPU, 0, reason);
  }

  static DeviceSelection gpu(int index, String reason) {
    return of(DeviceSpec.DeviceType.GPU, index, reason);
  }

  private static DeviceSelection of(DeviceSpec.DeviceType type, int index, String reason) {
    DeviceSpec spec = DeviceSpec.newBuilder().deviceType(type).deviceIndex(index).build();
    return new DeviceSelection("/device:" + type + ":" + index, spec, reason);
  }

  /**
   * Whether this is a GPU.
   *
   * @return false for the CPU
   */
  public boolean isGpu() {
    return spec.deviceType() == DeviceSpec.DeviceType.GPU;
  }

  /**
   * The settings for a session on this device: GPU memory grows on demand; a selected CPU keeps
   * TensorFlow from touching any GPU. Operations run side by side on threads of this session's own;
   * the threads inside an operation, like the GPU's settings, are those of the process's first
   * session (unless {@link TensorFlowRuntime#prepare} was called).
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
      config.setGpuOptions(GPUOptions.newBuilder().setAllowGrowth(true));
    } else {
      config.putDeviceCount("GPU", 0);
    }
    return config.build();
  }
}
