package io.github.lenet.training.device;

import io.github.lenet.model.internal.GraphLocale;
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
 * Tests a GPU by executing an operation on it, as the chapter does. The operation is a convolution,
 * because TensorFlow loads cuDNN only for one. TensorFlow Java has no public call that lists
 * devices (<a href="https://github.com/tensorflow/java/issues/614">tensorflow/java#614</a>). On
 * failure, {@link CudaLibraries} gives a better reason than TensorFlow's message.
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

  /** Executes a convolution on a device; returns the reason if it fails. */
  static Optional<String> failure(DeviceSelection device) {
    GraphLocale.enter();
    try (Graph graph = new Graph();
        Session session =
            new Session(
                graph,
                device.sessionConfig(1, 1).toBuilder().setAllowSoftPlacement(false).build());
        TFloat32 image = TFloat32.tensorOf(Shape.of(1, 5, 5, 1))) {
      // The image is fed because TensorFlow computes constants ahead, on the CPU. The kernel has
      // more than one pixel because TensorFlow computes a smaller one as a matrix product.
      Placeholder<TFloat32> fed =
          Ops.create(graph).placeholder(TFloat32.class, Placeholder.shape(image.shape()));
      Ops tf = Ops.create(graph).withDevice(device.spec());
      Operand<TFloat32> kernel = tf.constant(new float[3][3][1][1]);
      Operand<TFloat32> output = tf.nn.conv2d(fed, kernel, List.of(1L, 1L, 1L, 1L), "VALID");
      session.runner().feed(fed, image).fetch(output).run().close();
      return Optional.empty();
    } catch (RuntimeException e) {
      // Not TensorFlowException: TensorFlow's exception for a missing device extends
      // IllegalArgumentException.
      String why = TensorFlowRuntime.firstError(e);
      return Optional.of("TensorFlow can't use " + device.name() + ": " + why);
    } finally {
      GraphLocale.exit();
    }
  }
}
