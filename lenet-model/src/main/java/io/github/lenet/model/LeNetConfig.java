package io.github.lenet.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.tensorflow.ndarray.Shape;

/**
 * The architecture of a LeNet: image size and layers. {@link #builder()} creates one.
 *
 * <p>Every convolution has stride 1 and is followed by the activation and by a 2×2 pooling. The
 * first one is padded to keep the image's size ("same", 2 pixels on each side for a 5×5 kernel);
 * the others are not ("valid").
 *
 * @param imageHeight the height of an image in pixels
 * @param imageWidth the width of an image in pixels
 * @param kernelSize the side of the convolutions' square kernels in pixels
 * @param channels the output channels of each convolution, at least one
 * @param pooling the pooling after each convolution
 * @param denseUnits the units of each hidden dense layer, possibly none
 * @param activation the activation after each convolution and hidden dense layer
 * @param classes the units of the last layer, at least 2
 */
public record LeNetConfig(
    int imageHeight,
    int imageWidth,
    int kernelSize,
    List<Integer> channels,
    Pooling pooling,
    List<Integer> denseUnits,
    Activation activation,
    int classes) {

  /**
   * The largest number of parameters of a configuration, 100 million (0.4 GB). The limit catches
   * typing errors before anything is allocated.
   */
  public static final long MAX_PARAMETERS = 100_000_000;

  /**
   * Checks every value, and that the image is large enough for all layers.
   *
   * @throws IllegalArgumentException if a value is invalid; the message names it
   */
  public LeNetConfig {
    requirePositive("imageHeight", imageHeight);
    requirePositive("imageWidth", imageWidth);
    requirePositive("kernelSize", kernelSize);
    Objects.requireNonNull(pooling, "pooling");
    Objects.requireNonNull(activation, "activation");
    channels = List.copyOf(channels);
    denseUnits = List.copyOf(denseUnits);
    if (channels.isEmpty()) {
      throw new IllegalArgumentException("channels ([]) must name at least one convolution");
    }
    channels.forEach(count -> requirePositive("channels", count));
    denseUnits.forEach(count -> requirePositive("denseUnits", count));
    if (classes < 2) {
      throw new IllegalArgumentException("classes (" + classes + ") must be at least 2");
    }
    List<Layer> layers = layers(imageHeight, imageWidth, kernelSize, channels, denseUnits, classes);
    requireBearable(layers.stream().mapToDouble(LeNetConfig::parameters).sum());
  }

  /**
   * Returns the chapter's network for 28×28 images of ten classes: 5×5 kernels, 6 and 16 channels,
   * average pooling, dense layers of 120 and 84 units, sigmoid; 61,706 parameters.
   *
   * @return the configuration of <a
   *     href="https://d2l.ai/chapter_convolutional-neural-networks/lenet.html">Dive into Deep
   *     Learning, LeNet</a>
   */
  public static LeNetConfig classic() {
    return builder().build();
  }

  /** {@return a builder that starts from {@link #classic()}} */
  public static Builder builder() {
    return new Builder();
  }

  /** {@return a builder that starts from this configuration} */
  public Builder toBuilder() {
    return new Builder()
        .imageSize(imageHeight, imageWidth)
        .kernelSize(kernelSize)
        .channels(channels)
        .pooling(pooling)
        .denseUnits(denseUnits)
        .activation(activation)
        .classes(classes);
  }

  /**
   * Builds configurations:
   *
   * <pre>{@code
   * LeNetConfig.builder().activation(Activation.RELU).pooling(Pooling.MAX).build()
   * }</pre>
   */
  public static final class Builder {
    private int imageHeight = 28;
    private int imageWidth = 28;
    private int kernelSize = 5;
    private List<Integer> channels = List.of(6, 16);
    private Pooling pooling = Pooling.AVG;
    private List<Integer> denseUnits = List.of(120, 84);
    private Activation activation = Activation.SIGMOID;
    private int classes = 10;

    private Builder() {}

    /** Sets the size of the images; the default is 28×28. */
    public Builder imageSize(int height, int width) {
      imageHeight = height;
      imageWidth = width;
      return this;
    }

    /** Sets the side of the convolutions' square kernels; the default is 5. */
    public Builder kernelSize(int kernelSize) {
      this.kernelSize = kernelSize;
      return this;
    }

    /** Sets the output channels of each convolution; the default is 6, 16. */
    public Builder channels(List<Integer> channels) {
      this.channels = channels;
      return this;
    }

    /** Sets the output channels of each convolution; the default is 6, 16. */
    public Builder channels(int... channels) {
      return channels(IntStream.of(channels).boxed().toList());
    }

    /** Sets the pooling after each convolution; the default is the mean of 2×2 pixels. */
    public Builder pooling(Pooling pooling) {
      this.pooling = pooling;
      return this;
    }

    /** Sets the units of each hidden dense layer; the default is 120, 84. */
    public Builder denseUnits(List<Integer> denseUnits) {
      this.denseUnits = denseUnits;
      return this;
    }

    /** Sets the units of each hidden dense layer; the default is 120, 84. */
    public Builder denseUnits(int... denseUnits) {
      return denseUnits(IntStream.of(denseUnits).boxed().toList());
    }

    /**
     * Sets the activation after each convolution and hidden dense layer; the default is the
     * sigmoid.
     */
    public Builder activation(Activation activation) {
      this.activation = activation;
      return this;
    }

    /** Sets the number of classes; the default is 10. */
    public Builder classes(int classes) {
      this.classes = classes;
      return this;
    }

    /**
     * Builds the configuration.
     *
     * @return the configuration
     * @throws IllegalArgumentException if a value is invalid; the message names it
     */
    public LeNetConfig build() {
      return new LeNetConfig(
          imageHeight, imageWidth, kernelSize, channels, pooling, denseUnits, activation, classes);
    }
  }

  /** {@return the layers in order, from {@code conv1} to {@code logits}; immutable} */
  public List<Layer> layers() {
    return layers(imageHeight, imageWidth, kernelSize, channels, denseUnits, classes);
  }

  /** {@return the number of parameters of all layers} */
  public long parameterCount() {
    return layers().stream().mapToLong(Layer::parameterCount).sum();
  }

  /** {@return the multiply-adds of one image in the forward pass} */
  public long forwardMultiplyAdds() {
    return layers().stream().mapToLong(Layer::multiplyAdds).sum();
  }

  /**
   * Returns the multiply-adds of one image in a gradient step: forward pass, gradients of all
   * kernels, and gradients of every layer's input except the images.
   *
   * @return three times the forward pass, minus the first layer once
   */
  public long trainingMultiplyAdds() {
    return 3 * forwardMultiplyAdds() - layers().get(0).multiplyAdds();
  }

  /**
   * Formats the layers as a table: name, output shape, parameters.
   *
   * @param format the order of the axes
   * @return lines that end in {@code \n}
   */
  public String summary(DataFormat format) {
    StringBuilder table = new StringBuilder();
    String row = "%-8s  %-17s  %10s\n";
    table.append(row.formatted("layer", "output shape", "parameters"));
    for (Layer layer : layers()) {
      table.append(
          row.formatted(layer.name(), layer.outputShape(format), grouped(layer.parameterCount())));
    }
    return table.append(row.formatted("total", "", grouped(parameterCount()))).toString();
  }

  /**
   * Formats the configuration as {@code key=value} lines, for files: {@code image_height}, {@code
   * image_width}, {@code kernel_size}, {@code channels}, {@code pooling}, {@code dense_units},
   * {@code activation}, {@code classes}. Numbers in lists are separated by commas, and enum values
   * are in lower case.
   *
   * @return lines that end in {@code \n}
   */
  public String toText() {
    return ArchitectureText.of(this);
  }

  /**
   * Reads the lines of {@link #toText()}. Every key is required, because a guessed value would
   * change the network. Keys of later versions will be optional, and their defaults will match this
   * version.
   *
   * @param text {@code key=value} lines in any order; blank lines are skipped
   * @return the configuration
   * @throws IllegalArgumentException if a key is unknown, missing or duplicate, or a value is
   *     invalid
   */
  public static LeNetConfig fromText(String text) {
    return ArchitectureText.read(text);
  }

  /** {@return the number of parameters, as floating point to avoid overflow} */
  private static double parameters(Layer layer) {
    return layer
        .kernelShape()
        .map(
            kernel ->
                LongStream.of(kernel.asArray()).asDoubleStream().reduce(1, (a, b) -> a * b)
                    + Layer.outputs(kernel))
        .orElse(0.0);
  }

  private static void requireBearable(double parameters) {
    if (parameters > MAX_PARAMETERS) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "the network would have %,.0f parameters, more than %,d: use fewer channels or units",
              parameters,
              MAX_PARAMETERS));
    }
  }

  private static String grouped(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  private static List<Layer> layers(
      int imageHeight,
      int imageWidth,
      int kernelSize,
      List<Integer> channels,
      List<Integer> denseUnits,
      int classes) {
    List<Layer> layers = new ArrayList<>();
    long height = imageHeight;
    long width = imageWidth;
    long depth = 1;
    for (int i = 0; i < channels.size(); i++) {
      int number = i + 1;
      if (i > 0) { // the first convolution is padded, the others shrink the image
        if (height < kernelSize || width < kernelSize) {
          throw tooSmall("conv" + number, kernelSize, height, width, imageHeight, imageWidth);
        }
        height = height - kernelSize + 1;
        width = width - kernelSize + 1;
      }
      Shape kernel = Shape.of(kernelSize, kernelSize, depth, channels.get(i));
      depth = channels.get(i);
      layers.add(
          new Layer(
              "conv" + number,
              Layer.Kind.CONVOLUTION,
              Shape.of(height, width, depth),
              Optional.of(kernel)));
      if (height < 2 || width < 2) {
        throw tooSmall("pool" + number, 2, height, width, imageHeight, imageWidth);
      }
      height /= 2;
      width /= 2;
      layers.add(
          new Layer(
              "pool" + number,
              Layer.Kind.POOLING,
              Shape.of(height, width, depth),
              Optional.empty()));
    }
    int units = denseUnits.isEmpty() ? classes : denseUnits.get(0);
    requireBearable((double) height * width * depth * units); // else their product could overflow
    long inputs = height * width * depth;
    for (int i = 0; i < denseUnits.size(); i++) {
      layers.add(dense("dense" + (i + 1), inputs, denseUnits.get(i)));
      inputs = denseUnits.get(i);
    }
    layers.add(dense("logits", inputs, classes));
    return List.copyOf(layers);
  }

  private static Layer dense(String name, long inputs, long units) {
    return new Layer(name, Layer.Kind.DENSE, Shape.of(units), Optional.of(Shape.of(inputs, units)));
  }

  private static IllegalArgumentException tooSmall(
      String layer, int window, long height, long width, int imageHeight, int imageWidth) {
    return new IllegalArgumentException(
        ("%s: its %s×%s window does not fit into the %s×%s pixels that are left of a %s×%s image."
                + " Use a smaller kernel, fewer convolutions or larger images.")
            .formatted(layer, window, window, height, width, imageHeight, imageWidth));
  }

  private static void requirePositive(String name, int value) {
    if (value <= 0) {
      throw new IllegalArgumentException(name + " (" + value + ") must be positive");
    }
  }
}
