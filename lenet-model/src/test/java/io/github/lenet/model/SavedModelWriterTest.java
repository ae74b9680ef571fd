package io.github.lenet.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Tensor;
import org.tensorflow.exceptions.TFInvalidArgumentException;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.Feature;
import org.tensorflow.proto.Features;
import org.tensorflow.proto.Int64List;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint8;

/** A saved model, read by other means than it was written with. */
class SavedModelWriterTest {

  private static final LeNetModel MODEL =
      model(LeNetConfig.builder().denseUnits(30).activation(Activation.TANH).build(), 1);

  @TempDir static Path directory;
  private static Path saved;

  /** With class names that no number could be taken for. */
  private static LeNetModel model(LeNetConfig architecture, long seed) {
    List<String> names = IntStream.range(0, 10).mapToObj(i -> "bär " + i).toList();
    return LeNetModel.of(architecture, names, SavedModels.random(architecture, seed).parameters())
        .withCard("# Ein Modell für Bären\n");
  }

  @BeforeAll
  static void save() throws IOException {
    saved = directory.resolve("saved/1");
    MODEL.save(saved);
  }

  /** An image of noise. */
  private static byte[] image(int seed) {
    byte[] pixels = new byte[28 * 28];
    new Random(seed).nextBytes(pixels);
    return pixels;
  }

  private static TUint8 images(int n) {
    ByteBuffer pixels = ByteBuffer.allocate(n * 28 * 28);
    IntStream.range(0, n).forEach(i -> pixels.put(image(i)));
    return TUint8.tensorOf(Shape.of(n, 28, 28), DataBuffers.of(pixels.array()));
  }

  private static MetaGraphDef metaGraph() throws IOException {
    return SavedModel.parseFrom(Files.readAllBytes(saved.resolve("saved_model.pb")))
        .getMetaGraphs(0);
  }

  @Test
  void signaturesHaveTheirMethodAndFullShapesButForTheBatch() throws Exception {
    Map<String, SignatureDef> signatures = metaGraph().getSignatureDefMap();

    String images = "images DT_UINT8 [-1, 28, 28]";
    String answers =
        "classes DT_INT64 [-1]; labels DT_STRING [-1]; probabilities DT_FLOAT [-1, 10]";
    Map<String, String> found = new TreeMap<>();
    signatures.forEach(
        (name, signature) -> {
          String method = name.equals("classify") ? "classify" : "predict";
          assertEquals("tensorflow/serving/" + method, signature.getMethodName());
          found.put(
              name, words(signature.getInputsMap()) + " -> " + words(signature.getOutputsMap()));
        });
    assertEquals(
        Map.of(
            "serving_default",
            images + " -> " + answers,
            "scaled",
            "images DT_FLOAT [-1, 28, 28, 1] -> " + answers,
            "layers",
            images
                + " -> conv1 DT_FLOAT [-1, 28, 28, 6]; conv2 DT_FLOAT [-1, 10, 10, 16];"
                + " pool1 DT_FLOAT [-1, 14, 14, 6]; pool2 DT_FLOAT [-1, 5, 5, 16]",
            "classify",
            "inputs DT_STRING [-1] -> classes DT_STRING [-1, 10]; scores DT_FLOAT [-1, 10]"),
        found);
    assertEquals(List.of("serve"), metaGraph().getMetaInfoDef().getTagsList());
  }

  private static String words(Map<String, TensorInfo> tensors) {
    List<String> words = new ArrayList<>();
    new TreeMap<>(tensors)
        .forEach(
            (name, info) ->
                words.add(
                    "%s %s %s"
                        .formatted(
                            name,
                            info.getDtype(),
                            info.getTensorShape().getDimList().stream()
                                .map(TensorShapeProto.Dim::getSize)
                                .toList())));
    return String.join("; ", words);
  }

  @Test
  void holdsNothingButTheForwardPassAndWhatRestoresIt() throws Exception {
    Set<String> types = new TreeSet<>();
    metaGraph().getGraphDef().getNodeList().forEach(node -> types.add(node.getOp()));

    types.removeAll(Set.of("Placeholder", "Const", "VariableV2", "Cast", "Mul", "Reshape"));
    types.removeAll(Set.of("Conv2D", "AvgPool", "MatMul", "BiasAdd", "Tanh", "Softmax", "ArgMax"));
    types.remove("GatherV2");
    types.removeAll(Set.of("ParseExampleV2", "Fill", "TopKV2")); // classify, which also checks:
    types.removeAll(Set.of("Assert", "All", "LogicalAnd", "GreaterEqual", "LessEqual"));
    types.removeAll(
        Set.of("SaveV2", "RestoreV2", "Assign", "ZerosLike", "Identity", "NoOp")); // saver
    assertEquals(Set.of(), types);
    assertEquals(
        8,
        metaGraph().getGraphDef().getNodeList().stream()
            .filter(node -> node.getOp().equals("VariableV2"))
            .count());
  }

  @Test
  void saysWhatItIs() throws Exception {
    try (SavedModelBundle bundle = SavedModelBundle.load(saved.toString());
        Result result =
            bundle.session().runner().fetch("architecture").fetch("class_names").run()) {
      String architecture = ((TString) result.get(0)).getObject();
      List<String> names = new ArrayList<>();
      ((TString) result.get(1)).scalars().forEach(name -> names.add(name.getObject()));

      assertEquals(MODEL.architecture(), LeNetConfig.fromText(architecture));
      assertEquals(MODEL.classNames(), names);
    }
    assertEquals(
        "# Ein Modell für Bären\n", Files.readString(saved.resolve("assets.extra/model-card.md")));
  }

  @Test
  void isReadBackBitForBit() throws Exception {
    LeNetModel found = LeNetModel.load(saved);
    assertEquals(MODEL.architecture(), found.architecture());
    assertEquals(MODEL.classNames(), found.classNames());
    assertEquals(MODEL.card(), found.card());
    assertEquals(MODEL.parameters().keySet(), found.parameters().keySet());
    MODEL
        .parameters()
        .forEach((name, values) -> assertArrayEquals(values, found.parameters().get(name), name));
  }

  @Test
  void theSameModelGivesTheSameBytes() throws Exception {
    Path again = directory.resolve("again");
    MODEL.save(again);
    for (String file :
        List.of("saved_model.pb", "variables/variables.index", "assets.extra/SHA256SUMS")) {
      assertEquals(-1, Files.mismatch(saved.resolve(file), again.resolve(file)), file);
    }
  }

  @Test
  void refusesADirectoryThatIsNotEmpty() throws Exception {
    assertRefused(saved, "is not empty. Choose another directory");
    Path file = Files.createFile(directory.resolve("file"));
    assertRefused(file, "is a file. Choose another directory");
    Path empty = Files.createDirectory(directory.resolve("empty"));
    MODEL.save(empty);
    assertEquals(MODEL.architecture(), LeNetModel.load(empty).architecture());
  }

  private static void assertRefused(Path path, String part) {
    String message =
        assertThrows(FileAlreadyExistsException.class, () -> MODEL.save(path)).getMessage();
    assertTrue(message.startsWith(path + ": " + part), message);
  }

  @Test
  void bothImagesFormsGetTheSameAnswers() {
    int n = 20;
    try (SavedModelBundle bundle = SavedModelBundle.load(saved.toString());
        TUint8 pixels = images(n);
        TFloat32 scaled = scaled(n);
        Result bytes = bundle.function("serving_default").call(Map.of("images", pixels));
        Result floats = bundle.function("scaled").call(Map.of("images", scaled))) {
      assertArrayEquals(values(bytes, "probabilities"), values(floats, "probabilities"), 1e-5f);
      for (Result answer : List.of(bytes, floats)) {
        float[] probabilities = values(answer, "probabilities");
        for (int i = 0; i < n; i++) {
          int best = 0;
          for (int label = 1; label < 10; label++) {
            best = probabilities[i * 10 + label] > probabilities[i * 10 + best] ? label : best;
          }
          assertEquals(best, ((TInt64) answer.get("classes").orElseThrow()).getLong(i));
          assertEquals("bär " + best, ((TString) answer.get("labels").orElseThrow()).getObject(i));
        }
      }
    }
  }

  private static TFloat32 scaled(int n) {
    float[] values = new float[n * 28 * 28];
    for (int i = 0; i < values.length; i++) {
      values[i] = Byte.toUnsignedInt(image(i / 784)[i % 784]) / 255f;
    }
    return TFloat32.tensorOf(Shape.of(n, 28, 28, 1), DataBuffers.of(values));
  }

  private static float[] values(Result result, String name) {
    Tensor tensor = result.get(name).orElseThrow();
    float[] values = new float[(int) tensor.size()];
    ((TFloat32) tensor).asRawTensor().data().asFloats().read(values);
    return values;
  }

  @Test
  void layersAreTheConvolutionAndTheMeansWrittenOutByHand() {
    byte[] image = image(0);
    try (SavedModelBundle bundle = SavedModelBundle.load(saved.toString());
        TUint8 pixels = images(1);
        Result layers = bundle.function("layers").call(Map.of("images", pixels));
        Result parameters =
            bundle.session().runner().fetch("conv1/kernel").fetch("conv1/bias").run()) {
      TFloat32 kernel = (TFloat32) parameters.get(0);
      TFloat32 bias = (TFloat32) parameters.get(1);
      float[] conv1 = values(layers, "conv1");
      float[] pool1 = values(layers, "pool1");
      for (int[] at : new int[][] {{0, 0, 0}, {13, 9, 2}, {27, 27, 5}}) {
        double sum = bias.getFloat(at[2]);
        for (int row = 0; row < 5; row++) {
          for (int column = 0; column < 5; column++) {
            int y = at[0] + row - 2;
            int x = at[1] + column - 2;
            if (y >= 0 && y < 28 && x >= 0 && x < 28) {
              double pixel = Byte.toUnsignedInt(image[y * 28 + x]) / 255.0;
              sum += pixel * kernel.getFloat(row, column, 0, at[2]);
            }
          }
        }
        assertEquals(Math.tanh(sum), conv1[(at[0] * 28 + at[1]) * 6 + at[2]], 1e-5);
      }
      int topLeft = ((2 * 6) * 28 + 2 * 3) * 6 + 1; // row 6, column 3, channel 1 of pool1
      float sum = conv1[topLeft] + conv1[topLeft + 6];
      sum += conv1[topLeft + 28 * 6] + conv1[topLeft + 29 * 6];
      assertEquals(sum / 4, pool1[(6 * 14 + 3) * 6 + 1], 1e-6);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "784, 256, image: expected numbers 0 to 255",
    "784, -1, image: expected numbers 0 to 255",
    "783, 0, image",
    "785, 0, image",
    "0, 0, image"
  })
  void examplesThatHoldNoImageAreRefused(int count, long number, String message) throws Exception {
    Int64List.Builder numbers = Int64List.newBuilder();
    for (int i = 0; i < count; i++) {
      numbers.addValue(number);
    }
    Feature image = Feature.newBuilder().setInt64List(numbers).build();
    Features features = Features.newBuilder().putFeature("image", image).build();
    byte[] example = Example.newBuilder().setFeatures(features).build().toByteArray();
    NdArray<byte[]> inputs = NdArrays.vectorOfObjects(example);
    try (SavedModelBundle bundle = SavedModelBundle.load(saved.toString());
        Tensor tensor = TString.tensorOfBytes(inputs)) {
      String found =
          assertThrows(
                  TFInvalidArgumentException.class,
                  () -> bundle.function("classify").call(Map.of("inputs", tensor)))
              .getMessage();
      assertTrue(found.contains(message), found);
    }
  }

  @Test
  void aModelWithOtherParametersOrNamesIsFoundOut() throws Exception {
    SavedModelCheck.requireSameOutputs(saved, MODEL);
    assertDiffers("conv1/kernel: number 0", model(MODEL.architecture(), 2));
    List<String> others = IntStream.range(0, 10).mapToObj(Integer::toString).toList();
    assertDiffers("class names", LeNetModel.of(MODEL.architecture(), others, MODEL.parameters()));
    LeNetConfig relu = LeNetConfig.builder().denseUnits(30).activation(Activation.RELU).build();
    assertDiffers("architecture", model(relu, 1));
  }

  /** The graph says that it is another network than it computes. */
  @Test
  void aGraphThatComputesAnotherNetworkIsFoundOut() throws Exception {
    Path copy = directory.resolve("relu");
    MODEL.save(copy);
    Path file = copy.resolve("saved_model.pb");
    String graph = Files.readString(file, StandardCharsets.ISO_8859_1);
    assertTrue(graph.contains("Tanh"));
    Files.writeString(file, graph.replace("Tanh", "Relu"), StandardCharsets.ISO_8859_1);

    String message =
        assertThrows(IOException.class, () -> SavedModelCheck.requireSameOutputs(copy, MODEL))
            .getMessage();
    assertTrue(message.contains("the reloaded model's output differs"), message);
  }

  private static void assertDiffers(String part, LeNetModel expected) {
    String message =
        assertThrows(IOException.class, () -> SavedModelCheck.requireSameOutputs(saved, expected))
            .getMessage();
    assertTrue(message.startsWith(saved + ": " + part), message);
    assertTrue(message.contains("output differs"), message);
  }

  @Test
  void leavesNothingBesideTheModel() throws Exception {
    try (Stream<Path> beside = Files.list(saved.getParent())) {
      assertEquals(List.of(saved), beside.toList());
    }
    assertEquals(
        "saved_model.pb variables/variables.data-00000-of-00001 variables/variables.index"
            + " assets.extra/SHA256SUMS assets.extra/model-card.md",
        String.join(
            " ",
            Stream.of("", "variables", "assets.extra")
                .flatMap(name -> files(name).stream())
                .toList()));
    String text =
        new String(
            Files.readAllBytes(saved.resolve("saved_model.pb")), StandardCharsets.ISO_8859_1);
    assertEquals(-1, text.indexOf("Random"), "no initial values");
    List<NodeDef> constants =
        metaGraph().getGraphDef().getNodeList().stream()
            .filter(node -> node.getOp().equals("Const"))
            .filter(node -> node.getAttrOrThrow("dtype").getType() == DataType.DT_FLOAT)
            .toList();
    for (NodeDef constant : constants) {
      int size = constant.getAttrOrThrow("value").getTensor().getSerializedSize();
      assertTrue(size < 20, constant.getName() + " holds more than a number");
    }
  }

  private static List<String> files(String inside) {
    try (Stream<Path> files = Files.list(saved.resolve(inside))) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> saved.relativize(file).toString().replace('\\', '/'))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
