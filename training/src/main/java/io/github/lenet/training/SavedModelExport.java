package io.github.lenet.training;

import io.github.lenet.data.Provenance;
import io.github.lenet.model.LeNet;
import io.github.lenet.model.LeNetConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.Tensor;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TUint8;

/**
 * Publishes trained parameters as a SavedModel for serving: a graph of its own, with the forward
 * pass and nothing of training in it, that runs wherever it is loaded.
 *
 * <p>Signature {@code serving_default}: {@code images} uint8 {@code [n, height, width]} to {@code
 * probabilities} float32 {@code [n, classes]} and {@code classes} int64 {@code [n]}.
 */
final class SavedModelExport {

  /** The largest difference that a reloaded model's probabilities may show. */
  private static final float TOLERANCE = 1e-6f;

  private SavedModelExport() {}

  /**
   * Writes a SavedModel beside its place, loads it once to see that it answers as it should, and
   * renames it into place.
   *
   * @param checkpoint the prefix of the parameters' files
   * @param model the architecture they belong to
   * @param data what they were trained on; {@code assets.extra/training-data.txt} says it
   * @param directory does not exist; its parent is created
   * @param probe pictures to ask it about, uint8 {@code [n, height, width]}; stays the caller's
   */
  static void write(
      Path checkpoint, LeNetConfig model, Provenance data, Path directory, TUint8 probe)
      throws IOException {
    Path temporary = directory.resolveSibling(directory.getFileName() + ".tmp");
    AtomicFile.delete(temporary);
    Files.createDirectories(temporary);
    try (Graph graph = new Graph();
        Session session = new Session(graph, DeviceSelection.cpu("export").sessionConfig(1, 1))) {
      Signature signature = build(Ops.create(graph), model);
      session.restore(checkpoint.toString());
      try {
        SavedModelBundle.exporter(temporary.toString())
            .withFunction(session.function(signature))
            .export();
      } catch (TensorFlowException e) {
        throw new IOException(
            temporary + ": cannot be written: " + e.getMessage().lines().findFirst().orElse(""), e);
      }
      try (Result expected = session.run(signature, Map.of("images", probe));
          SavedModelBundle reloaded = load(temporary);
          Result found = reloaded.call(Map.of("images", probe))) {
        requireEqual(probabilities(expected), probabilities(found), temporary);
      }
    }
    Path extra = Files.createDirectories(temporary.resolve("assets.extra"));
    Files.writeString(
        extra.resolve("training-data.txt"),
        "%s%n%s%n".formatted(data.title(), data.note()).strip() + "\n");
    AtomicFile.publish(temporary, directory);
  }

  private static Signature build(Ops tf, LeNetConfig model) {
    Operand<TUint8> images =
        tf.withName("images")
            .placeholder(
                TUint8.class,
                Placeholder.shape(Shape.of(-1, model.imageHeight(), model.imageWidth())));
    Operand<TFloat32> logits = LeNet.build(tf, model, 0).forward(tf, images).logits();
    return Signature.builder()
        .key(Signature.DEFAULT_KEY)
        .methodName("tensorflow/serving/predict")
        .input("images", images)
        .output("probabilities", tf.withName("probabilities").nn.softmax(logits))
        .output("classes", tf.withName("classes").math.argMax(logits, tf.constant(1)))
        .build();
  }

  private static SavedModelBundle load(Path directory) {
    return SavedModelBundle.loader(directory.toString())
        .withTags(SavedModelBundle.DEFAULT_TAG)
        .withConfigProto(DeviceSelection.cpu("export").sessionConfig(1, 1))
        .load();
  }

  private static TFloat32 probabilities(Result result) {
    Tensor tensor = result.get("probabilities").orElseThrow();
    return (TFloat32) tensor;
  }

  private static void requireEqual(TFloat32 expected, TFloat32 found, Path directory)
      throws IOException {
    Shape shape = expected.shape();
    for (long picture = 0; picture < shape.get(0); picture++) {
      for (long label = 0; label < shape.get(1); label++) {
        float difference =
            Math.abs(expected.getFloat(picture, label) - found.getFloat(picture, label));
        if (!(difference <= TOLERANCE)) {
          throw new IOException(
              "%s: the reloaded model answers otherwise: expected %s, found %s"
                  .formatted(
                      directory,
                      expected.getFloat(picture, label),
                      found.getFloat(picture, label)));
        }
      }
    }
  }
}
