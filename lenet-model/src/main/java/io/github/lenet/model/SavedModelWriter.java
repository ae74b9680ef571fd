package io.github.lenet.model;

import com.google.protobuf.CodedOutputStream;
import io.github.lenet.model.internal.AtomicFile;
import io.github.lenet.model.internal.GraphLocale;
import io.github.lenet.model.internal.Sha256Sums;
import io.github.lenet.model.internal.Variables;
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
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.types.TFloat32;

/**
 * Writes a {@link LeNetModel} as a SavedModel: a graph with the forward pass, without training, for
 * any device. It has the signatures of {@link ModelSignature}.
 *
 * <p>Three constants of the graph describe the model: {@code architecture}, a string, is {@link
 * LeNetConfig#toText()}; {@code preprocessing}, a string, is {@link ImagePreprocessor#toText()};
 * {@code class_names} is string {@code [classes]}. {@code assets.extra} contains the model card and
 * the checksums of all files.
 */
final class SavedModelWriter {

  /** The directory of a SavedModel for files that TensorFlow does not read. */
  static final String EXTRA = "assets.extra";

  static final String CARD = "model-card.md";

  private SavedModelWriter() {}

  /**
   * Writes all files, loads them, and checks the outputs of every signature.
   *
   * @param directory the directory to write, which does not exist yet
   * @throws IOException if a file cannot be written, or an output differs
   */
  static void write(LeNetModel model, Path directory) throws IOException {
    writeGraph(model, directory);
    sortMaps(directory.resolve(SavedModelReader.GRAPH_FILE));
    Path extra = Files.createDirectories(directory.resolve(EXTRA));
    if (!model.card().isEmpty()) {
      AtomicFile.writeInPlace(extra.resolve(CARD), model.card().getBytes(StandardCharsets.UTF_8));
    }
    Sha256Sums.write(directory, extra.resolve(Sha256Sums.FILE));
    SavedModelCheck.requireSameOutputs(directory, model);
  }

  private static void writeGraph(LeNetModel model, Path directory) throws IOException {
    GraphLocale.enter();
    try (Graph graph = new Graph();
        Session session = new Session(graph, InferenceGraph.SESSION_CONFIG)) {
      Ops tf = Ops.create(graph);
      tf.withName("architecture").constant(StandardCharsets.UTF_8, model.architecture().toText());
      tf.withName("preprocessing").constant(StandardCharsets.UTF_8, model.preprocessor().toText());
      LeNet lenet = LeNet.of(model.architecture(), variables(tf, session, model));
      List<ModelSignature> signatures = ModelSignature.build(tf, lenet, model.classNames());
      SavedModelBundle.exporter(directory.toString())
          .withFunctions(
              signatures.stream()
                  .map(ModelSignature::toSignature)
                  .map(session::function)
                  .toArray(SessionFunction[]::new))
          .export();
    } catch (IOException e) { // thrown by TensorFlow's Java code
      throw AtomicFile.cannotBeWritten(directory, e);
    } catch (TensorFlowException e) {
      throw new IOException(directory + ": cannot be written: " + SavedModelReader.firstLine(e), e);
    } finally {
      GraphLocale.exit();
    }
  }

  /** Sorts maps, which TensorFlow writes in any order: the same model gives the same bytes. */
  private static void sortMaps(Path file) throws IOException {
    SavedModel savedModel = SavedModel.parseFrom(Files.readAllBytes(file));
    byte[] sorted = new byte[savedModel.getSerializedSize()];
    CodedOutputStream out = CodedOutputStream.newInstance(sorted);
    out.useDeterministicSerialization();
    savedModel.writeTo(out);
    AtomicFile.writeInPlace(file, sorted);
  }

  /**
   * Creates variables and sets them. The values are fed, so the graph does not contain them.
   * Loading restores them.
   */
  static Map<String, Operand<TFloat32>> variables(Ops tf, Session session, LeNetModel model) {
    Map<String, Operand<TFloat32>> variables = new LinkedHashMap<>();
    Map<String, Ops> scopes = new LinkedHashMap<>(); // a second scope would be conv1_1
    LeNet.parameterShapes(model.architecture())
        .forEach(
            (name, shape) -> {
              String[] path = name.split("/");
              Ops scope = scopes.computeIfAbsent(path[0], tf::withSubScope);
              variables.put(name, scope.withName(path[1]).variable(shape, TFloat32.class));
            });
    Variables.assign(tf, session, variables, model.parameters());
    return variables;
  }
}
