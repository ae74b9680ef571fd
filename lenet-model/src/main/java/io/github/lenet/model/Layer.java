package io.github.lenet.model;

import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.tensorflow.ndarray.Shape;

/**
 * One layer of the network: name, output shape, parameters.
 *
 * @param name the name in the graph: {@code conv1}, {@code pool1}, … {@code logits}
 * @param kind the computation
 * @param outputShape the output shape of one image, without the batch: {@code [height, width,
 *     channels]} for convolutions and pooling, {@code [units]} for dense layers
 * @param kernelShape the kernel's shape: {@code [k, k, channels in, channels out]} for
 *     convolutions, {@code [units in, units out]} for dense layers, empty for pooling. A layer with
 *     a kernel also has a bias, one number per output channel or unit.
 */
public record Layer(String name, Kind kind, Shape outputShape, Optional<Shape> kernelShape) {

  /** The computation of a layer. */
  public enum Kind {
    /** A convolution with stride 1, the bias and the activation. */
    CONVOLUTION,
    /** A pooling of 2×2 windows with stride 2. */
    POOLING,
    /** A matrix product, the bias and, except in the last layer, the activation. */
    DENSE
  }

  /** Checks that nothing is null. */
  public Layer {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(outputShape, "outputShape");
    Objects.requireNonNull(kernelShape, "kernelShape");
  }

  /** {@return the number of parameters in kernel and bias; 0 for pooling} */
  public long parameterCount() {
    return kernelShape.map(kernel -> kernel.size() + outputs(kernel)).orElse(0L);
  }

  /** {@return the multiply-adds of one image in the forward pass; 0 for pooling} */
  public long multiplyAdds() {
    long positions = kind == Kind.CONVOLUTION ? outputShape.get(0) * outputShape.get(1) : 1;
    return kernelShape.map(kernel -> kernel.size() * positions).orElse(0L);
  }

  /**
   * Formats the output shape, for example {@code [n, 28, 28, 6]}.
   *
   * @param format the order of the axes; has no effect on dense layers
   * @return the shape with {@code n} for the batch
   */
  public String outputShape(DataFormat format) {
    long[] sizes = outputShape.asArray();
    if (format == DataFormat.NCHW && sizes.length == 3) {
      sizes = new long[] {sizes[2], sizes[0], sizes[1]};
    }
    return LongStream.of(sizes)
        .mapToObj(Long::toString)
        .collect(Collectors.joining(", ", "[n, ", "]"));
  }

  /** {@return the output channels or units of a kernel: its last axis} */
  static long outputs(Shape kernel) {
    return kernel.get(kernel.numDimensions() - 1);
  }
}
