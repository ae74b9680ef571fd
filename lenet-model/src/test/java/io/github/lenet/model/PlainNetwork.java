package io.github.lenet.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/**
 * The network in loops over arrays, forwards and backwards, in double precision: something to
 * compare TensorFlow's with. Owes nothing to it, nor to {@link LeNetConfig#layers()}.
 *
 * <p>Images are rows of bytes; values between layers are {@code [height, width, channels]}, flat.
 */
public final class PlainNetwork {

  private final LeNetConfig config;
  private final Map<String, double[]> parameters = new LinkedHashMap<>();
  private final Map<String, double[]> gradients = new LinkedHashMap<>();
  private final double mean;
  private final double deviation;
  private final List<Stage> stages = new ArrayList<>();
  private double nearestKink;

  /**
   * Over pixels from 0 to 1.
   *
   * @param parameters by name, as {@link LeNet#parameters()} has them; copied
   */
  public PlainNetwork(LeNetConfig config, Map<String, float[]> parameters) {
    this(config, parameters, 0, 1);
  }

  /**
   * Over pixels {@code x}, from 0 to 1, that are standardised first, the padding too: {@code (x -
   * mean) / deviation}.
   *
   * @param parameters by name, as {@link LeNet#parameters()} has them; copied
   */
  public PlainNetwork(
      LeNetConfig config, Map<String, float[]> parameters, double mean, double deviation) {
    this.config = config;
    this.mean = mean;
    this.deviation = deviation;
    parameters.forEach(
        (name, values) -> {
          double[] copy = new double[values.length];
          Arrays.setAll(copy, i -> values[i]);
          this.parameters.put(name, copy);
          gradients.put(name, new double[values.length]);
        });
    int k = config.kernelSize();
    int height = config.imageHeight() + k - 1; // conv1 is padded to give what it was given
    int width = config.imageWidth() + k - 1;
    int depth = 1;
    for (int i = 0; i < config.channels().size(); i++) {
      int channels = config.channels().get(i);
      stages.add(new Convolution("conv" + (i + 1), height, width, depth, channels));
      stages.add(new Activate());
      height -= k - 1;
      width -= k - 1;
      depth = channels;
      stages.add(new Pool(height, width, depth));
      height /= 2;
      width /= 2;
    }
    int inputs = height * width * depth;
    for (int i = 0; i < config.denseUnits().size(); i++) {
      int units = config.denseUnits().get(i);
      stages.add(new Dense("dense" + (i + 1), inputs, units));
      stages.add(new Activate());
      inputs = units;
    }
    stages.add(new Dense("logits", inputs, config.classes()));
  }

  /** By name, live: who changes them changes the network. */
  public Map<String, double[]> parameters() {
    return parameters;
  }

  /** The unnormalised scores of the classes. */
  public double[] logits(byte[] image) {
    double[] x = padded(image);
    for (Stage stage : stages) {
      x = stage.forward(x);
    }
    return x;
  }

  /** The probabilities of the classes. */
  public double[] probabilities(byte[] image) {
    double[] logits = logits(image);
    double largest = Arrays.stream(logits).max().orElseThrow();
    double[] powers = Arrays.stream(logits).map(logit -> Math.exp(logit - largest)).toArray();
    double sum = Arrays.stream(powers).sum();
    return Arrays.stream(powers).map(power -> power / sum).toArray();
  }

  /** The softmax cross-entropy in nats, mean over the images. */
  public double loss(List<byte[]> images, int[] labels) {
    double sum = 0;
    for (int i = 0; i < labels.length; i++) {
      sum -= Math.log(probabilities(images.get(i))[labels[i]]);
    }
    return sum / labels.length;
  }

  /** The gradient of that loss, by the names of the parameters; valid until the next call. */
  public Map<String, double[]> gradients(List<byte[]> images, int[] labels) {
    gradients.values().forEach(values -> Arrays.fill(values, 0));
    for (int i = 0; i < labels.length; i++) {
      double[] gradient = probabilities(images.get(i));
      gradient[labels[i]] -= 1;
      for (int c = 0; c < gradient.length; c++) {
        gradient[c] /= labels.length;
      }
      for (int s = stages.size() - 1; s >= 0; s--) {
        gradient = stages.get(s).backward(gradient);
      }
    }
    return gradients;
  }

  /**
   * By how much a gradient computed in single precision may differ: by 1e-5 of the layer's largest
   * component, which is 6e-8 and what sums of thousands make of it; and by 1e-6 of the network's
   * largest, for what cancels out in an early layer was rounded in a later one.
   */
  public static double gradientBound(String name, Map<String, double[]> gradients) {
    String layer = name.substring(0, name.indexOf('/') + 1);
    double ofLayer = 0;
    double ofNetwork = 0;
    for (Map.Entry<String, double[]> gradient : gradients.entrySet()) {
      double largest = Arrays.stream(gradient.getValue()).map(Math::abs).max().orElseThrow();
      ofNetwork = Math.max(ofNetwork, largest);
      ofLayer = gradient.getKey().startsWith(layer) ? Math.max(ofLayer, largest) : ofLayer;
    }
    return 1e-5 * ofLayer + 1e-6 * ofNetwork;
  }

  /**
   * Noise that keeps a distance from where the slope of the loss jumps: of ReLU at 0, of a maximum
   * where two values are equal. Nearer than single precision can tell apart, two right ways to
   * compute may differ.
   */
  public List<byte[]> clearImages(int count, double distance, Random random) {
    List<byte[]> images =
        Stream.generate(() -> noise(random))
            .limit(50L * (count + 1))
            .filter(image -> nearestKink(image) > distance)
            .limit(count)
            .toList();
    if (images.size() < count) {
      throw new AssertionError("hardly any image is clear: " + config);
    }
    return images;
  }

  private byte[] noise(Random random) {
    byte[] pixels = new byte[config.imageHeight() * config.imageWidth()];
    random.nextBytes(pixels);
    return pixels;
  }

  private double nearestKink(byte[] image) {
    nearestKink = Double.POSITIVE_INFINITY;
    gradients(List.of(image), new int[1]);
    return nearestKink;
  }

  private double[] padded(byte[] image) {
    int k = config.kernelSize();
    int before = (k - 1) / 2; // as TensorFlow's "SAME": an odd pixel goes to the end
    int width = config.imageWidth() + k - 1;
    double[] x = new double[(config.imageHeight() + k - 1) * width];
    Arrays.fill(x, -mean / deviation);
    for (int row = 0; row < config.imageHeight(); row++) {
      for (int column = 0; column < config.imageWidth(); column++) {
        int pixel = Byte.toUnsignedInt(image[row * config.imageWidth() + column]);
        x[(row + before) * width + column + before] = (pixel / 255.0 - mean) / deviation;
      }
    }
    return x;
  }

  /** Remembers what it last computed, for the way back. */
  private abstract static class Stage {
    abstract double[] forward(double[] x);

    /** From the gradient by the output to the one by the input; adds those by the parameters. */
    abstract double[] backward(double[] gradient);
  }

  private final class Convolution extends Stage {
    private final double[] kernel;
    private final double[] bias;
    private final double[] kernelGradient;
    private final double[] biasGradient;
    private final int height;
    private final int width;
    private final int in;
    private final int out;
    private double[] x;

    Convolution(String name, int height, int width, int in, int out) {
      kernel = parameters.get(name + "/kernel");
      bias = parameters.get(name + "/bias");
      kernelGradient = gradients.get(name + "/kernel");
      biasGradient = gradients.get(name + "/bias");
      this.height = height;
      this.width = width;
      this.in = in;
      this.out = out;
    }

    private interface Product {
      void at(int input, int weight, int output);
    }

    /** Every weight at every place, for the first of the output channels. */
    private void forEachProduct(Product product) {
      int k = config.kernelSize();
      int columns = width - k + 1;
      for (int row = 0; row < height - k + 1; row++) {
        for (int column = 0; column < columns; column++) {
          int output = (row * columns + column) * out;
          for (int dy = 0; dy < k; dy++) {
            for (int dx = 0; dx < k; dx++) {
              int input = ((row + dy) * width + column + dx) * in;
              for (int channel = 0; channel < in; channel++) {
                product.at(input + channel, ((dy * k + dx) * in + channel) * out, output);
              }
            }
          }
        }
      }
    }

    @Override
    double[] forward(double[] x) {
      this.x = x;
      int k = config.kernelSize();
      double[] y = new double[(height - k + 1) * (width - k + 1) * out];
      Arrays.setAll(y, i -> bias[i % out]);
      forEachProduct(
          (input, weight, output) -> {
            for (int o = 0; o < out; o++) {
              y[output + o] += x[input] * kernel[weight + o];
            }
          });
      return y;
    }

    @Override
    double[] backward(double[] gradient) {
      double[] dx = new double[x.length];
      for (int i = 0; i < gradient.length; i++) {
        biasGradient[i % out] += gradient[i];
      }
      forEachProduct(
          (input, weight, output) -> {
            for (int o = 0; o < out; o++) {
              dx[input] += gradient[output + o] * kernel[weight + o];
              kernelGradient[weight + o] += gradient[output + o] * x[input];
            }
          });
      return dx;
    }
  }

  private final class Activate extends Stage {
    private double[] x;

    @Override
    double[] forward(double[] x) {
      this.x = x;
      return Arrays.stream(x).map(this::value).toArray();
    }

    private double value(double x) {
      return switch (config.activation()) {
        case SIGMOID -> 1 / (1 + Math.exp(-x));
        case TANH -> Math.tanh(x);
        case RELU -> Math.max(0, x);
      };
    }

    private double slope(double x) {
      double y = value(x);
      return switch (config.activation()) {
        case SIGMOID -> y * (1 - y);
        case TANH -> 1 - y * y;
        case RELU -> {
          if (x != 0) { // exactly 0 is what follows from zeros alone: flat, on every side
            nearestKink = Math.min(nearestKink, Math.abs(x));
          }
          yield x > 0 ? 1 : 0;
        }
      };
    }

    @Override
    double[] backward(double[] gradient) {
      double[] dx = new double[x.length];
      Arrays.setAll(dx, i -> gradient[i] * slope(x[i]));
      return dx;
    }
  }

  private final class Pool extends Stage {
    private final int width;
    private final int depth;
    private final int rows;
    private final int columns;
    private double[] x;

    Pool(int height, int width, int depth) {
      this.width = width;
      this.depth = depth;
      rows = height / 2;
      columns = width / 2;
    }

    /** The places of the four values that a value comes from. */
    private int[] window(int output) {
      int channel = output % depth;
      int row = output / depth / columns * 2;
      int column = output / depth % columns * 2;
      int first = (row * width + column) * depth + channel;
      int below = first + width * depth;
      return new int[] {first, first + depth, below, below + depth};
    }

    private int largest(int[] window) {
      int largest = window[0];
      for (int place : window) {
        largest = x[place] > x[largest] ? place : largest;
      }
      return largest;
    }

    @Override
    double[] forward(double[] x) {
      this.x = x;
      double[] y = new double[rows * columns * depth];
      for (int i = 0; i < y.length; i++) {
        int[] window = window(i);
        y[i] =
            switch (config.pooling()) {
              case AVG -> Arrays.stream(window).mapToDouble(place -> x[place]).sum() / 4;
              case MAX -> x[largest(window)];
            };
      }
      return y;
    }

    @Override
    double[] backward(double[] gradient) {
      double[] dx = new double[x.length];
      for (int i = 0; i < gradient.length; i++) {
        int[] window = window(i);
        switch (config.pooling()) {
          case AVG -> {
            for (int place : window) {
              dx[place] += gradient[i] / 4;
            }
          }
          case MAX -> {
            int largest = largest(window);
            dx[largest] += gradient[i];
            for (int place : window) {
              if (x[place] < x[largest]) { // equal ones are ReLU's zeros, behind which all is flat
                nearestKink = Math.min(nearestKink, x[largest] - x[place]);
              }
            }
          }
        }
      }
      return dx;
    }
  }

  private final class Dense extends Stage {
    private final double[] kernel;
    private final double[] bias;
    private final double[] kernelGradient;
    private final double[] biasGradient;
    private final int inputs;
    private final int units;
    private double[] x;

    Dense(String name, int inputs, int units) {
      kernel = parameters.get(name + "/kernel");
      bias = parameters.get(name + "/bias");
      kernelGradient = gradients.get(name + "/kernel");
      biasGradient = gradients.get(name + "/bias");
      this.inputs = inputs;
      this.units = units;
    }

    @Override
    double[] forward(double[] x) {
      this.x = x;
      double[] y = bias.clone();
      for (int i = 0; i < inputs; i++) {
        for (int unit = 0; unit < units; unit++) {
          y[unit] += x[i] * kernel[i * units + unit];
        }
      }
      return y;
    }

    @Override
    double[] backward(double[] gradient) {
      double[] dx = new double[inputs];
      for (int unit = 0; unit < units; unit++) {
        biasGradient[unit] += gradient[unit];
      }
      for (int i = 0; i < inputs; i++) {
        for (int unit = 0; unit < units; unit++) {
          dx[i] += gradient[unit] * kernel[i * units + unit];
          kernelGradient[i * units + unit] += gradient[unit] * x[i];
        }
      }
      return dx;
    }
  }
}
