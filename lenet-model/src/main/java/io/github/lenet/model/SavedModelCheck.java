package io.github.lenet.model;

import io.github.lenet.model.internal.GraphLocale;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.SessionFunction;
import org.tensorflow.Signature;
import org.tensorflow.Tensor;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint8;

/** Compares a SavedModel with its original model. */
final class SavedModelCheck {

  /** The largest allowed difference of an output, relative for values above 1. */
  private static final float TOLERANCE = 1e-6f;

  private static final int NOISE_IMAGES = 16;
  private static final String PROBABILITIES = "probabilities";

  private SavedModelCheck() {}

  /**
   * Loads a SavedModel, compares its contents, and calls every signature with images of noise.
   *
   * @param savedModel the directory of the SavedModel
   * @param model the original model
   * @throws IOException if it cannot be loaded, a parameter or name differs, or an output differs
   *     by more than 1e-6
   */
  static void requireSameOutputs(Path savedModel, LeNetModel model) throws IOException {
    LeNetConfig architecture = model.architecture();
    Shape shape = Shape.of(NOISE_IMAGES, architecture.imageHeight(), architecture.imageWidth());
    byte[] noise = new byte[(int) shape.size()];
    new Random(1).nextBytes(noise);
    try (TUint8 images = TUint8.tensorOf(shape, DataBuffers.of(noise));
        SavedModelBundle bundle = SavedModelReader.load(savedModel)) {
      requireSame(SavedModelReader.read(bundle), model, savedModel);
      Map<String, float[]> expected = expected(model, images);
      for (SessionFunction function : bundle.functions()) {
        Signature signature = function.signature();
        try (Tensor input = input(signature, images);
            Result outputs =
                function.call(Map.of(signature.inputNames().iterator().next(), input))) {
          String where = "%s: signature %s".formatted(savedModel, signature.key());
          requireSame(expected, signature, outputs, model.classNames(), where);
        }
      }
    } catch (TensorFlowException | IllegalArgumentException e) {
      throw new IOException(
          "%s: does not work as a SavedModel: %s"
              .formatted(savedModel, SavedModelReader.firstLine(e)),
          e);
    }
  }

  private static void requireSame(LeNetModel found, LeNetModel expected, Path where)
      throws IOException {
    if (!found.architecture().equals(expected.architecture())) {
      throw differs(where + ": architecture", found.architecture(), expected.architecture());
    }
    if (!found.classNames().equals(expected.classNames())) {
      throw differs(where + ": class names", found.classNames(), expected.classNames());
    }
    if (!found.preprocessor().equals(expected.preprocessor())) {
      throw differs(where + ": preprocessing", found.preprocessor(), expected.preprocessor());
    }
    Map<String, float[]> parameters = found.parameters();
    for (Map.Entry<String, float[]> parameter : expected.parameters().entrySet()) {
      int index = Arrays.mismatch(parameters.get(parameter.getKey()), parameter.getValue());
      if (index >= 0) {
        throw differs(
            where + ": " + parameter.getKey() + ": number " + index,
            parameters.get(parameter.getKey())[index],
            parameter.getValue()[index]);
      }
    }
  }

  private static void requireSame(
      Map<String, float[]> expected,
      Signature signature,
      Result outputs,
      List<String> classNames,
      String where)
      throws IOException {
    float[] probabilities = expected.get(PROBABILITIES);
    if (signature.key().equals(ModelSignature.CLASSIFY_KEY)) {
      requireRanking(probabilities, NOISE_IMAGES, classNames, outputs, where);
      return;
    }
    for (String name : signature.outputNames()) {
      if (outputs.get(name).orElseThrow() instanceof TFloat32 numbers) {
        requireEqual(expected.get(name), InferenceGraph.values(numbers), where + ": " + name);
      }
    }
    if (signature.outputNames().contains(PROBABILITIES)) {
      requireBestClasses(probabilities, NOISE_IMAGES, classNames, outputs, where);
    }
  }

  /** Computes the outputs of all layers and the probabilities, in a separate graph. */
  private static Map<String, float[]> expected(LeNetModel model, TUint8 images) {
    GraphLocale.enter();
    try (Graph graph = new Graph();
        Session session = new Session(graph, InferenceGraph.SESSION_CONFIG)) {
      Ops tf = Ops.create(graph);
      Operand<TUint8> input = tf.placeholder(TUint8.class, Placeholder.shape(images.shape()));
      // Uses variables, as in the SavedModel: with constants, TensorFlow fuses other operations,
      // which round differently.
      LeNet lenet = LeNet.of(model.architecture(), SavedModelWriter.variables(tf, session, model));
      ForwardPass pass = lenet.forward(tf.withSubScope("expected"), input);
      Map<String, Operand<TFloat32>> outputs = new LinkedHashMap<>(pass.outputs());
      outputs.put(PROBABILITIES, tf.nn.softmax(pass.logits()));
      Session.Runner runner = session.runner().feed(input, images);
      outputs.values().forEach(runner::fetch);
      try (Result result = runner.run()) {
        Map<String, float[]> values = new LinkedHashMap<>();
        for (String name : outputs.keySet()) {
          values.put(name, InferenceGraph.values((TFloat32) result.get(values.size())));
        }
        return values;
      }
    } finally {
      GraphLocale.exit();
    }
  }

  /** {@return a copy of the images in the signature's input format} */
  private static Tensor input(Signature signature, TUint8 images) {
    DataType type = signature.getInputs().values().iterator().next().dataType;
    if (type == DataType.DT_UINT8) {
      return TUint8.tensorOf(images);
    }
    if (type == DataType.DT_STRING) {
      byte[] pixels = new byte[(int) images.size()];
      images.asRawTensor().data().read(pixels);
      int count = (int) images.shape().get(0);
      NdArray<byte[]> examples = NdArrays.ofObjects(byte[].class, Shape.of(count));
      for (int i = 0; i < count; i++) {
        byte[] example = ImageExample.of(pixels, i, pixels.length / count).toByteArray();
        examples.setObject(example, i);
      }
      return TString.tensorOfBytes(examples);
    }
    Shape shape = images.shape().append(1);
    TFloat32 scaled = TFloat32.tensorOf(shape);
    for (long i = 0; i < shape.size(); i++) {
      float pixel = Byte.toUnsignedInt(images.asRawTensor().data().getByte(i));
      scaled.asRawTensor().data().asFloats().setFloat(pixel * (1 / 255f), i);
    }
    return scaled;
  }

  private static void requireEqual(float[] expected, float[] found, String where)
      throws IOException {
    if (expected == null || expected.length != found.length) {
      throw differs(
          where, found.length + " numbers", expected == null ? "no such output" : expected.length);
    }
    for (int i = 0; i < expected.length; i++) {
      if (!(Math.abs(expected[i] - found[i]) <= TOLERANCE * Math.max(1, Math.abs(expected[i])))) {
        throw differs(where, found[i], expected[i]);
      }
    }
  }

  private static void requireBestClasses(
      float[] probabilities, int images, List<String> names, Result outputs, String where)
      throws IOException {
    TInt64 classes = (TInt64) outputs.get("classes").orElseThrow();
    TString labels = (TString) outputs.get("labels").orElseThrow();
    int count = names.size();
    for (int image = 0; image < images; image++) {
      int found = (int) classes.getLong(image);
      float highest = 0;
      for (int label = 0; label < count; label++) {
        highest = Math.max(highest, probabilities[image * count + label]);
      }
      if (!(probabilities[image * count + found] >= highest - TOLERANCE)) {
        throw differs(where + ": classes", found, "the most probable one");
      }
      if (!labels.getObject(image).equals(names.get(found))) {
        throw differs(where + ": labels", labels.getObject(image), names.get(found));
      }
    }
  }

  /** Checks that all classes are there, the most probable first; equal ones in any order. */
  private static void requireRanking(
      float[] probabilities, int images, List<String> names, Result outputs, String where)
      throws IOException {
    TString classes = (TString) outputs.get("classes").orElseThrow();
    float[] scores = InferenceGraph.values((TFloat32) outputs.get("scores").orElseThrow());
    int count = names.size();
    if (scores.length != images * count || classes.size() != scores.length) {
      throw differs(where + ": scores", scores.length, images * count);
    }
    for (int image = 0; image < images; image++) {
      Set<String> left = new HashSet<>(names);
      for (int rank = 0; rank < count; rank++) {
        int at = image * count + rank;
        String name = classes.getObject(image, rank);
        if (!left.remove(name)) {
          throw differs(where + ": classes", name, "each class once");
        }
        float expected = probabilities[image * count + names.indexOf(name)];
        if (!(Math.abs(scores[at] - expected) <= TOLERANCE)) {
          throw differs(where + ": scores", scores[at], expected);
        }
        if (rank > 0 && scores[at] > scores[at - 1]) {
          throw differs(where + ": scores", scores[at], "the most probable class first");
        }
      }
    }
  }

  private static IOException differs(String where, Object found, Object expected) {
    return new IOException(
        "%s: the reloaded model's output differs: expected %s, found %s"
            .formatted(where, expected, found));
  }
}
