package io.github.lenet.training.run;

import com.google.protobuf.ByteString;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.LeNetClassifier;
import io.github.lenet.model.LeNetModel;
import io.github.lenet.model.internal.AtomicFile;
import io.github.lenet.training.evaluation.Activations;
import io.github.lenet.training.evaluation.ClassificationReport;
import io.github.lenet.training.evaluation.FeatureMaps;
import io.github.lenet.training.internal.figure.ConfusionMatrixFigure;
import io.github.lenet.training.internal.figure.TensorBoardActivations;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.tensorflow.proto.DataClass;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.Event;
import org.tensorflow.proto.SessionLog;
import org.tensorflow.proto.Summary;
import org.tensorflow.proto.SummaryMetadata;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

/**
 * An event file of a run for <a href="https://www.tensorflow.org/tensorboard">TensorBoard</a>:
 * numbers and images, each with a step. Steps count batches since the beginning of the run, over
 * all its processes.
 *
 * <p>Every opening adds an event file to the directory, {@code events.out.tfevents.SECONDS.HOST}.
 * TensorBoard reads each file with {@code tfevents} in its name, and treats all files of a
 * directory as one run. It reads them in the order of their names, and never reads one again after
 * it has found the next. So the seconds, counted since 1970, are always more than those of earlier
 * files.
 *
 * <p>A file consists of {@link TfRecords} of {@link Event}. Values are written like {@code
 * tf.summary} of TensorFlow 2 does, as tensors with the name of the plugin, and also with the data
 * class. TensorBoard uses this form internally, and converts the older fields {@code simple_value}
 * and {@code image} to it.
 *
 * <p>Each record is handed to the operating system at once, so TensorBoard can show a run that is
 * going on. If the process dies, at most the last record is incomplete, and TensorBoard skips it.
 * The log is for one thread.
 */
final class TensorBoardLog implements AutoCloseable {

  /** Number of classes for which {@link #network} shows an image. */
  static final int EXAMPLES = 3;

  private static final String PREFIX = "events.out.tfevents.";
  private static final Pattern NAME = Pattern.compile(Pattern.quote(PREFIX) + "(\\d{10})\\..*");

  private final Path file;
  private final FileChannel channel;

  private TensorBoardLog(Path file) throws IOException {
    this.file = file;
    channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  /**
   * Creates a new file.
   *
   * @param directory the run's directory of event files; created if it is missing
   * @param firstStep the first step that this file can have. TensorBoard discards this and later
   *     steps of earlier files, which a killed process may have left.
   * @return the log; the caller closes it
   * @throws IOException if the directory or the file cannot be written
   */
  static TensorBoardLog open(Path directory, long firstStep) throws IOException {
    if (firstStep < 0) {
      throw new IllegalArgumentException("firstStep (" + firstStep + ") must not be negative");
    }
    Files.createDirectories(directory);
    long seconds = Math.max(System.currentTimeMillis() / 1000, newest(directory) + 1);
    TensorBoardLog log =
        new TensorBoardLog(
            directory.resolve(String.format(Locale.ROOT, "%s%010d.%s", PREFIX, seconds, host())));
    try {
      log.write(Event.newBuilder().setFileVersion("brain.Event:2"));
      // TensorBoard uses this event if its data server is missing. The data server uses the
      // steps of each tag.
      log.write(
          Event.newBuilder()
              .setStep(firstStep)
              .setSessionLog(SessionLog.newBuilder().setStatus(SessionLog.SessionStatus.START)));
      return log;
    } catch (IOException e) {
      log.channel.close();
      throw e;
    }
  }

  private static long newest(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(path -> NAME.matcher(path.getFileName().toString()))
          .filter(Matcher::matches)
          .mapToLong(name -> Long.parseLong(name.group(1)))
          .max()
          .orElse(0);
    }
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9.-]", "_");
    } catch (UnknownHostException e) {
      return "localhost"; // it only tells people where the file is from
    }
  }

  /** {@return the event file} */
  Path file() {
    return file;
  }

  /**
   * Adds a point to a curve.
   *
   * @param tag the curve, such as {@code loss/train}; TensorBoard groups tags by their first part
   * @param step greater than that of the last point
   * @param value may be infinite or NaN, which TensorBoard marks
   * @throws IOException if the file cannot be written; it is then as it was before
   */
  void scalar(String tag, long step, double value) throws IOException {
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setDtype(DataType.DT_FLOAT)
            .setTensorShape(TensorShapeProto.getDefaultInstance())
            .addFloatVal((float) value);
    summary(tag, step, "scalars", DataClass.DATA_CLASS_SCALAR, tensor);
  }

  /**
   * Adds an image to a series; TensorBoard shows one at a time.
   *
   * @param tag the series
   * @param step greater than that of the last image
   * @param image written as PNG
   * @throws IOException if the file cannot be written; it is then as it was before
   */
  void image(String tag, long step, BufferedImage image) throws IOException {
    // Width, height, and any number of images of that size.
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setDtype(DataType.DT_STRING)
            .setTensorShape(
                TensorShapeProto.newBuilder().addDim(TensorShapeProto.Dim.newBuilder().setSize(3)))
            .addStringVal(ByteString.copyFromUtf8(Integer.toString(image.getWidth())))
            .addStringVal(ByteString.copyFromUtf8(Integer.toString(image.getHeight())))
            .addStringVal(ByteString.copyFrom(png(image)));
    summary(tag, step, "images", DataClass.DATA_CLASS_BLOB_SEQUENCE, tensor);
  }

  /**
   * Adds the outputs of a network for images that it is not trained on. They are {@code
   * confusion_matrix}, and {@code activations/conv1} and so on: the outputs of each convolution and
   * pooling layer. Activations are shown for one image of each of the first {@value #EXAMPLES}
   * classes that have images.
   *
   * @param step greater than that of the last call
   * @param model the current network
   * @param validation at least one image, of the network's size and classes
   * @throws IllegalArgumentException if there is no image, or the images do not fit the network
   * @throws IOException if the file cannot be written
   */
  void network(long step, LeNetModel model, ImageDataset validation) throws IOException {
    List<byte[]> images =
        IntStream.range(0, validation.size()).mapToObj(validation::image).toList();
    ClassificationReport report;
    try (LeNetClassifier classifier = model.classifier()) {
      report = ClassificationReport.of(classifier.probabilities(images), validation);
    }
    image("confusion_matrix", step, ConfusionMatrixFigure.image(report.confusionMatrix()));
    List<byte[]> examples = examples(validation).stream().map(images::get).toList();
    List<List<FeatureMaps>> activations = Activations.of(model, examples).images();
    for (int layer = 0; layer < activations.get(0).size(); layer++) {
      List<FeatureMaps> maps = new ArrayList<>();
      for (List<FeatureMaps> image : activations) {
        maps.add(image.get(layer));
      }
      image(
          "activations/" + maps.get(0).layer(),
          step,
          TensorBoardActivations.draw(examples, validation.width(), maps));
    }
  }

  /** {@return the indices of the example images in the data set} */
  private static List<Integer> examples(ImageDataset images) {
    return IntStream.range(0, images.classCount())
        .mapToObj(
            label ->
                IntStream.range(0, images.size())
                    .filter(i -> images.label(i) == label)
                    .boxed()
                    .findFirst())
        .flatMap(Optional::stream)
        .limit(EXAMPLES)
        .toList();
  }

  private static byte[] png(BufferedImage image) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    // With a plain stream, ImageIO would use a temporary file.
    try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      if (!ImageIO.write(image, "png", out)) {
        throw new IllegalArgumentException("image: cannot be written as PNG: " + image);
      }
    }
    return bytes.toByteArray();
  }

  /**
   * Writes a value. TensorBoard reads the metadata of a tag's first value only; they are in every
   * value so that no file needs another.
   */
  private void summary(
      String tag, long step, String plugin, DataClass dataClass, TensorProto.Builder value)
      throws IOException {
    SummaryMetadata.Builder metadata =
        SummaryMetadata.newBuilder()
            .setPluginData(SummaryMetadata.PluginData.newBuilder().setPluginName(plugin))
            .setDataClass(dataClass);
    write(
        Event.newBuilder()
            .setStep(step)
            .setSummary(
                Summary.newBuilder()
                    .addValue(
                        Summary.Value.newBuilder()
                            .setTag(tag)
                            .setMetadata(metadata)
                            .setTensor(value))));
  }

  private void write(Event.Builder event) throws IOException {
    event.setWallTime(System.currentTimeMillis() / 1000.0);
    ByteBuffer record = ByteBuffer.wrap(TfRecords.record(event.build().toByteArray()));
    long start = channel.position();
    try {
      while (record.hasRemaining()) {
        channel.write(record);
      }
    } catch (IOException e) {
      try {
        channel.truncate(start); // records after an incomplete one would be unreadable
      } catch (IOException second) {
        e.addSuppressed(second);
      }
      throw AtomicFile.cannotBeWritten(file, e);
    }
  }

  /**
   * Forces the written records to the disk.
   *
   * @throws IOException if that is not possible
   */
  void flush() throws IOException {
    try {
      channel.force(false);
    } catch (IOException e) {
      throw AtomicFile.cannotBeWritten(file, e);
    }
  }

  /** Forces the written records to the disk and closes the file. A second call does nothing. */
  @Override
  public void close() throws IOException {
    if (channel.isOpen()) {
      try (channel) {
        flush();
      }
    }
  }
}
