package io.github.lenet.training;

import io.github.lenet.data.ImageBatch;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.Layer;
import io.github.lenet.model.LeNet;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.Sha256Sums;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.SessionFunction;
import org.tensorflow.Signature;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * Publishes trained parameters as a SavedModel for serving: a graph of its own, with the forward
 * pass and nothing of training in it, that runs wherever it is loaded.
 *
 * <p>It has the signatures of {@link ServingSignature}.
 *
 * <p>The graph also says what it is: {@code architecture}, a string, is {@link
 * LeNetConfig#toText()}, and {@code class_names}, string {@code [classes]}, the names. Beside it,
 * in {@code assets.extra}, are a model card, TensorFlow Serving's warm-up requests, and the
 * checksums of all files.
 */
final class SavedModelExport {

  /** Test images that the written model is checked with. */
  private static final int PROBES = 100;

  private static final int WARM_UP_IMAGES = 2;

  private SavedModelExport() {}

  /**
   * Writes a SavedModel beside its place, loads it once to check its outputs, and renames it into
   * place, where an earlier one goes away.
   *
   * @param checkpoint the prefix of the parameters' files
   * @param card what they are
   * @param images some to ask it about; the first ones become warm-up requests
   * @param directory its parent is created
   * @throws IOException if it can't be written, or its outputs differ from those of the parameters
   */
  static void write(Path checkpoint, ModelCard card, ImageDataset images, Path directory)
      throws IOException {
    LeNetConfig model = card.config().model();
    Files.createDirectories(directory.getParent());
    AtomicFile.writeDirectory(
        directory,
        temporary -> {
          writeGraph(checkpoint, model, card.classNames(), temporary);
          Path extra = Files.createDirectories(temporary.resolve("assets.extra"));
          AtomicFile.writeInPlace(
              extra.resolve("model-card.md"), card.toMarkdown().getBytes(StandardCharsets.UTF_8));
          try (ImageBatch batch = firstOf(images, WARM_UP_IMAGES)) {
            WarmUpRequests.write(extra.resolve(WarmUpRequests.FILE), batch.images());
          }
          Sha256Sums.writeOfSavedModel(temporary); // then what they are of is asked
          try (ImageBatch batch = firstOf(images, PROBES)) {
            SavedModelCheck.requireSameOutputs(
                temporary, checkpoint, model, card.classNames(), batch.images());
          }
        });
  }

  private static ImageBatch firstOf(ImageDataset images, int count) {
    return images.batches(Math.min(images.size(), count)).iterator().next();
  }

  private static void writeGraph(
      Path checkpoint, LeNetConfig model, List<String> classNames, Path directory)
      throws IOException {
    try (Graph graph = new Graph();
        Session session = new Session(graph, DeviceSelection.cpu("export").sessionConfig(1, 1))) {
      List<Signature> signatures = build(Ops.create(graph), model, classNames);
      session.restore(checkpoint.toString());
      SavedModelBundle.exporter(directory.toString())
          .withFunctions(signatures.stream().map(session::function).toArray(SessionFunction[]::new))
          .export();
    } catch (IOException e) { // of what TensorFlow's Java half writes
      throw AtomicFile.cannotBeWritten(directory, e);
    } catch (TensorFlowException e) {
      throw new IOException(
          directory + ": cannot be written: " + TensorFlowRuntime.firstError(e), e);
    }
  }

  private static List<Signature> build(Ops tf, LeNetConfig model, List<String> classNames) {
    tf.withName("architecture").constant(StandardCharsets.UTF_8, model.toText());
    LeNet lenet = LeNet.of(model, variables(tf, model));
    return ServingSignature.build(tf, lenet, model, classNames).stream()
        .map(ServingSignature::toSignature)
        .toList();
  }

  /** Without initial values, which nobody needs who restores them. */
  private static Map<String, Operand<TFloat32>> variables(Ops tf, LeNetConfig model) {
    Map<String, Operand<TFloat32>> variables = new LinkedHashMap<>();
    for (Layer layer : model.layers()) {
      layer
          .kernelShape()
          .ifPresent(
              kernel -> {
                Ops scope = tf.withSubScope(layer.name());
                Shape bias = Shape.of(kernel.get(kernel.numDimensions() - 1));
                variables.put(
                    layer.name() + "/kernel",
                    scope.withName("kernel").variable(kernel, TFloat32.class));
                variables.put(
                    layer.name() + "/bias", scope.withName("bias").variable(bias, TFloat32.class));
              });
    }
    return variables;
  }
}
