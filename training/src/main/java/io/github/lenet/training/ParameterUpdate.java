package io.github.lenet.training;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.train.ApplyMomentum;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TType;

/**
 * Builds the operation that updates the parameters of a graph by an {@link Optimizer}. The learning
 * rate is fed in each step.
 *
 * <p>The optimizers of tensorflow-framework 1.1.0 do not fit. They fix the learning rate when the
 * graph is built. Their Adam changes its powers of β while updates may still have to read them.
 * Optimizers with state reject variables in scopes. Only their base class is used: since 1.0 it
 * applies no gradient before all are computed. A bare update operation would race with gradients
 * that still read the old weights (https://github.com/tensorflow/java/pull/520).
 *
 * <p>The optimizer's state is in variables of the graph: {@code conv1.kernel.momentum} and so on.
 */
final class ParameterUpdate extends org.tensorflow.framework.optimizers.Optimizer {

  private final Optimizer optimizer;
  private final double weightDecay;
  private final Map<String, Operand<? extends TType>> memory = new HashMap<>();
  private Operand<TFloat32> learningRate;
  private Operand<TFloat32> biasCorrection;

  /**
   * Creates an update; {@link #step} adds it to the graph.
   *
   * @param weightDecay decay of kernels, which have two or more axes; biases have one
   */
  ParameterUpdate(Graph graph, Optimizer optimizer, double weightDecay) {
    super(graph);
    this.optimizer = optimizer;
    this.weightDecay = weightDecay;
  }

  /**
   * Builds the operation of a gradient step.
   *
   * @param variables the variables to change
   * @param gradients their gradients, in the same order
   * @param learningRate learning rate of the step, float32 scalar
   * @param biasCorrection {@link #biasCorrection} of the step, float32 scalar
   * @param name name of the operation
   * @return the operation, done when all variables are changed
   */
  Op step(
      List<Operand<TFloat32>> variables,
      List<Operand<TFloat32>> gradients,
      Operand<TFloat32> learningRate,
      Operand<TFloat32> biasCorrection,
      String name) {
    this.learningRate = learningRate;
    this.biasCorrection = biasCorrection;
    List<GradAndVar<? extends TType>> pairs = new ArrayList<>();
    for (int i = 0; i < gradients.size(); i++) {
      pairs.add(new GradAndVar<>(gradients.get(i).asOutput(), variables.get(i).asOutput()));
    }
    return applyGradients(pairs, name);
  }

  /** {@return the names of the state variables of each parameter} */
  private List<String> slots() {
    if (optimizer instanceof Optimizer.Adam) {
      return List.of("m", "v");
    }
    return optimizer instanceof Optimizer.Sgd ? List.of() : List.of("momentum");
  }

  /**
   * Returns the factor of a step's learning rate. Adam corrects its moments with it, because they
   * start from 0; for other optimizers it is 1.
   *
   * @param step the step, counted from 1
   */
  static double biasCorrection(Optimizer optimizer, long step) {
    return optimizer instanceof Optimizer.Adam adam
        ? Math.sqrt(1 - Math.pow(Optimizer.Adam.BETA2, step)) / (1 - Math.pow(adam.beta1(), step))
        : 1;
  }

  @Override
  protected void createSlots(List<Output<? extends TType>> variables) {
    for (Output<? extends TType> variable : variables) {
      for (String slot : slots()) {
        memory.computeIfAbsent(name(variable, slot), name -> zeros(variable, name));
      }
    }
  }

  /** Creates a state variable. The framework's method cannot name one for a variable in a scope. */
  private <T extends TType> Operand<T> zeros(Output<T> variable, String name) {
    Ops init = tf.withInitScope();
    return tf.withName(name).variable(init.zeros(init.constant(variable.shape()), variable.type()));
  }

  private static String name(Output<?> variable, String slot) {
    return variable.op().name().replace('/', '.') + '.' + slot;
  }

  @Override
  protected <T extends TType> Op applyDense(Ops tf, Output<T> lossGradient, Output<T> variable) {
    Class<T> type = variable.type();
    Operand<T> rate = tf.dtypes.cast(learningRate, type);
    boolean decays = weightDecay > 0 && variable.shape().numDimensions() > 1;
    Operand<T> gradient =
        decays && !(optimizer instanceof Optimizer.Adam)
            ? tf.math.add(lossGradient, tf.math.mul(variable, number(tf, weightDecay, type)))
            : lossGradient;
    if (optimizer instanceof Optimizer.Momentum momentum) {
      return applyMomentum(tf, variable, rate, gradient, momentum.momentum(), false);
    }
    if (optimizer instanceof Optimizer.Nesterov nesterov) {
      return applyMomentum(tf, variable, rate, gradient, nesterov.momentum(), true);
    }
    if (optimizer instanceof Optimizer.Adam adam) {
      return tf.train.applyAdam(
          decays ? shrunk(tf, variable, rate) : variable,
          slot(variable, "m"),
          slot(variable, "v"),
          number(tf, 0, type), // the powers of β; biasCorrection contains them
          number(tf, 0, type),
          tf.math.mul(rate, tf.dtypes.cast(biasCorrection, type)),
          number(tf, adam.beta1(), type),
          number(tf, Optimizer.Adam.BETA2, type),
          number(tf, Optimizer.Adam.EPSILON, type),
          gradient);
    }
    return tf.train.applyGradientDescent(variable, rate, gradient);
  }

  private <T extends TType> Op applyMomentum(
      Ops tf,
      Output<T> variable,
      Operand<T> rate,
      Operand<T> gradient,
      double momentum,
      boolean isNesterov) {
    return tf.train.applyMomentum(
        variable,
        slot(variable, "momentum"),
        rate,
        gradient,
        number(tf, momentum, variable.type()),
        ApplyMomentum.useNesterov(isNesterov));
  }

  private <T extends TType> Operand<T> shrunk(Ops tf, Output<T> variable, Operand<T> rate) {
    Operand<T> part = tf.math.mul(rate, number(tf, weightDecay, variable.type()));
    return tf.assignSub(variable, tf.math.mul(variable, part));
  }

  @SuppressWarnings("unchecked") // zeros() creates it with the variable's type
  private <T extends TType> Operand<T> slot(Output<T> variable, String slot) {
    return (Operand<T>) memory.get(name(variable, slot));
  }

  private static <T extends TType> Operand<T> number(Ops tf, double value, Class<T> type) {
    return tf.dtypes.cast(tf.constant((float) value), type);
  }

  @Override
  public String getOptimizerName() {
    return "ParameterUpdate"; // super() calls this before the field optimizer is set
  }
}
