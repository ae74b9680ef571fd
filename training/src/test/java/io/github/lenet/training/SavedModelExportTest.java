package io.github.lenet.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.github.lenet.data.ImageBatch;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.data.Provenance;
import io.github.lenet.model.Activation;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.Pooling;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
import org.tensorflow.proto.Example;
import org.tensorflow.proto.Feature;
import org.tensorflow.proto.Features;
import org.tensorflow.proto.Int64List;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint8;

/** The exported model, read by other means than it was written with. */
class SavedModelExportTest {

  private static final LeNetConfig MODEL =
      new LeNetConfig(28, 28, 5, List.of(6, 16), Pooling.AVG, List.of(30), Activation.TANH, 10);
  private static final ImageDataset IMAGES = named(Images.bars(130, 2));

  @TempDir static Path directory;
  private static Path checkpoint;
  private static Path saved;

  /** The same images, with class names that no number could be taken for. */
  private static ImageDataset named(ImageDataset bars) {
    byte[] pixels = new byte[bars.size() * 28 * 28];
    byte[] labels = new byte[bars.size()];
    for (int i = 0; i < bars.size(); i++) {
      System.arraycopy(bars.image(i), 0, pixels, i * 28 * 28, 28 * 28);
      labels[i] = (byte) bars.label(i);
    }
    List<String> names = IntStream.range(0, 10).mapToObj(i -> "bär " + i).toList();
    return ImageDataset.of(28, 28, pixels, labels, names);
  }

  @BeforeAll
  static void trainAndExport() throws Exception {
    checkpoint = train(1);
    saved = directory.resolve("saved/1");
    SavedModelExport.write(checkpoint, card(), IMAGES, saved);
  }

  private static Path train(long seed) throws IOException {
    TrainingConfig config = new TrainingConfig(MODEL, 1, 50, 0.2, seed, 2);
    try (Trainer trainer = new Trainer(config, DeviceSelection.cpu("test"))) {
      trainer.fit(Images.bars(400, 1), IMAGES, new TrainingListener() {});
      Path files = Files.createDirectories(directory.resolve("seed-" + seed));
      trainer.save(files);
      return files.resolve(Checkpoint.PARAMETERS);
    }
  }

  private static ModelCard card() {
    Duration second = Duration.ofSeconds(1);
    Metrics train = new Metrics(0.5, 300, 400);
    EpochResult result = new EpochResult(3, train, new Metrics(0.25, 117, 130), second, second);
    return new ModelCard(
        new TrainingConfig(MODEL, 4, 50, 0.2, 7, 2),
        new Provenance("bars", "Bars", "none", "made for a test", List.of()),
        IMAGES.classNames(),
        result,
        result.validation());
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

      assertEquals(MODEL, LeNetConfig.fromText(architecture));
      assertEquals(IMAGES.classNames(), names);
    }
    String card = Files.readString(saved.resolve("assets.extra/model-card.md"));
    assertTrue(card.startsWith("# LeNet-5, trained on Bars\n"), card);
    assertTrue(card.contains("| test | 0.2500 | 0.9000 | 130 |"), card);
    assertTrue(
        card.contains("Epoch 3 of 4, batches of 50, plain SGD with learning rate 0.2, seed 7."),
        card);
    assertTrue(card.contains("    activation=tanh\n"), card);
    assertTrue(card.contains("made for a test"), card);
  }

  @Test
  void bothImagesFormsGetTheSameAnswers() {
    int n = 20;
    try (SavedModelBundle bundle = SavedModelBundle.load(saved.toString());
        ImageBatch batch = IMAGES.batches(n).iterator().next();
        TFloat32 scaled = scaled(n);
        Result bytes = bundle.function("serving_default").call(Map.of("images", batch.images()));
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
      values[i] = Byte.toUnsignedInt(IMAGES.image(i / 784)[i % 784]) / 255f;
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
    byte[] image = IMAGES.image(0);
    try (SavedModelBundle bundle = SavedModelBundle.load(saved.toString());
        ImageBatch batch = IMAGES.first(1).batches(1).iterator().next();
        Result layers = bundle.function("layers").call(Map.of("images", batch.images()));
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

  @Test
  void warmUpRequestsAreReadByTensorFlowAndAnsweredByTheirSignatures() throws Exception {
    Path file = saved.resolve("assets.extra/tf_serving_warmup_requests");
    Set<String> asked = new TreeSet<>();
    try (SavedModelBundle bundle = SavedModelBundle.load(saved.toString())) {
      for (byte[] record : TfRecordsTest.read(file)) {
        if (UnknownFieldSet.parseFrom(record).hasField(1)) {
          asked.add(requireClassification(record, bundle));
          continue;
        }
        UnknownFieldSet request = inside(inside(UnknownFieldSet.parseFrom(record), 6), 1);
        UnknownFieldSet model = inside(request, 1);
        UnknownFieldSet input = inside(request, 2);
        assertEquals(Set.of(6), UnknownFieldSet.parseFrom(record).asMap().keySet());
        assertEquals("lenet", bytes(model, 1).toStringUtf8());
        assertEquals("images", bytes(input, 1).toStringUtf8());
        String signature = bytes(model, 3).toStringUtf8();
        asked.add(signature);
        TensorProto images = TensorProto.parseFrom(bytes(input, 2));
        byte[] content = images.getTensorContent().toByteArray();
        boolean scaled = signature.equals("scaled");
        Shape shape = scaled ? Shape.of(2, 28, 28, 1) : Shape.of(2, 28, 28);
        assertEquals(
            shape,
            Shape.of(
                images.getTensorShape().getDimList().stream()
                    .mapToLong(TensorShapeProto.Dim::getSize)
                    .toArray()));
        Class<? extends org.tensorflow.types.family.TType> type =
            scaled ? TFloat32.class : TUint8.class;
        try (Tensor tensor = Tensor.of(type, shape, DataBuffers.of(content));
            Result answer = bundle.function(signature).call(Map.of("images", tensor))) {
          assertEquals(2, answer.get(0).shape().get(0));
        }
        byte first = IMAGES.image(0)[3];
        if (!scaled) {
          assertEquals(first, content[3]);
        }
      }
    }
    assertEquals(Set.of("classify", "layers", "scaled", "serving_default"), asked);
  }

  /** A ClassifyLog; returns the signature that it is for. */
  private static String requireClassification(byte[] record, SavedModelBundle bundle)
      throws IOException {
    UnknownFieldSet request = inside(inside(UnknownFieldSet.parseFrom(record), 1), 1);
    String signature = bytes(inside(request, 1), 3).toStringUtf8();
    List<ByteString> examples = inside(inside(request, 2), 1).getField(1).getLengthDelimitedList();
    assertEquals(2, examples.size());
    NdArray<byte[]> inputs = NdArrays.ofObjects(byte[].class, Shape.of(2));
    for (int i = 0; i < 2; i++) {
      Example example = Example.parseFrom(examples.get(i));
      Feature image = example.getFeatures().getFeatureOrThrow("image");
      assertEquals(784, image.getInt64List().getValueCount());
      assertEquals(Byte.toUnsignedInt(IMAGES.image(i)[300]), image.getInt64List().getValue(300));
      inputs.setObject(examples.get(i).toByteArray(), i);
    }
    try (Tensor tensor = TString.tensorOfBytes(inputs);
        Result answer = bundle.function(signature).call(Map.of("inputs", tensor))) {
      assertEquals(Shape.of(2, 10), answer.get(0).shape());
    }
    return signature;
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

  private static ByteString bytes(UnknownFieldSet message, int field) {
    List<ByteString> values = message.getField(field).getLengthDelimitedList();
    assertEquals(1, values.size());
    return values.get(0);
  }

  private static UnknownFieldSet inside(UnknownFieldSet message, int field) throws IOException {
    return UnknownFieldSet.parseFrom(bytes(message, field));
  }

  @Test
  void aModelWithOtherParametersOrNamesIsFoundOut() throws Exception {
    Path other = train(2);
    try (ImageBatch batch = IMAGES.batches(10).iterator().next()) {
      List<String> names = IMAGES.classNames();
      assertEquals(
          4,
          SavedModelCheck.requireSameOutputs(saved, checkpoint, MODEL, names, batch.images())
              .size());

      String message =
          assertThrows(
                  IOException.class,
                  () ->
                      SavedModelCheck.requireSameOutputs(
                          saved, other, MODEL, names, batch.images()))
              .getMessage();
      assertTrue(message.contains("output differs"), message);

      List<String> otherNames = IntStream.range(0, 10).mapToObj(Integer::toString).toList();
      message =
          assertThrows(
                  IOException.class,
                  () ->
                      SavedModelCheck.requireSameOutputs(
                          saved, checkpoint, MODEL, otherNames, batch.images()))
              .getMessage();
      assertTrue(
          message.matches(".*(labels|classify: classes): the reloaded model.s output differs.*"),
          message);
    }
  }

  @Test
  void leavesNothingBesideTheModel() throws Exception {
    try (Stream<Path> beside = Files.list(saved.getParent())) {
      assertEquals(List.of(saved), beside.toList());
    }
    assertEquals(
        "saved_model.pb variables/variables.data-00000-of-00001 variables/variables.index"
            + " assets.extra/SHA256SUMS assets.extra/model-card.md assets.extra/tf_serving_warmup_requests",
        String.join(
            " ",
            Stream.of("", "variables", "assets.extra")
                .flatMap(name -> files(name).stream())
                .toList()));
    String text =
        new String(
            Files.readAllBytes(saved.resolve("saved_model.pb")), StandardCharsets.ISO_8859_1);
    assertEquals(-1, text.indexOf("Random"), "no initial values");
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
