package io.github.lenet.training.evaluation;

import io.github.lenet.model.ForwardPass;
import io.github.lenet.model.Layer;
import io.github.lenet.model.LeNet;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.LeNetModel;
import io.github.lenet.model.internal.GraphLocale;
import io.github.lenet.training.device.DeviceSelection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TUint8;

/**
 * The outputs of a network's convolution and pooling layers for some images.
 *
 * @param kernels the kernels of conv1, {@code [k, k, channels]}
 * @param images for each image the outputs of {@code conv1}, {@code pool1}, {@code conv2} …, after
 *     the activation
 */
public record Activations(FeatureMaps kernels, List<List<FeatureMaps>> images) {

  /** Copies the lists. */
  public Activations {
    Objects.requireNonNull(kernels, "kernels");
    images = images.stream().map(List::copyOf).toList();
  }

  /**
   * Computes the outputs for all images in one execution.
   *
   * @param model the network
   * @param images at least one, uint8 {@code [height, width]} each, 0 (background) to 255
   * @return the layers' outputs
   * @throws IllegalArgumentException if there is no image, or one has another size
   */
  public static Activations of(LeNetModel model, List<byte[]> images) {
    LeNetConfig config = model.architecture();
    int size = config.imageHeight() * config.imageWidth();
    byte[] pixels = new byte[images.size() * size];
    if (images.isEmpty()) {
      throw new IllegalArgumentException("images (none) must be at least one");
    }
    for (int i = 0; i < images.size(); i++) {
      if (images.get(i).length != size) {
        throw new IllegalArgumentException(
            "image %s: expected %s bytes, found %s".formatted(i, size, images.get(i).length));
      }
      System.arraycopy(images.get(i), 0, pixels, i * size, size);
    }
    Shape shape = Shape.of(images.size(), config.imageHeight(), config.imageWidth());
    GraphLocale.enter();
    try (Graph graph = new Graph();
        Session session =
            new Session(graph, DeviceSelection.cpu("activations").sessionConfig(1, 1));
        TUint8 batch = TUint8.tensorOf(shape, DataBuffers.of(pixels))) {
      Ops tf = Ops.create(graph);
      Operand<TUint8> input = tf.placeholder(TUint8.class, Placeholder.shape(shape));
      LeNet lenet = model.build(tf);
      ForwardPass pass = lenet.forward(tf, input);
      List<Layer> layers =
          config.layers().stream().filter(layer -> layer.kind() != Layer.Kind.DENSE).toList();
      Session.Runner runner = session.runner().feed(input, batch);
      layers.forEach(layer -> runner.fetch(pass.layer(layer.name())));
      runner.fetch(lenet.parameters().get("conv1/kernel"));
      try (Result result = runner.run()) {
        List<List<FeatureMaps>> maps = new ArrayList<>();
        images.forEach(image -> maps.add(new ArrayList<>()));
        for (int i = 0; i < layers.size(); i++) {
          float[] all = values(result, i);
          int each = all.length / images.size();
          for (int image = 0; image < images.size(); image++) {
            float[] own = Arrays.copyOfRange(all, image * each, (image + 1) * each);
            maps.get(image).add(maps(layers.get(i), own));
          }
        }
        int k = config.kernelSize();
        int channels = config.channels().get(0);
        return new Activations(
            new FeatureMaps("conv1/kernel", k, k, channels, values(result, layers.size())), maps);
      }
    } finally {
      GraphLocale.exit();
    }
  }

  private static FeatureMaps maps(Layer layer, float[] values) {
    long[] sizes = layer.outputShape().asArray();
    return new FeatureMaps(layer.name(), (int) sizes[0], (int) sizes[1], (int) sizes[2], values);
  }

  private static float[] values(Result result, int index) {
    TFloat32 tensor = (TFloat32) result.get(index);
    float[] values = new float[(int) tensor.size()];
    tensor.asRawTensor().data().asFloats().read(values);
    return values;
  }
}
