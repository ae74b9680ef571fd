package io.github.lenet.model;

import io.github.lenet.model.internal.GraphLocale;
import io.github.lenet.model.internal.SavedModelVersions;
import io.github.lenet.model.internal.Sha256Sums;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.StreamSupport;
import org.tensorflow.Operation;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

/**
 * Reads a network from a SavedModel: the constants {@code architecture}, {@code preprocessing} and
 * {@code class_names}, and the variables with the names of the parameters. TensorFlow verifies the
 * variables' files. {@link Sha256Sums} verifies all files if the SavedModel contains checksums.
 */
final class SavedModelReader {

  static final String GRAPH_FILE = "saved_model.pb";

  private SavedModelReader() {}

  /**
   * Reads a model and closes its files.
   *
   * @param path a SavedModel, a directory of numbered versions, or a run directory
   */
  static LeNetModel read(Path path) throws IOException {
    Path directory = locate(path);
    requireChecksums(directory);
    Path card = directory.resolve(SavedModelWriter.EXTRA).resolve(SavedModelWriter.CARD);
    try (SavedModelBundle bundle = load(directory)) {
      return read(bundle).withCard(Files.exists(card) ? Files.readString(card) : "");
    } catch (IllegalArgumentException | TensorFlowException e) {
      throw new ModelFormatException(
          "%s: cannot be read as a LeNet: %s. Export the model again."
              .formatted(directory, firstLine(e)),
          e);
    }
  }

  /** Verifies all files by SHA-256, if there are checksums. */
  private static void requireChecksums(Path directory) throws IOException {
    Path file = directory.resolve(SavedModelWriter.EXTRA).resolve(Sha256Sums.FILE);
    if (Files.exists(file)) {
      Optional<String> mismatch = Sha256Sums.findMismatch(directory, file);
      if (mismatch.isPresent()) {
        throw new ModelFormatException(mismatch.get() + " Export or copy the model again.");
      }
    }
  }

  /** Loads the graph and its variables; the caller closes them. */
  static SavedModelBundle load(Path directory) {
    GraphLocale.enter();
    try {
      return SavedModelBundle.loader(directory.toString())
          .withTags(SavedModelBundle.DEFAULT_TAG)
          .withConfigProto(InferenceGraph.SESSION_CONFIG)
          .load();
    } finally {
      GraphLocale.exit();
    }
  }

  static boolean isSavedModel(Path directory) {
    return Files.isRegularFile(directory.resolve(GRAPH_FILE));
  }

  /** {@return the directory that contains the graph} */
  private static Path locate(Path path) throws IOException {
    if (isSavedModel(path)) {
      return path;
    }
    Optional<Path> versions = SavedModelVersions.directory(path);
    if (versions.isPresent()) {
      Optional<Path> newest =
          SavedModelVersions.list(versions.get()).descendingMap().values().stream()
              .filter(SavedModelReader::isSavedModel)
              .findFirst();
      if (newest.isPresent()) {
        return newest.get();
      }
    }
    String found =
        Files.isRegularFile(path.resolve("config.json"))
            ? "a run that has not come to its end"
            : Files.isDirectory(path)
                ? "a directory without any"
                : Files.exists(path) ? "a file" : "nothing";
    throw new ModelFormatException(
        ("%s: is no model: expected a directory with %s, with numbered versions of such a directory,"
                + " or of a finished run, found %s.")
            .formatted(path, GRAPH_FILE, found));
  }

  static LeNetModel read(SavedModelBundle bundle) {
    LeNetConfig config =
        LeNetConfig.fromText(
            fetch(bundle, "architecture", TString.class, Shape.scalar(), NdArray::getObject));
    List<String> classNames =
        fetch(
            bundle,
            "class_names",
            TString.class,
            Shape.of(config.classes()),
            names ->
                StreamSupport.stream(names.scalars().spliterator(), false)
                    .map(NdArray::getObject)
                    .toList());
    Map<String, float[]> parameters = new LinkedHashMap<>();
    LeNet.parameterShapes(config)
        .forEach(
            (name, shape) ->
                parameters.put(
                    name, fetch(bundle, name, TFloat32.class, shape, InferenceGraph::values)));
    return LeNetModel.of(config, classNames, parameters)
        .withPreprocessor(
            ImagePreprocessor.fromText(
                fetch(bundle, "preprocessing", TString.class, Shape.scalar(), NdArray::getObject)));
  }

  /** Executes one operation, passes its output to {@code copy}, and closes it. */
  private static <T extends TType, R> R fetch(
      SavedModelBundle bundle, String name, Class<T> type, Shape shape, Function<T, R> copy) {
    Operation operation = bundle.graph().operation(name);
    if (operation == null) {
      throw new IllegalArgumentException("there is no '" + name + "' in its graph");
    }
    try (Result result = bundle.session().runner().fetch(operation.output(0)).run()) {
      if (!type.isInstance(result.get(0)) || !result.get(0).shape().equals(shape)) {
        throw new IllegalArgumentException(
            "'%s': expected %s of shape %s, found %s of shape %s"
                .formatted(
                    name,
                    type.getSimpleName(),
                    shape,
                    result.get(0).dataType(),
                    result.get(0).shape()));
      }
      return copy.apply(type.cast(result.get(0)));
    }
  }

  static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
