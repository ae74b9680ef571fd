package io.github.lenet.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * What one pass through the network gives: the output of every layer, after its activation.
 *
 * @param outputs by layer name, in order; float32 {@code [n, height, width, channels]} for
 *     convolutions and pooling, {@code [n, units]} for dense layers
 */
public record ForwardPass(Map<String, Operand<TFloat32>> outputs) {

  /** Copies the map, order kept. */
  public ForwardPass {
    outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
  }

  /**
   * The unnormalised scores of the classes.
   *
   * @return float32 {@code [n, classes]}
   */
  public Operand<TFloat32> logits() {
    return layer("logits");
  }

  /**
   * The output of one layer.
   *
   * @param name {@code conv1}, {@code pool1}, … {@code logits}
   * @return float32, shape as in {@link Layer#outputShape()} behind the batch
   * @throws IllegalArgumentException if there is no such layer
   */
  public Operand<TFloat32> layer(String name) {
    Operand<TFloat32> output = outputs.get(name);
    if (output == null) {
      throw new IllegalArgumentException("no layer '" + name + "'; there are " + outputs.keySet());
    }
    return output;
  }
}
