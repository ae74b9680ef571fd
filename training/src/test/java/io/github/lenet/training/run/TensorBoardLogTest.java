package io.github.lenet.training.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.LeNetModel;
import io.github.lenet.training.Images;
import io.github.lenet.training.evaluation.ConfusionMatrix;
import io.github.lenet.training.internal.figure.ConfusionMatrixFigure;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.proto.DataClass;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.Event;
import org.tensorflow.proto.SessionLog;
import org.tensorflow.proto.Summary;
import org.tensorflow.proto.TensorProto;

/** Event files, read by TensorFlow. */
class TensorBoardLogTest {

  @TempDir Path directory;

  @Test
  void beginsWithTheVersionAndTheFirstStep() throws IOException {
    double before = System.currentTimeMillis() / 1000.0;
    List<Event> events = events(written(471, log -> {}));

    assertEquals(2, events.size());
    assertEquals("brain.Event:2", events.get(0).getFileVersion());
    assertEquals(SessionLog.SessionStatus.START, events.get(1).getSessionLog().getStatus());
    assertEquals(471, events.get(1).getStep());
    for (Event event : events) {
      assertTrue(event.getWallTime() >= before, event.toString());
      assertTrue(event.getWallTime() <= System.currentTimeMillis() / 1000.0, event.toString());
    }
  }

  @Test
  void numbersAreScalarsOfTheirTagAndStep() throws IOException {
    List<Event> events =
        events(
            written(
                0,
                log -> {
                  log.scalar("loss/train", 1, 2.25);
                  log.scalar("images_per_second", 235, 31126.5);
                  log.scalar("loss/train", 1L << 40, Double.NaN);
                }));

    assertScalar("loss/train", 1, 2.25f, events.get(2));
    assertScalar("images_per_second", 235, 31126.5f, events.get(3));
    assertScalar("loss/train", 1L << 40, Float.NaN, events.get(4));
    assertEquals(5, events.size());
  }

  private static void assertScalar(String tag, long step, float value, Event event) {
    TensorProto tensor = tensor(tag, step, "scalars", DataClass.DATA_CLASS_SCALAR, event);
    assertEquals(DataType.DT_FLOAT, tensor.getDtype());
    assertEquals(0, tensor.getTensorShape().getDimCount());
    assertEquals(List.of(value), tensor.getFloatValList());
  }

  private static TensorProto tensor(
      String tag, long step, String plugin, DataClass dataClass, Event event) {
    assertEquals(step, event.getStep());
    assertEquals(1, event.getSummary().getValueCount());
    Summary.Value value = event.getSummary().getValue(0);
    assertEquals(tag, value.getTag());
    assertEquals(plugin, value.getMetadata().getPluginData().getPluginName());
    assertEquals(dataClass, value.getMetadata().getDataClass());
    assertTrue(value.hasTensor());
    return value.getTensor();
  }

  @Test
  void imagesArePngsWithTheirSize() throws IOException {
    BufferedImage image = new BufferedImage(3, 2, BufferedImage.TYPE_INT_RGB);
    image.setRGB(0, 0, 0xFF0000);
    image.setRGB(2, 1, 0x123456);
    List<Event> events = events(written(0, log -> log.image("a/b", 7, image)));

    TensorProto tensor =
        tensor("a/b", 7, "images", DataClass.DATA_CLASS_BLOB_SEQUENCE, events.get(2));
    assertEquals(DataType.DT_STRING, tensor.getDtype());
    assertEquals(1, tensor.getTensorShape().getDimCount());
    assertEquals(3, tensor.getTensorShape().getDim(0).getSize());
    assertEquals(3, tensor.getStringValCount());
    assertEquals("3", tensor.getStringVal(0).toStringUtf8());
    assertEquals("2", tensor.getStringVal(1).toStringUtf8());
    byte[] png = tensor.getStringVal(2).toByteArray();
    assertArrayEquals(
        new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10}, Arrays.copyOf(png, 8));
    BufferedImage decoded = ImageIO.read(new ByteArrayInputStream(png));
    assertEquals(3, decoded.getWidth());
    assertEquals(2, decoded.getHeight());
    for (int y = 0; y < 2; y++) {
      for (int x = 0; x < 3; x++) {
        assertEquals(image.getRGB(x, y), decoded.getRGB(x, y), x + ", " + y);
      }
    }
  }

  @Test
  void theFileIsNamedAsTensorBoardLooksForIt() throws IOException {
    long before = System.currentTimeMillis() / 1000;
    String name = written(0, log -> {}).getFileName().toString();

    assertTrue(name.matches("events\\.out\\.tfevents\\.\\d{10}\\.[A-Za-z0-9._-]+"), name);
    long seconds = Long.parseLong(name.split("\\.")[3]);
    assertTrue(before <= seconds && seconds <= System.currentTimeMillis() / 1000, name);
  }

  /** TensorBoard reads the files of a directory in the order of their names. */
  @Test
  void aSecondOpeningAddsAFileBehindTheFirst() throws IOException {
    Path first = written(0, log -> log.scalar("loss/train", 10, 1));
    byte[] bytes = Files.readAllBytes(first);
    Path second = written(6, log -> log.scalar("loss/train", 6, 2));
    Path future = directory.resolve("events.out.tfevents.9000000000.other-host");
    Files.createFile(future); // of a machine whose clock was wrong
    Path third = written(7, log -> {});

    assertArrayEquals(bytes, Files.readAllBytes(first));
    assertEquals(6, events(second).get(1).getStep());
    assertScalar("loss/train", 6, 2, events(second).get(2));
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(List.of(first, second, future, third), files.sorted().toList());
    }
  }

  @Test
  void whatIsWrittenCanBeReadBeforeTheFileIsClosed() throws IOException {
    try (TensorBoardLog log = TensorBoardLog.open(directory, 0)) {
      log.scalar("loss/train", 1, 0.5);

      assertScalar("loss/train", 1, 0.5f, events(log.file()).get(2));
    }
  }

  /** As a process leaves it that dies at any byte. */
  @Test
  void aFileThatEndsTooEarlyIsReadableUpToItsLastWholeRecord() throws IOException {
    Path whole =
        written(
            0,
            log -> {
              log.scalar("loss/train", 1, 0.5);
              log.scalar("loss/train", 2, 0.25);
            });
    byte[] bytes = Files.readAllBytes(whole);
    List<byte[]> all = TfRecordsTest.read(whole);
    int last = all.get(3).length + 16;
    for (int missing : new int[] {1, 4, 5, last / 2, last - 12, last - 8, last - 1}) {
      Path cut =
          Files.write(directory.resolve("cut"), Arrays.copyOf(bytes, bytes.length - missing));
      List<byte[]> readable = new ArrayList<>();

      if (missing <= last - 12) {
        assertThrows(TensorFlowException.class, () -> TfRecordsTest.readInto(readable, cut));
      } else {
        TfRecordsTest.readInto(readable, cut); // it takes a part of a length for the end
      }
      assertEquals(3, readable.size());
      assertScalar("loss/train", 1, 0.5f, Event.parseFrom(readable.get(2)));
    }
  }

  /** Against the classifier's own answers, counted here; and the images themselves. */
  @Test
  void aNetworkIsShownByItsConfusionMatrixAndItsActivations() throws IOException {
    ImageDataset images = Images.bars(60, 5);
    LeNetModel model = constant(images.classNames());
    List<Event> events = events(written(0, log -> log.network(940, model, images)));

    assertEquals(
        List.of(
            "confusion_matrix",
            "activations/conv1",
            "activations/pool1",
            "activations/conv2",
            "activations/pool2"),
        events.stream().skip(2).map(event -> event.getSummary().getValue(0).getTag()).toList());
    assertTrue(events.stream().skip(2).allMatch(event -> event.getStep() == 940));
    int[] labels = IntStream.range(0, 60).map(images::label).toArray();
    int[] threes = IntStream.range(0, 60).map(i -> 3).toArray();
    assertSameImage(
        ConfusionMatrixFigure.image(ConfusionMatrix.of(images.classNames(), labels, threes)),
        image(events.get(2)));
    BufferedImage conv1 = image(events.get(3));
    for (int label = 0; label < 3; label++) {
      int example = 0;
      while (images.label(example) != label) {
        example++;
      }
      byte[] pixels = images.image(example);
      for (int p = 0; p < pixels.length; p++) {
        int rgb = conv1.getRGB(4 + p % 28 * 2, 4 + label * 68 + p / 28 * 2) & 0xFFFFFF;
        assertEquals(Byte.toUnsignedInt(pixels[p]) * 0x010101, rgb);
      }
    }
  }

  /** Takes everything for a three. */
  private static LeNetModel constant(List<String> classNames) {
    float[] logits = new float[10];
    logits[3] = 5;
    return LeNetModel.of(
        LeNetConfig.classic(),
        classNames,
        Map.of(
            "conv1/kernel", new float[150],
            "conv1/bias", new float[6],
            "conv2/kernel", new float[2400],
            "conv2/bias", new float[16],
            "dense1/kernel", new float[48_000],
            "dense1/bias", new float[120],
            "dense2/kernel", new float[10_080],
            "dense2/bias", new float[84],
            "logits/kernel", new float[840],
            "logits/bias", logits));
  }

  private static BufferedImage image(Event event) throws IOException {
    byte[] png = event.getSummary().getValue(0).getTensor().getStringVal(2).toByteArray();
    return ImageIO.read(new ByteArrayInputStream(png));
  }

  private static void assertSameImage(BufferedImage expected, BufferedImage found) {
    assertEquals(expected.getWidth(), found.getWidth());
    assertEquals(expected.getHeight(), found.getHeight());
    int width = expected.getWidth();
    int height = expected.getHeight();
    assertArrayEquals(
        expected.getRGB(0, 0, width, height, null, 0, width),
        found.getRGB(0, 0, width, height, null, 0, width));
  }

  @Test
  void rejectsANegativeStepAndWritesNothingOnceClosed() throws IOException {
    assertThrows(IllegalArgumentException.class, () -> TensorBoardLog.open(directory, -1));
    TensorBoardLog log = TensorBoardLog.open(directory.resolve("new/one"), 0);
    log.flush();
    log.close();
    log.close();

    assertThrows(IOException.class, () -> log.scalar("loss/train", 1, 1));
    assertEquals(2, events(log.file()).size());
  }

  /** What is done with a log that is open. */
  private interface Use {
    void with(TensorBoardLog log) throws IOException;
  }

  private Path written(long firstStep, Use use) throws IOException {
    try (TensorBoardLog log = TensorBoardLog.open(directory, firstStep)) {
      use.with(log);
      return log.file();
    }
  }

  static List<Event> events(Path file) throws InvalidProtocolBufferException {
    List<Event> events = new ArrayList<>();
    for (byte[] record : TfRecordsTest.read(file)) {
      events.add(Event.parseFrom(record));
    }
    return events;
  }
}
