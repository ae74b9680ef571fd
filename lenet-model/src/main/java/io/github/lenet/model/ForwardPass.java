package io.github.lenet.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * The outputs of all layers in a forward pass, after the activations.
 *
 * @param outputs the outputs by layer name, in order; float32 {@code [n, height, width, channels]}
 *     for convolutions and pooling, {@code [n, units]} for dense layers
 */
public record ForwardPass(Map<String, Operand<TFloat32>> outputs) {

  /** Copies the map and keeps its order. */
  public ForwardPass {
    outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
  }

  /** {@return the unnormalized scores of the classes, float32 {@code [n, classes]}} */
  public Operand<TFloat32> logits() {
    return layer("logits");
  }

  /**
   * Returns the output of one layer.
   *
   * @param name {@code conv1}, {@code pool1}, … {@code logits}
   * @return float32, shape {@code n} followed by {@link Layer#outputShape()}
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
