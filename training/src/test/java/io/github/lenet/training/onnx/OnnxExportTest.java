package io.github.lenet.training.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxModelMetadata;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.lenet.data.FashionMnist;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.Activation;
import io.github.lenet.model.ImagePreprocessor;
import io.github.lenet.model.LeNetClassifier;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.LeNetModel;
import io.github.lenet.model.Polarity;
import io.github.lenet.model.Pooling;
import io.github.lenet.model.RandomArchitectures;
import io.github.lenet.model.SavedModels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs the written files by ONNX Runtime. */
class OnnxExportTest {

  private static final LeNetConfig SMALL =
      LeNetConfig.builder()
          .imageSize(9, 14)
          .kernelSize(3)
          .channels(3)
          .denseUnits(7)
          .classes(4)
          .build();

  private static double worst;

  @TempDir Path directory;

  @AfterAll
  static void tell() {
    System.out.printf(
        Locale.ROOT, "ONNX: probabilities differ from TensorFlow by up to %.2e%n", worst);
  }

  private record Outputs(float[][] probabilities, long[] classes) {}

  private static Outputs run(Path file, LeNetConfig config, List<byte[]> images)
      throws OrtException {
    int height = config.imageHeight();
    int width = config.imageWidth();
    ByteBuffer pixels = ByteBuffer.allocateDirect(images.size() * height * width);
    images.forEach(pixels::put);
    long[] shape = {images.size(), height, width};
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(file.toString());
        OnnxTensor batch =
            OnnxTensor.createTensor(environment, pixels.flip(), shape, OnnxJavaType.UINT8);
        OrtSession.Result result = session.run(Map.of("images", batch))) {
      return new Outputs(
          (float[][]) result.get("probabilities").orElseThrow().getValue(),
          (long[]) result.get("classes").orElseThrow().getValue());
    }
  }

  private void assertSameAsTensorFlow(LeNetModel model, List<byte[]> images) throws Exception {
    Path file = directory.resolve("lenet.onnx");
    OnnxExport.write(model, file);
    Outputs found = run(file, model.architecture(), images);
    float[][] expected;
    long[] classes;
    try (LeNetClassifier classifier = model.classifier()) {
      expected = classifier.probabilities(images);
      classes =
          classifier.predictBatch(images, 1).stream()
              .mapToLong(best -> best.get(0).classIndex())
              .toArray();
    }
    for (int i = 0; i < expected.length; i++) {
      assertArrayEquals(expected[i], found.probabilities()[i], 1e-5f, "image " + i);
      for (int c = 0; c < expected[i].length; c++) {
        worst = Math.max(worst, Math.abs(expected[i][c] - found.probabilities()[i][c]));
      }
    }
    assertArrayEquals(classes, found.classes());
  }

  private static List<byte[]> noise(LeNetConfig config, int count) {
    Random random = new Random(config.toText().hashCode());
    return Stream.generate(
            () -> {
              byte[] image = new byte[config.imageHeight() * config.imageWidth()];
              random.nextBytes(image);
              return image;
            })
        .limit(count)
        .toList();
  }

  static Stream<LeNetConfig> architectures() {
    return Stream.of(
        LeNetConfig.classic(),
        LeNetConfig.builder().activation(Activation.RELU).pooling(Pooling.MAX).build(),
        SMALL.toBuilder().kernelSize(4).channels(4, 5).imageSize(19, 23).build(),
        SMALL.toBuilder().kernelSize(2).pooling(Pooling.MAX).build(),
        SMALL.toBuilder().denseUnits().build(),
        SMALL.toBuilder().kernelSize(1).activation(Activation.TANH).build(),
        SMALL.toBuilder().kernelSize(12).channels(1).classes(2).build());
  }

  /**
   * Even kernels, odd sizes, no hidden dense layer, one convolution, images that are no squares.
   */
  @ParameterizedTest
  @MethodSource("architectures")
  void outputsAreThoseOfTensorFlow(LeNetConfig config) throws Exception {
    assertSameAsTensorFlow(SavedModels.random(config, 1), noise(config, 5));
  }

  static Stream<LeNetConfig> randomArchitectures() {
    return RandomArchitectures.draw(60, 1);
  }

  @ParameterizedTest
  @MethodSource("randomArchitectures")
  @Tag("slow")
  void outputsAreThoseOfTensorFlowForAnyArchitecture(LeNetConfig config) throws Exception {
    assertSameAsTensorFlow(SavedModels.random(config, 2), noise(config, 3));
  }

  @Test
  @Tag("dataset")
  void thePretrainedNetworkClassifiesFashionMnist() throws Exception {
    String data = System.getProperty("lenet.test.data", "");
    assertFalse(data.isBlank(), "-Dlenet.test.data=DIR must name a directory with the data");
    ImageDataset test = FashionMnist.load(Path.of(data, "fashion-mnist")).test();
    List<byte[]> images = IntStream.range(0, test.size()).mapToObj(test::image).toList();
    LeNetModel model = LeNetModel.pretrained();
    assertSameAsTensorFlow(model, images);

    long[] found = run(directory.resolve("lenet.onnx"), model.architecture(), images).classes();
    assertEquals(
        9_031, IntStream.range(0, test.size()).filter(i -> found[i] == test.label(i)).count());
  }

  @Test
  void anEmptyBatchHasNoOutputs() throws Exception {
    Path file = directory.resolve("lenet.onnx");
    OnnxExport.write(SavedModels.random(SMALL, 1), file);

    Outputs outputs = run(file, SMALL, List.of());
    assertEquals(0, outputs.probabilities().length);
    assertEquals(0, outputs.classes().length);
  }

  @Test
  void inputsOutputsAndMetadataDescribeTheModel() throws Exception {
    ImagePreprocessor preprocessor =
        new ImagePreprocessor(Polarity.LIGHT_ON_DARK, Polarity.DARK_ON_LIGHT, true, false);
    LeNetModel model =
        LeNetModel.of(
                SMALL,
                List.of("\"a\"", "ärmel", "line\nbreak", "👢 1"),
                SavedModels.random(SMALL, 1).parameters())
            .withPreprocessor(preprocessor)
            .withCard("# Ein Modell für Bären\n");
    Path file = directory.resolve("lenet.onnx");
    OnnxExport.write(model, file);

    try (OrtSession session = OrtEnvironment.getEnvironment().createSession(file.toString())) {
      assertEquals(
          List.of("images UINT8 [n, 9, 14]"), describe(session.getInputInfo(), List.of("images")));
      assertEquals(
          List.of("probabilities FLOAT [n, 4]", "classes INT64 [n]"),
          describe(session.getOutputInfo(), List.of("probabilities", "classes")));
      OnnxModelMetadata metadata = session.getMetadata();
      assertEquals("lenet", metadata.getProducerName());
      Map<String, String> properties = metadata.getCustomMetadata();
      assertEquals(4, properties.size());
      assertEquals(
          model.classNames(),
          List.of(new JsonMapper().readValue(properties.get("class_names"), String[].class)));
      assertEquals(SMALL, LeNetConfig.fromText(properties.get("architecture")));
      assertEquals(preprocessor.toText(), properties.get("preprocessing"));
      assertEquals(model.card(), properties.get("model_card"));
    }

    OnnxExport.write(model.withCard(""), file);
    try (OrtSession session = OrtEnvironment.getEnvironment().createSession(file.toString())) {
      assertFalse(session.getMetadata().getCustomMetadata().containsKey("model_card"));
    }
  }

  private static List<String> describe(Map<String, NodeInfo> nodes, List<String> names) {
    assertEquals(names, List.copyOf(nodes.keySet()));
    List<String> found = new ArrayList<>();
    nodes.forEach(
        (name, node) -> {
          TensorInfo tensor = (TensorInfo) node.getInfo();
          List<String> sizes = new ArrayList<>();
          for (int i = 0; i < tensor.getShape().length; i++) {
            long size = tensor.getShape()[i];
            sizes.add(size == -1 ? tensor.getDimensionNames()[i] : size + "");
          }
          found.add(name + " " + tensor.type + " " + sizes);
        });
    return found;
  }

  @Test
  void theSameModelGivesTheSameBytesAndReplacesAnEarlierFile() throws Exception {
    LeNetModel model = LeNetModel.pretrained();
    Path first = directory.resolve("new/first.onnx");
    Path second = Files.writeString(directory.resolve("second.onnx"), "an earlier file");
    OnnxExport.write(model, first);
    OnnxExport.write(LeNetModel.pretrained(), second);

    assertEquals(-1, Files.mismatch(first, second));
    assertEquals(List.of("new", "second.onnx"), names());
    long size = Files.size(first);
    assertTrue(size > 4 * 61_706 && size < 4 * 61_706 + 10_000, size + " bytes");
  }

  @Test
  void whatCannotBeWrittenIsAnErrorThatNamesIt() throws Exception {
    LeNetModel model = SavedModels.random(SMALL, 1);
    Path folder = Files.createDirectory(directory.resolve("folder"));
    assertMessage(folder + ": is a directory", FileAlreadyExistsException.class, model, folder);
    Path file = Files.writeString(directory.resolve("file"), "mine");
    assertMessage(file.toString(), FileSystemException.class, model, file.resolve("lenet.onnx"));
    assertEquals("mine", Files.readString(file));
    assertEquals(List.of("file", "folder"), names());
  }

  private static void assertMessage(
      String expected, Class<? extends IOException> type, LeNetModel model, Path file) {
    String message = assertThrows(type, () -> OnnxExport.write(model, file)).getMessage();
    assertTrue(message.contains(expected), message);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
