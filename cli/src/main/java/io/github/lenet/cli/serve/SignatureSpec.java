package io.github.lenet.cli.serve;

import io.github.lenet.model.ModelSignature;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;

/**
 * A signature as clients know it.
 *
 * @param key its name
 * @param methodName such as {@link ModelSignature#PREDICT}
 * @param inputs by name
 * @param outputs by name
 */
record SignatureSpec(
    String key, String methodName, Map<String, Port> inputs, Map<String, Port> outputs) {

  /**
   * An input or output.
   *
   * @param tensorName of the tensor in the graph, as in {@code images:0}
   * @param type of its elements
   * @param shape with -1 for the number of rows
   */
  record Port(String tensorName, DataType type, Shape shape) {

    static Port of(Operand<?> operand) {
      Output<?> output = operand.asOutput();
      return new Port(output.op().name() + ":" + output.index(), output.dataType(), output.shape());
    }
  }

  SignatureSpec {
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
  }

  static SignatureSpec of(ModelSignature signature) {
    return new SignatureSpec(
        signature.key(),
        signature.methodName(),
        ports(signature.inputs()),
        ports(signature.outputs()));
  }

  private static Map<String, Port> ports(Map<String, Operand<?>> operands) {
    Map<String, Port> ports = new LinkedHashMap<>();
    operands.forEach((name, operand) -> ports.put(name, Port.of(operand)));
    return ports;
  }
}
