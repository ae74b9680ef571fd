package io.github.lenet.model;

import io.github.lenet.model.internal.AtomicFile;
import io.github.lenet.model.internal.GraphLocale;
import io.github.lenet.model.internal.SavedModelVersions;
import io.github.lenet.model.internal.ScratchDirectory;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * A trained LeNet: architecture, class names, parameters, the preprocessing of images, and a model
 * card. It is immutable. It uses only the Java heap, so there is nothing to close.
 *
 * <pre>{@code
 * LeNetModel model = LeNetModel.load(Path.of("runs/fashion"));
 * model.save(Path.of("models/lenet/1"));
 * try (LeNetClassifier classifier = model.classifier()) {
 *   System.out.println(classifier.predict(image, 3));
 * }
 * }</pre>
 */
public final class LeNetModel {

  private final LeNetConfig architecture;
  private final List<String> classNames;
  private final Map<String, float[]> parameters;
  private final ImagePreprocessor preprocessor;
  private final String card;

  private LeNetModel(
      LeNetConfig architecture,
      List<String> classNames,
      Map<String, float[]> parameters,
      ImagePreprocessor preprocessor,
      String card) {
    this.architecture = architecture;
    this.classNames = classNames;
    this.parameters = parameters;
    this.preprocessor = preprocessor;
    this.card = card;
  }

  /**
   * Creates a model with {@link ImagePreprocessor#DEFAULT}, without a card.
   *
   * @param architecture the architecture of the network
   * @param classNames one name per class, in order
   * @param parameters float32 by name, in any order, with the names and sizes of {@link
   *     LeNet#parameters()}, each row by row; copied
   * @return the model
   * @throws IllegalArgumentException if the class names or parameters do not match the
   *     architecture, or a parameter is not finite
   */
  public static LeNetModel of(
      LeNetConfig architecture, List<String> classNames, Map<String, float[]> parameters) {
    if (classNames.size() != architecture.classes()) {
      throw new IllegalArgumentException(
          "class names: expected %s, found %s"
              .formatted(architecture.classes(), classNames.size()));
    }
    Map<String, Shape> shapes = LeNet.parameterShapes(architecture);
    requireNames(shapes.keySet(), parameters.keySet());
    Map<String, float[]> copies = new LinkedHashMap<>();
    shapes.forEach((name, shape) -> copies.put(name, checked(name, parameters.get(name), shape)));
    return new LeNetModel(
        architecture,
        List.copyOf(classNames),
        Collections.unmodifiableMap(copies),
        ImagePreprocessor.DEFAULT,
        "");
  }

  private static void requireNames(Set<String> expected, Set<String> found) {
    if (!expected.equals(found)) {
      throw new IllegalArgumentException(
          "parameters: expected %s, found %s".formatted(expected, new TreeSet<>(found)));
    }
  }

  private static float[] checked(String name, float[] values, Shape shape) {
    if (values.length != shape.size()) {
      throw new IllegalArgumentException(
          "%s: expected %s numbers, found %s".formatted(name, shape.size(), values.length));
    }
    float[] copy = values.clone();
    for (int i = 0; i < copy.length; i++) {
      if (!Float.isFinite(copy[i])) {
        throw new IllegalArgumentException(
            "%s: expected finite numbers, found %s at %s".formatted(name, copy[i], i));
      }
    }
    return copy;
  }

  /**
   * {@return a copy with another card}
   *
   * @param card Markdown; empty for none
   */
  public LeNetModel withCard(String card) {
    return new LeNetModel(
        architecture, classNames, parameters, preprocessor, Objects.requireNonNull(card, "card"));
  }

  /**
   * {@return a copy with another preprocessing of images}
   *
   * @param preprocessor that of the training images; its polarity is not {@link Polarity#AUTO}
   */
  public LeNetModel withPreprocessor(ImagePreprocessor preprocessor) {
    if (preprocessor.polarity() == Polarity.AUTO) {
      throw new IllegalArgumentException("polarity (auto) must be that of the training images");
    }
    return new LeNetModel(architecture, classNames, parameters, preprocessor, card);
  }

  /**
   * Loads the model that is part of this library: the classic network, trained on Fashion-MNIST.
   * This needs no native library.
   *
   * @return the model with its card
   * @throws ModelFormatException if the library's jar is corrupt
   * @throws IOException if it cannot be read
   */
  public static LeNetModel pretrained() throws IOException {
    return PretrainedModel.load(PretrainedModel.CLASSIC);
  }

  /**
   * Loads a model that {@link #save} wrote.
   *
   * @param path a SavedModel; a directory of numbered versions, where the highest is loaded, as by
   *     TensorFlow Serving; or the directory of a finished training run
   * @return the model, which no longer needs its files
   * @throws ModelFormatException if there is no model, or it is corrupt or of another kind
   * @throws IOException if a file cannot be read
   * @throws IllegalStateException if TensorFlow's native library cannot be loaded; the message
   *     names the artifact to add
   */
  public static LeNetModel load(Path path) throws IOException {
    try {
      return SavedModelReader.read(path);
    } catch (LinkageError e) {
      throw TensorFlowNatives.explain(e);
    }
  }

  /**
   * Writes a SavedModel with the signatures of {@link ModelSignature}. It is written to a temporary
   * directory, loaded, called once by each signature, and renamed.
   *
   * @param directory the directory to write; it must be absent or empty, and its parents are
   *     created
   * @throws FileAlreadyExistsException if it is a file or not empty
   * @throws IOException if it cannot be written, or the written model's outputs differ by more than
   *     1e-6; nothing is left behind
   * @throws IllegalStateException if TensorFlow's native library cannot be loaded; the message
   *     names the artifact to add
   */
  public void save(Path directory) throws IOException {
    requireEmpty(directory);
    Path parent = Files.createDirectories(directory.toAbsolutePath().getParent());
    try (ScratchDirectory scratch = ScratchDirectory.in(parent)) {
      SavedModelWriter.write(this, scratch.path());
      Files.deleteIfExists(directory); // some systems do not rename over an empty directory
      AtomicFile.publish(scratch.path(), directory);
    }
  }

  /**
   * Writes a SavedModel as the next version of a model, {@code DIR/1}, {@code DIR/2} …, as in
   * TensorFlow Serving's {@code model_base_path}. A version appears complete or not at all, under a
   * new number, even if several processes publish at once.
   *
   * @param directory the directory of the versions; created if it does not exist
   * @return {@code DIR/<version>}
   * @throws NotDirectoryException if the directory is a file
   * @throws IOException as {@link #save}
   */
  public Path publish(Path directory) throws IOException {
    return SavedModelVersions.publish(directory, scratch -> SavedModelWriter.write(this, scratch));
  }

  private static void requireEmpty(Path directory) throws IOException {
    if (Files.notExists(directory)) {
      return;
    }
    if (!Files.isDirectory(directory)) {
      throw new FileAlreadyExistsException(directory + ": is a file. Choose another directory");
    }
    try (Stream<Path> entries = Files.list(directory)) {
      if (entries.findAny().isPresent()) {
        throw new FileAlreadyExistsException(
            directory + ": is not empty. Choose another directory, or delete its files");
      }
    }
  }

  /**
   * Opens a classifier for this model.
   *
   * @return the classifier; the caller closes it
   * @throws IllegalStateException if TensorFlow's native library cannot be loaded; the message
   *     names the artifact to add
   */
  public LeNetClassifier classifier() {
    return new LeNetClassifier(this);
  }

  /**
   * Builds this network into a caller's graph, with the parameters as constants.
   *
   * @param tf the scope to build in
   * @return the network, ready for {@link LeNet#forward}
   */
  public LeNet build(Ops tf) {
    Map<String, Operand<TFloat32>> constants = new LinkedHashMap<>();
    GraphLocale.enter();
    try {
      LeNet.parameterShapes(architecture)
          .forEach(
              (name, shape) ->
                  constants.put(name, tf.constant(shape, DataBuffers.of(parameters.get(name)))));
      return LeNet.of(architecture, constants);
    } finally {
      GraphLocale.exit();
    }
  }

  /** {@return the architecture} */
  public LeNetConfig architecture() {
    return architecture;
  }

  /** {@return one name per class, in order; immutable} */
  public List<String> classNames() {
    return classNames;
  }

  /**
   * {@return copies of the parameters, float32 by name, each row by row, in the order and with the
   * sizes of {@link LeNet#parameters()}}
   */
  public Map<String, float[]> parameters() {
    Map<String, float[]> copies = new LinkedHashMap<>();
    parameters.forEach((name, values) -> copies.put(name, values.clone()));
    return copies;
  }

  /** {@return how images are converted for the network; its polarity is not auto} */
  public ImagePreprocessor preprocessor() {
    return preprocessor;
  }

  /**
   * Converts an image into the network's input, by {@link #preprocessor()}.
   *
   * @param image an image of any type and size
   * @return a new array of {@code height · width} bytes, 0 to 255, row by row
   */
  public byte[] preprocess(BufferedImage image) {
    return preprocessor.convert(image, architecture.imageHeight(), architecture.imageWidth());
  }

  /** {@return the model card, Markdown: training data, results, intended use; empty if none} */
  public String card() {
    return card;
  }
}
