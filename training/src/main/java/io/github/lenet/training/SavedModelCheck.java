package io.github.lenet.training;

import io.github.lenet.model.ForwardPass;
import io.github.lenet.model.LeNet;
import io.github.lenet.model.LeNetConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
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
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint8;

/** Asks every signature of a SavedModel, and compares with a network that has the parameters. */
final class SavedModelCheck {

  /** The largest difference that a number of an output may show. */
  private static final float TOLERANCE = 1e-6f;

  private static final int NOISE_IMAGES = 16;
  private static final String PROBABILITIES = "probabilities";

  private SavedModelCheck() {}

  /**
   * Checks the outputs of all signatures for some images.
   *
   * @param savedModel a SavedModel's directory
   * @param parameters the prefix of the checkpoint with the network's parameters
   * @param model the architecture they belong to
   * @param classNames the names of the classes
   * @param images uint8 {@code [n, height, width]}; stays the caller's
   * @return the signatures' names
   * @throws IOException if the SavedModel can't be loaded, or a number differs by more than 1e-6
   */
  static List<String> requireSameOutputs(
      Path savedModel, Path parameters, LeNetConfig model, List<String> classNames, TUint8 images)
      throws IOException {
    try (SavedModelBundle bundle = load(savedModel)) {
      Map<String, float[]> expected = expected(model, parameters, images);
      int count = (int) images.shape().get(0);
      List<String> names = new ArrayList<>();
      for (SessionFunction function : bundle.functions()) {
        Signature signature = function.signature();
        names.add(signature.key());
        try (Tensor input = input(signature, images);
            Result answer =
                function.call(Map.of(signature.inputNames().iterator().next(), input))) {
          String where = "%s: signature %s".formatted(savedModel, signature.key());
          if (signature.key().equals(ServingSignature.CLASSIFY_KEY)) {
            requireRanking(expected.get(PROBABILITIES), count, classNames, answer, where);
            continue;
          }
          for (String output : signature.outputNames()) {
            Tensor found = answer.get(output).orElseThrow();
            if (found instanceof TFloat32 numbers) {
              requireEqual(expected.get(output), values(numbers), where + ": " + output);
            }
          }
          if (signature.outputNames().contains(PROBABILITIES)) {
            requireBestClasses(expected.get(PROBABILITIES), count, classNames, answer, where);
          }
        }
      }
      return List.copyOf(names);
    } catch (TensorFlowException e) {
      throw new IOException(
          "%s: does not work as a SavedModel: %s"
              .formatted(savedModel, TensorFlowRuntime.firstError(e)),
          e);
    }
  }

  /**
   * The same for a model that says itself what it is, about images of noise.
   *
   * @throws IOException as above, and if the SavedModel is not one of this library's
   */
  static List<String> requireSameOutputs(Path savedModel, Path parameters) throws IOException {
    LeNetConfig model;
    List<String> classNames = new ArrayList<>();
    try (SavedModelBundle bundle = load(savedModel);
        Result texts = bundle.session().runner().fetch("architecture").fetch("class_names").run()) {
      model = LeNetConfig.fromText(((TString) texts.get(0)).getObject());
      ((TString) texts.get(1)).scalars().forEach(name -> classNames.add(name.getObject()));
    } catch (TensorFlowException | IllegalArgumentException e) {
      throw new IOException(
          "%s: is no SavedModel of this program: %s"
              .formatted(savedModel, TensorFlowRuntime.firstError(e)),
          e);
    }
    byte[] noise = new byte[NOISE_IMAGES * model.imageHeight() * model.imageWidth()];
    new Random(1).nextBytes(noise);
    Shape shape = Shape.of(NOISE_IMAGES, model.imageHeight(), model.imageWidth());
    try (TUint8 images = TUint8.tensorOf(shape, DataBuffers.of(noise))) {
      return requireSameOutputs(savedModel, parameters, model, classNames, images);
    }
  }

  private static SavedModelBundle load(Path directory) {
    return SavedModelBundle.loader(directory.toString())
        .withTags(SavedModelBundle.DEFAULT_TAG)
        .withConfigProto(sessionConfig())
        .load();
  }

  private static ConfigProto sessionConfig() {
    return DeviceSelection.cpu("export").sessionConfig(1, 1);
  }

  /** What the parameters give in a graph of the library's own: all layers, and probabilities. */
  private static Map<String, float[]> expected(LeNetConfig model, Path parameters, TUint8 images) {
    try (Graph graph = new Graph();
        Session session = new Session(graph, sessionConfig())) {
      Ops tf = Ops.create(graph);
      Operand<TUint8> input =
          tf.placeholder(
              TUint8.class,
              Placeholder.shape(Shape.of(-1, model.imageHeight(), model.imageWidth())));
      ForwardPass pass = LeNet.build(tf, model, 0).forward(tf, input);
      Map<String, Operand<TFloat32>> outputs = new LinkedHashMap<>(pass.outputs());
      outputs.put(PROBABILITIES, tf.nn.softmax(pass.logits()));
      session.restore(parameters.toString());
      Session.Runner runner = session.runner().feed(input, images);
      outputs.values().forEach(runner::fetch);
      try (Result result = runner.run()) {
        Map<String, float[]> values = new LinkedHashMap<>();
        for (String name : outputs.keySet()) {
          values.put(name, values((TFloat32) result.get(values.size())));
        }
        return values;
      }
    }
  }

  /** A copy of the images as the signature wants them. */
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

  private static float[] values(TFloat32 tensor) {
    float[] values = new float[(int) tensor.size()];
    tensor.asRawTensor().data().asFloats().read(values);
    return values;
  }

  private static void requireEqual(float[] expected, float[] found, String where)
      throws IOException {
    if (expected == null || expected.length != found.length) {
      throw otherwise(where, "another shape", expected == null ? "nothing" : expected.length);
    }
    for (int i = 0; i < expected.length; i++) {
      if (!(Math.abs(expected[i] - found[i]) <= TOLERANCE * Math.max(1, Math.abs(expected[i])))) {
        throw otherwise(where, found[i], expected[i]);
      }
    }
  }

  private static void requireBestClasses(
      float[] probabilities, int images, List<String> names, Result answer, String where)
      throws IOException {
    TInt64 classes = (TInt64) answer.get("classes").orElseThrow();
    TString labels = (TString) answer.get("labels").orElseThrow();
    int count = names.size();
    for (int image = 0; image < images; image++) {
      int found = (int) classes.getLong(image);
      float highest = 0;
      for (int label = 0; label < count; label++) {
        highest = Math.max(highest, probabilities[image * count + label]);
      }
      if (!(probabilities[image * count + found] >= highest - TOLERANCE)) {
        throw otherwise(where + ": classes", found, "the most probable one");
      }
      if (!labels.getObject(image).equals(names.get(found))) {
        throw otherwise(where + ": labels", labels.getObject(image), names.get(found));
      }
    }
  }

  /** All classes, the most probable first; equally probable ones in any order. */
  private static void requireRanking(
      float[] probabilities, int images, List<String> names, Result answer, String where)
      throws IOException {
    TString classes = (TString) answer.get("classes").orElseThrow();
    float[] scores = values((TFloat32) answer.get("scores").orElseThrow());
    int count = names.size();
    if (scores.length != images * count || classes.size() != scores.length) {
      throw otherwise(where + ": scores", scores.length, images * count);
    }
    for (int image = 0; image < images; image++) {
      Set<String> left = new HashSet<>(names);
      for (int rank = 0; rank < count; rank++) {
        int at = image * count + rank;
        String name = classes.getObject(image, rank);
        if (!left.remove(name)) {
          throw otherwise(where + ": classes", name, "each class once");
        }
        float expected = probabilities[image * count + names.indexOf(name)];
        if (!(Math.abs(scores[at] - expected) <= TOLERANCE)) {
          throw otherwise(where + ": scores", scores[at], expected);
        }
        if (rank > 0 && scores[at] > scores[at - 1]) {
          throw otherwise(where + ": scores", scores[at], "the most probable class first");
        }
      }
    }
  }

  private static IOException otherwise(String where, Object found, Object expected) {
    return new IOException(
        "%s: the reloaded model's output differs: expected %s, found %s"
            .formatted(where, expected, found));
  }
}
