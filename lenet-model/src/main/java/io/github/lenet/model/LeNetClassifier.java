package io.github.lenet.model;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Classifies images with a {@link LeNetModel}.
 *
 * <pre>{@code
 * try (LeNetClassifier classifier = LeNetClassifier.pretrained()) {
 *   BufferedImage image = ImageFiles.read(Path.of("shoe.png"));
 *   for (Prediction prediction : classifier.predict(image, 3)) {
 *     System.out.println(prediction.className() + " " + prediction.probability());
 *   }
 * }
 * }</pre>
 *
 * <p><b>Threads.</b> An instance is thread-safe, and one is enough for an application. A prediction
 * is computed in the caller's thread. A batch of more than {@value #CHUNK} images is computed in
 * the threads of parallel streams ({@code ForkJoinPool.commonPool()}). Only the CPU is used: for
 * images this small, a GPU's round trip costs more than the computation.
 *
 * <p><b>Memory.</b> An instance owns a few megabytes of native memory until it is closed. A
 * prediction frees its native memory before it returns.
 */
public final class LeNetClassifier implements AutoCloseable {

  /** Images per session call, few enough that the activations stay in a core's cache. */
  static final int CHUNK = 250;

  private final LeNetModel model;
  private final LeNetConfig config;
  private final InferenceGraph graph;

  /** Predictions hold the read lock. Closing waits for the write lock. */
  private final ReadWriteLock use = new ReentrantReadWriteLock();

  private boolean closed;

  /**
   * Opens a classifier for a model.
   *
   * @see LeNetModel#classifier()
   */
  LeNetClassifier(LeNetModel model) {
    this.model = model;
    config = model.architecture();
    try {
      graph = new InferenceGraph(model);
    } catch (LinkageError e) {
      throw TensorFlowNatives.explain(e);
    }
  }

  /**
   * Opens a classifier for a saved model: {@code LeNetModel.load(path).classifier()}.
   *
   * @param path as in {@link LeNetModel#load}
   * @return the classifier, which no longer needs the files; the caller closes it
   * @throws ModelFormatException if there is no model, or it is corrupt or of another kind
   * @throws IOException if a file cannot be read
   * @throws IllegalStateException if TensorFlow's native library cannot be loaded; the message
   *     names the artifact to add
   */
  public static LeNetClassifier load(Path path) throws IOException {
    return LeNetModel.load(path).classifier();
  }

  /**
   * Opens a classifier for the model that is part of this library: {@code
   * LeNetModel.pretrained().classifier()}.
   *
   * @return the classifier; the caller closes it
   * @throws ModelFormatException if the library's jar is corrupt
   * @throws IOException if it cannot be read
   * @throws IllegalStateException if TensorFlow's native library cannot be loaded; the message
   *     names the artifact to add
   */
  public static LeNetClassifier pretrained() throws IOException {
    return LeNetModel.pretrained().classifier();
  }

  /**
   * Predicts the classes of an image.
   *
   * @param pixels grey, 0 to 255, row by row, as {@link LeNetModel#preprocess} returns them: {@code
   *     height · width} bytes
   * @param k the most classes to return, at least 1
   * @return the most probable classes first; equally probable ones by index
   * @throws IllegalArgumentException if the number of pixels is wrong, or {@code k} is not positive
   * @throws IllegalStateException if this classifier is closed
   */
  public List<Prediction> predict(byte[] pixels, int k) {
    return predictBatch(List.of(pixels), k).get(0);
  }

  /**
   * Predicts the classes of an image, converted by {@link LeNetModel#preprocess}.
   *
   * @param image an image of any size and colour
   * @param k the most classes to return, at least 1
   * @return the most probable classes first
   * @throws IllegalArgumentException if {@code k} is not positive
   * @throws IllegalStateException if this classifier is closed
   */
  public List<Prediction> predict(BufferedImage image, int k) {
    return predict(model.preprocess(image), k);
  }

  /**
   * Predicts the classes of many images.
   *
   * @param images any number, each as in {@link #predict(byte[], int)}
   * @param k the most classes to return, at least 1
   * @return for each image, in order, the most probable classes first
   * @throws IllegalArgumentException if an image's number of pixels is wrong, or {@code k} is not
   *     positive
   * @throws IllegalStateException if this classifier is closed
   */
  public List<List<Prediction>> predictBatch(List<byte[]> images, int k) {
    if (k < 1) {
      throw new IllegalArgumentException("k (" + k + ") must be positive");
    }
    return Stream.of(probabilities(images)).map(row -> best(row, k)).toList();
  }

  private List<Prediction> best(float[] probabilities, int k) {
    return IntStream.range(0, probabilities.length)
        .mapToObj(c -> new Prediction(c, model.classNames().get(c), probabilities[c]))
        .sorted(Comparator.comparing(Prediction::probability, Comparator.reverseOrder()))
        .limit(k)
        .toList();
  }

  /**
   * Predicts the probabilities of all classes.
   *
   * @param images any number, each as in {@link #predict(byte[], int)}
   * @return {@code [n][classes]}; each row adds up to 1
   * @throws IllegalArgumentException if an image's number of pixels is wrong
   * @throws IllegalStateException if this classifier is closed
   */
  public float[][] probabilities(List<byte[]> images) {
    for (int i = 0; i < images.size(); i++) {
      requireSize(i, images.get(i).length);
    }
    use.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("the classifier is closed");
      }
      if (images.size() <= CHUNK) {
        return images.isEmpty() ? new float[0][] : graph.probabilities(images);
      }
      return IntStream.range(0, (images.size() + CHUNK - 1) / CHUNK)
          .parallel()
          .mapToObj(i -> images.subList(i * CHUNK, Math.min((i + 1) * CHUNK, images.size())))
          .map(graph::probabilities)
          .flatMap(Stream::of)
          .toArray(float[][]::new);
    } finally {
      use.readLock().unlock();
    }
  }

  private void requireSize(int index, int length) {
    int size = config.imageHeight() * config.imageWidth();
    if (length != size) {
      throw new IllegalArgumentException(
          "image %s: expected %s bytes (%s rows of %s grey pixels), found %s. Convert it with LeNetModel.preprocess."
              .formatted(index, size, config.imageHeight(), config.imageWidth(), length));
    }
  }

  /** {@return the model of this classifier} */
  public LeNetModel model() {
    return model;
  }

  /** Waits for current predictions and frees the memory. A second call does nothing. */
  @Override
  public void close() {
    use.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        graph.close();
      }
    } finally {
      use.writeLock().unlock();
    }
  }
}
