package io.github.lenet.model;

import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.tensorflow.ndarray.Shape;

/**
 * One layer of the network: name, output shape, parameters.
 *
 * @param name as in the graph: {@code conv1}, {@code pool1}, … {@code logits}
 * @param kind what it computes
 * @param outputShape of one image, without the batch: {@code [height, width, channels]} for
 *     convolutions and pooling, {@code [units]} for dense layers
 * @param kernelShape {@code [k, k, channels in, channels out]} for convolutions, {@code [units in,
 *     units out]} for dense layers, empty for pooling. A layer with a kernel also has a bias, one
 *     number per output channel or unit.
 */
public record Layer(String name, Kind kind, Shape outputShape, Optional<Shape> kernelShape) {

  /** What a layer computes. */
  public enum Kind {
    /** Convolution, stride 1, plus bias, then the activation. */
    CONVOLUTION,
    /** 2×2 windows, stride 2. */
    POOLING,
    /** Matrix product plus bias, then (but for the last one) the activation. */
    DENSE
  }

  /** Checks that nothing is null. */
  public Layer {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(outputShape, "outputShape");
    Objects.requireNonNull(kernelShape, "kernelShape");
  }

  /**
   * The number of parameters: kernel and bias.
   *
   * @return 0 for pooling
   */
  public long parameterCount() {
    return kernelShape.map(kernel -> kernel.size() + outputs(kernel)).orElse(0L);
  }

  /**
   * The multiplications, each with an addition, that one image costs in the forward pass.
   *
   * @return 0 for pooling
   */
  public long multiplyAdds() {
    long positions = kind == Kind.CONVOLUTION ? outputShape.get(0) * outputShape.get(1) : 1;
    return kernelShape.map(kernel -> kernel.size() * positions).orElse(0L);
  }

  /**
   * The output shape for people, {@code [n, 28, 28, 6]}.
   *
   * @param format the order of the axes; dense layers look the same in both
   * @return the shape with the batch as {@code n}
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

  /** Channels or units that leave a layer with this kernel: the kernel's last axis. */
  static long outputs(Shape kernel) {
    return kernel.get(kernel.numDimensions() - 1);
  }
}
