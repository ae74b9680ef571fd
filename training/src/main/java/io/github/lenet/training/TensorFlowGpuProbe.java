package io.github.lenet.training;

import java.util.Optional;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;

/**
 * Tries a GPU as the chapter does: by putting something on it. TensorFlow Java has no public call
 * that lists devices (<a
 * href="https://github.com/tensorflow/java/issues/614">tensorflow/java#614</a>). Where that fails,
 * {@link CudaLibraries} knows more than TensorFlow's message.
 */
final class TensorFlowGpuProbe implements GpuProbe {

  @Override
  public Optional<String> whyNot(DeviceSelection gpu) {
    if (!TensorFlowRuntime.hasGpuNatives()) {
      return Optional.of(
          "the TensorFlow natives on the class path are the CPU's, not linux-x86_64-gpu");
    }
    CudaLibraries libraries = CudaLibraries.ofThisProcess();
    CudaLibraries.Finding driver = libraries.driver();
    if (!driver.isUsable()) {
      return driver.problem();
    }
    return tried(gpu).map(why -> libraries.obstacle().orElse(why));
  }

  /** Puts something on a device, whatever speaks for it or against it. */
  static Optional<String> tried(DeviceSelection device) {
    try (Graph graph = new Graph();
        Session session =
            new Session(
                graph,
                device.sessionConfig(1, 1).toBuilder().setAllowSoftPlacement(false).build())) {
      Ops tf = Ops.create(graph).withDevice(device.spec());
      var sum = tf.math.add(tf.constant(1f), tf.constant(2f));
      session.runner().fetch(sum).run().close();
      return Optional.empty();
    } catch (RuntimeException e) {
      // Not TensorFlowException: TensorFlow's exception for a device that is not there extends
      // IllegalArgumentException.
      String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      return Optional.of("TensorFlow can't use " + device.name() + ": " + why);
    }
  }
}
