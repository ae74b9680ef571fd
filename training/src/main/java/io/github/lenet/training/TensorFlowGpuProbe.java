package io.github.lenet.training;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.op.Ops;

/**
 * Tries a GPU as the chapter does: by putting something on it. TensorFlow Java has no public call
 * that lists devices (<a
 * href="https://github.com/tensorflow/java/issues/614">tensorflow/java#614</a>).
 */
final class TensorFlowGpuProbe implements GpuProbe {

  private static final Path NVIDIA_DRIVER = Path.of("/proc/driver/nvidia/version");

  @Override
  public Optional<String> whyNot(int index) {
    if (!TensorFlowRuntime.hasGpuNatives()) {
      return Optional.of(
          "the TensorFlow natives on the class path are the CPU's, not linux-x86_64-gpu");
    }
    if (Files.notExists(NVIDIA_DRIVER)) {
      return Optional.of("no NVIDIA driver is loaded (" + NVIDIA_DRIVER + " is missing)");
    }
    DeviceSelection gpu = DeviceSelection.gpu(index, "probe");
    try (Graph graph = new Graph();
        Session session =
            new Session(
                graph, gpu.sessionConfig(1, 1).toBuilder().setAllowSoftPlacement(false).build())) {
      Ops tf = Ops.create(graph).withDevice(gpu.spec());
      var sum = tf.math.add(tf.constant(1f), tf.constant(2f));
      session.runner().fetch(sum).run().close();
      return Optional.empty();
    } catch (TensorFlowException e) {
      return Optional.of(
          "TensorFlow can't use GPU "
              + index
              + ": "
              + e.getMessage().lines().findFirst().orElse(""));
    }
  }
}
