package io.github.lenet.training.device;

import io.github.lenet.training.internal.runtime.CudaLibraries;
import io.github.lenet.training.internal.runtime.TensorFlowRuntime;
import java.util.List;
import java.util.Optional;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;

/**
 * Tries a GPU as the chapter does, by putting something on it: a convolution, so that cuDNN is
 * tried as well, which TensorFlow takes up only then. TensorFlow Java has no public call that lists
 * devices (<a href="https://github.com/tensorflow/java/issues/614">tensorflow/java#614</a>). Where
 * it fails, {@link CudaLibraries} knows more than TensorFlow's message.
 */
final class TensorFlowGpuProbe implements GpuProbe {

  @Override
  public Optional<String> unavailableReason(DeviceSelection gpu) {
    if (!TensorFlowRuntime.hasGpuNatives()) {
      return Optional.of(
          "the TensorFlow natives on the class path are the CPU's, not linux-x86_64-gpu");
    }
    return failure(gpu).map(why -> CudaLibraries.ofThisProcess().obstacle().orElse(why));
  }

  /** Runs an operation on a device; the reason if it fails. */
  static Optional<String> failure(DeviceSelection device) {
    try (Graph graph = new Graph();
        Session session =
            new Session(
                graph,
                device.sessionConfig(1, 1).toBuilder().setAllowSoftPlacement(false).build());
        TFloat32 image = TFloat32.tensorOf(Shape.of(1, 5, 5, 1))) {
      // Fed, since TensorFlow computes constants ahead, on the CPU; and no kernel of one pixel,
      // which it would multiply as a matrix.
      Placeholder<TFloat32> fed =
          Ops.create(graph).placeholder(TFloat32.class, Placeholder.shape(image.shape()));
      Ops tf = Ops.create(graph).withDevice(device.spec());
      Operand<TFloat32> kernel = tf.constant(new float[3][3][1][1]);
      Operand<TFloat32> output = tf.nn.conv2d(fed, kernel, List.of(1L, 1L, 1L, 1L), "VALID");
      session.runner().feed(fed, image).fetch(output).run().close();
      return Optional.empty();
    } catch (RuntimeException e) {
      // Not TensorFlowException: TensorFlow's exception for a device that is not there extends
      // IllegalArgumentException.
      String why = TensorFlowRuntime.firstError(e);
      return Optional.of("TensorFlow can't use " + device.name() + ": " + why);
    }
  }
}
