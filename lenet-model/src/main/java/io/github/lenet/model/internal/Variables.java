package io.github.lenet.model.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;

/** Sets the variables of a graph. */
public final class Variables {

  private Variables() {}

  /**
   * Sets variables, in one session call. The values are fed, so the graph does not contain them.
   *
   * @param tf builds in the variables' graph
   * @param session a session of the graph; the caller still owns it
   * @param variables float32 variables by name
   * @param values the values of some or all variables by name, each row by row
   */
  public static void assign(
      Ops tf,
      Session session,
      Map<String, Operand<TFloat32>> variables,
      Map<String, float[]> values) {
    List<TFloat32> tensors = new ArrayList<>();
    GraphLocale.enter();
    try {
      Ops scope = tf.withSubScope("assign");
      Session.Runner assign = session.runner();
      values.forEach(
          (name, numbers) -> {
            Operand<TFloat32> variable = variables.get(name);
            Operand<TFloat32> value =
                scope.placeholder(TFloat32.class, Placeholder.shape(variable.shape()));
            TFloat32 tensor = TFloat32.tensorOf(variable.shape(), DataBuffers.of(numbers));
            tensors.add(tensor);
            assign.feed(value, tensor).addTarget(scope.assign(variable, value));
          });
      assign.run().close();
    } finally {
      GraphLocale.exit();
      tensors.forEach(TFloat32::close);
    }
  }
}
