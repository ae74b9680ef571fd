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
record SignatureDef(
    String key,
    String methodName,
    Map<String, TensorInfo> inputs,
    Map<String, TensorInfo> outputs) {

  /**
   * An input or output.
   *
   * @param tensorName of the tensor in the graph, as in {@code images:0}
   * @param type of its elements
   * @param shape with -1 for the number of rows
   */
  record TensorInfo(String tensorName, DataType type, Shape shape) {

    static TensorInfo of(Operand<?> operand) {
      Output<?> output = operand.asOutput();
      return new TensorInfo(
          output.op().name() + ":" + output.index(), output.dataType(), output.shape());
    }
  }

  SignatureDef {
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
  }

  static SignatureDef of(ModelSignature signature) {
    return new SignatureDef(
        signature.key(),
        signature.methodName(),
        tensorInfos(signature.inputs()),
        tensorInfos(signature.outputs()));
  }

  private static Map<String, TensorInfo> tensorInfos(Map<String, Operand<?>> operands) {
    Map<String, TensorInfo> tensorInfos = new LinkedHashMap<>();
    operands.forEach((name, operand) -> tensorInfos.put(name, TensorInfo.of(operand)));
    return tensorInfos;
  }
}
