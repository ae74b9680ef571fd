package io.github.lenet.model;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.tensorflow.Operand;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.io.ParseExample;
import org.tensorflow.op.nn.TopK;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint8;

/**
 * A signature of a model, as in TensorFlow Serving: named inputs, named outputs and a method. A
 * model has these signatures:
 *
 * <table>
 *   <caption>Signatures</caption>
 *   <tr><th>signature, method</th><th>input</th><th>outputs</th></tr>
 *   <tr><td>{@code serving_default}, predict</td><td>{@code images} uint8 {@code [n, height,
 *       width]}, 0 to 255</td><td>{@code probabilities} float32 {@code [n, classes]}, {@code
 *       classes} int64 {@code [n]}, {@code labels} string {@code [n]}, the names of the
 *       classes</td></tr>
 *   <tr><td>{@code scaled}, predict</td><td>{@code images} float32 {@code [n, height, width, 1]},
 *       0 to 1</td><td>the same</td></tr>
 *   <tr><td>{@code layers}, predict</td><td>as {@code serving_default}</td><td>{@code conv1},
 *       {@code pool1}, {@code conv2}, {@code pool2} …: float32 {@code [n, height, width,
 *       channels]}</td></tr>
 *   <tr><td>{@code classify}, classify</td><td>{@code inputs} string {@code [n]}: each a serialized
 *       {@code tf.Example} with the feature {@code image}, {@code height · width} integers, 0 to
 *       255</td><td>{@code classes} string {@code [n, classes]}, {@code scores} float32 {@code [n,
 *       classes]}: all classes, the most probable first</td></tr>
 * </table>
 *
 * @param key the name of the signature
 * @param methodName {@link #PREDICT} or {@link #CLASSIFY}
 * @param inputs the inputs by name; operands of the model's graph
 * @param outputs the outputs by name; operands of the model's graph
 */
public record ModelSignature(
    String key,
    String methodName,
    Map<String, Operand<?>> inputs,
    Map<String, Operand<?>> outputs) {

  /** The method with tensors as inputs and outputs. */
  public static final String PREDICT = "tensorflow/serving/predict";

  /** The method with examples as inputs, and names and scores of classes as outputs. */
  public static final String CLASSIFY = "tensorflow/serving/classify";

  /** The key of the signature with pixels between 0 and 1. */
  static final String SCALED = "scaled";

  /** The key of the signature with the outputs of convolutions and pooling. */
  static final String LAYERS = "layers";

  /** The key of the signature with method {@link #CLASSIFY}. */
  static final String CLASSIFY_KEY = "classify";

  /** The name of an example's feature with the pixels. */
  static final String IMAGE_FEATURE = "image";

  /** Copies the maps and keeps their order. */
  public ModelSignature {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(methodName, "methodName");
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
  }

  /** Builds the logits of unscaled (uint8) or scaled images. */
  private interface Forward {
    Operand<TFloat32> logits(Ops tf, Operand<TUint8> images);

    Operand<TFloat32> logitsOfScaled(Ops tf, Operand<TFloat32> images);
  }

  /**
   * Builds the signatures layer by layer, for any device.
   *
   * @param tf the scope to build in
   * @param lenet the network, in the same graph
   * @param classNames one name per class, in order
   * @return the signatures of the table, in its order
   */
  public static List<ModelSignature> build(Ops tf, LeNet lenet, List<String> classNames) {
    Forward forward =
        new Forward() {
          @Override
          public Operand<TFloat32> logits(Ops scope, Operand<TUint8> images) {
            return lenet.forward(scope, images).logits();
          }

          @Override
          public Operand<TFloat32> logitsOfScaled(Ops scope, Operand<TFloat32> images) {
            return lenet.forwardScaled(scope, images).logits();
          }
        };
    return build(tf, lenet, classNames, forward);
  }

  /**
   * Builds the same signatures for a CPU, with the same names. All except {@code layers} use {@link
   * FastForward}. Outputs differ from those of {@link #build} by rounding.
   *
   * @param tf the scope to build in
   * @param lenet the network, in the same graph
   * @param classNames one name per class, in order
   * @return the signatures of the table, in its order
   */
  public static List<ModelSignature> buildForCpu(Ops tf, LeNet lenet, List<String> classNames) {
    FastForward fast = FastForward.of(tf.withSubScope("kernels"), lenet);
    Forward forward =
        new Forward() {
          @Override
          public Operand<TFloat32> logits(Ops scope, Operand<TUint8> images) {
            return fast.logits(scope, images);
          }

          @Override
          public Operand<TFloat32> logitsOfScaled(Ops scope, Operand<TFloat32> images) {
            return fast.logitsOfScaled(scope, images);
          }
        };
    return build(tf, lenet, classNames, forward);
  }

  private static List<ModelSignature> build(
      Ops tf, LeNet lenet, List<String> classNames, Forward forward) {
    int height = lenet.config().imageHeight();
    int width = lenet.config().imageWidth();
    Operand<TString> names =
        tf.withName("class_names").array(StandardCharsets.UTF_8, classNames.toArray(String[]::new));
    Operand<TUint8> images =
        tf.withName("images")
            .placeholder(TUint8.class, Placeholder.shape(Shape.of(-1, height, width)));
    Operand<TFloat32> scaled =
        tf.withName("scaled_images")
            .placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, height, width, 1)));
    Ops scope = tf.withSubScope(Signature.DEFAULT_KEY);
    Ops scaledScope = tf.withSubScope(SCALED);
    return List.of(
        predictions(scope, Signature.DEFAULT_KEY, images, forward.logits(scope, images), names),
        predictions(
            scaledScope, SCALED, scaled, forward.logitsOfScaled(scaledScope, scaled), names),
        layers(tf.withSubScope(LAYERS), lenet, images),
        classify(tf.withSubScope(CLASSIFY_KEY), lenet.config(), forward, names));
  }

  private static ModelSignature predictions(
      Ops tf, String key, Operand<?> images, Operand<TFloat32> logits, Operand<TString> names) {
    Operand<TInt64> classes = tf.withName("classes").math.argMax(logits, tf.constant(1));
    Map<String, Operand<?>> outputs = new LinkedHashMap<>();
    outputs.put("probabilities", tf.withName("probabilities").nn.softmax(logits));
    outputs.put("classes", classes);
    outputs.put("labels", tf.withName("labels").gather(names, classes, tf.constant(0)));
    return new ModelSignature(key, PREDICT, Map.of("images", images), outputs);
  }

  private static ModelSignature layers(Ops tf, LeNet lenet, Operand<TUint8> images) {
    ForwardPass pass = lenet.forward(tf, images);
    Map<String, Operand<?>> outputs = new LinkedHashMap<>();
    lenet.config().layers().stream()
        .filter(layer -> layer.kind() != Layer.Kind.DENSE)
        .forEach(layer -> outputs.put(layer.name(), pass.layer(layer.name())));
    return new ModelSignature(LAYERS, PREDICT, Map.of("images", images), outputs);
  }

  /** TensorFlow Serving prescribes the names of input and outputs for this method. */
  private static ModelSignature classify(
      Ops tf, LeNetConfig model, Forward forward, Operand<TString> names) {
    Operand<TString> examples =
        tf.withName("examples").placeholder(TString.class, Placeholder.shape(Shape.of(-1)));
    Operand<TFloat32> logits = forward.logits(tf, pixels(tf, examples, model));
    TopK<TFloat32, TInt32> best =
        tf.nn.topK(tf.nn.softmax(logits), tf.constant(model.classes()), new TopK.Options[0]);
    Map<String, Operand<?>> outputs = new LinkedHashMap<>();
    outputs.put("classes", tf.withName("classes").gather(names, best.indices(), tf.constant(0)));
    outputs.put("scores", best.values());
    return new ModelSignature(CLASSIFY_KEY, CLASSIFY, Map.of("inputs", examples), outputs);
  }

  /** Parses examples to uint8 {@code [n, height, width]}; fails on numbers outside 0 to 255. */
  private static Operand<TUint8> pixels(Ops tf, Operand<TString> examples, LeNetConfig model) {
    int height = model.imageHeight();
    int width = model.imageWidth();
    // An empty array of strings. TensorFlow Java has no constant for it.
    Operand<TString> none = tf.fill(tf.array(0), tf.constant(""));
    ParseExample parsed =
        tf.io.parseExample(
            examples,
            none, // names of the examples
            none, // sparse features
            tf.array(IMAGE_FEATURE),
            none, // ragged features
            List.of(tf.constant(new long[0])), // no default: an example without it fails
            0L,
            List.of(),
            List.of(),
            List.of(),
            List.of(Shape.of(height * width)));
    @SuppressWarnings("unchecked")
    Operand<TInt64> numbers = (Operand<TInt64>) parsed.denseValues().get(0);
    Operand<TBool> arePixels =
        tf.reduceAll(
            tf.math.logicalAnd(
                tf.math.greaterEqual(numbers, tf.constant(0L)),
                tf.math.lessEqual(numbers, tf.constant(255L))),
            tf.array(0, 1));
    Op check = tf.assertThat(arePixels, List.of(tf.constant("image: expected numbers 0 to 255")));
    return tf.withControlDependencies(check)
        .reshape(tf.dtypes.cast(numbers, TUint8.class), tf.array(-1, height, width));
  }

  /** {@return this signature for TensorFlow's exporter} */
  Signature toSignature() {
    Signature.Builder builder = Signature.builder().key(key).methodName(methodName);
    inputs.forEach(builder::input);
    outputs.forEach(builder::output);
    return builder.build();
  }
}
