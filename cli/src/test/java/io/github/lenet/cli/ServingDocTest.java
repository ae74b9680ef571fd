package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lenet.cli.output.ExitCode;
import io.github.lenet.cli.serve.ModelServer;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.data.SampleGarments;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;

/** docs/serving.md: its commands run, its requests are answered, its answers look like that. */
@Tag("slow")
final class ServingDocTest {

  private static final Path DOCS = Path.of("..", "docs");
  private static final JsonMapper JSON = new JsonMapper();

  /** A request by {@code curl -d @FILE} or {@code grpcurl … < FILE}, and the answer after it. */
  private static final Pattern EXCHANGE =
      Pattern.compile(
          "^    [^\\n]*docs/serving/(\\w+\\.json)[^\\n]*\\n\\n```json\\n(.*?)```",
          Pattern.DOTALL | Pattern.MULTILINE);

  @TempDir static Path directory;
  private static String doc;
  private static Path exported;
  private static SavedModelBundle model;
  private static ModelServer server;

  @BeforeAll
  static void exportAsTheDocumentSays() throws IOException {
    doc = Files.readString(DOCS.resolve("serving.md"));
    assertTrue(doc.contains("./lenet export runs/sample --output models/lenet\n"), doc);
    Path models = directory.resolve("models");
    String run = directory.resolve("sample").toString();
    Cli trained = Cli.run("train", "--dataset", "sample", "--output", run);
    assertEquals(ExitCode.DONE, trained.status(), trained.err());
    Cli cli = Cli.run("export", run, "--output", models.toString());
    assertEquals(ExitCode.DONE, cli.status(), cli.err());
    exported = models.resolve("1");
    model = SavedModelBundle.load(exported.toString());
    server =
        new ModelServer(
            new ModelServer.Settings(
                Optional.of(models),
                "lenet",
                "127.0.0.1",
                0,
                ModelServer.Settings.BATCH_WINDOW,
                ModelServer.Settings.MAX_BATCH_SIZE,
                Optional.empty(),
                Optional.empty()),
            event -> {});
  }

  @AfterAll
  static void close() {
    server.close();
    model.close();
  }

  static Stream<MatchResult> exchanges() throws IOException {
    return EXCHANGE.matcher(Files.readString(DOCS.resolve("serving.md"))).results();
  }

  private static ServingRequest request(String file) throws IOException {
    return new ServingRequest(JSON.readTree(DOCS.resolve("serving").resolve(file).toFile()));
  }

  @Test
  void everyRequestIsInTheDocumentOnce() throws Exception {
    try (Stream<Path> files = Files.list(DOCS.resolve("serving"))) {
      assertEquals(
          files.map(file -> file.getFileName().toString()).sorted().toList(),
          exchanges().map(exchange -> exchange.group(1)).sorted().toList());
    }
  }

  @ParameterizedTest
  @MethodSource("exchanges")
  void requestsAreAnsweredInTheFormShown(MatchResult exchange) throws Exception {
    JsonNode shown = JSON.readTree(exchange.group(2));
    JsonNode answer = request(exchange.group(1)).answerOf(model);

    if (shown.isArray()) { // what jq leaves of an answer: its outputs' names
      assertEquals(new TreeSet<>(names(answer.get("outputs"))), new TreeSet<>(texts(shown)));
    } else if (shown.has("modelSpec")) {
      assertSameForm(asTensors(answer.get("outputs")), shown.get("outputs"), "outputs");
      assertEquals("serving_default", shown.at("/modelSpec/signatureName").asText());
    } else {
      assertSameForm(answer, shown, "answer");
    }
  }

  /** Two ways through the same network: our server, and TensorFlow with the SavedModel. */
  @ParameterizedTest
  @MethodSource("exchanges")
  void lenetServeAnswersAsTheSavedModelDoes(MatchResult exchange) throws Exception {
    Matcher url = Pattern.compile("http://localhost:8501/(\\S+)").matcher(exchange.group());
    boolean isRest = url.find();
    assertEquals(exchange.group(1).equals("grpc.json"), !isRest, exchange.group());
    if (!isRest) {
      return;
    }
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create(server.url() + url.group(1)))
                    .POST(BodyPublishers.ofFile(DOCS.resolve("serving").resolve(exchange.group(1))))
                    .build(),
                BodyHandlers.ofString());

    assertEquals(200, answer.statusCode(), answer.body());
    assertSameAnswer(
        request(exchange.group(1)).answerOf(model), JSON.readTree(answer.body()), "answer");
  }

  private static void assertSameAnswer(JsonNode expected, JsonNode found, String where) {
    assertEquals(expected.getNodeType(), found.getNodeType(), where);
    assertEquals(expected.size(), found.size(), where);
    if (expected.isObject()) {
      names(expected)
          .forEach(
              name -> assertSameAnswer(expected.get(name), found.get(name), where + "/" + name));
    } else if (expected.isArray()) {
      for (int i = 0; i < expected.size(); i++) {
        assertSameAnswer(expected.get(i), found.get(i), where + "/" + i);
      }
    } else if (expected.isFloatingPointNumber()) {
      assertEquals(expected.asDouble(), found.asDouble(), 1e-5, where);
    } else {
      assertEquals(expected.asText(), found.asText(), where);
    }
  }

  /** As gRPC has them: numbers of 64 bits are text in protobuf's JSON, and so are bytes. */
  private static JsonNode asTensors(JsonNode outputs) {
    ObjectNode tensors = JSON.createObjectNode();
    outputs
        .properties()
        .forEach(
            output -> {
              ObjectNode tensor = tensors.putObject(output.getKey());
              boolean matrix = output.getValue().get(0).isArray();
              JsonNode values = matrix ? output.getValue().get(0) : output.getValue();
              String type =
                  values.get(0).isTextual()
                      ? "string"
                      : values.get(0).isFloatingPointNumber() ? "float" : "int64";
              tensor.put("dtype", "DT_" + type.toUpperCase(Locale.ROOT));
              var sizes = tensor.putObject("tensorShape").putArray("dim");
              sizes.addObject().put("size", "1");
              if (matrix) {
                sizes.addObject().put("size", Integer.toString(values.size()));
              }
              var list = tensor.putArray(type + "Val");
              for (JsonNode value : values) {
                if (type.equals("float")) {
                  list.add(value);
                } else if (type.equals("int64")) {
                  list.add(value.asText());
                } else {
                  list.add(
                      Base64.getEncoder()
                          .encodeToString(value.asText().getBytes(StandardCharsets.UTF_8)));
                }
              }
            });
    return tensors;
  }

  /** The same names, sizes and kinds; a float of a trained network may be another one. */
  private static void assertSameForm(JsonNode expected, JsonNode shown, String where) {
    assertEquals(expected.getNodeType(), shown.getNodeType(), where);
    assertEquals(expected.size(), shown.size(), where);
    if (expected.isObject()) {
      assertEquals(names(expected), names(shown), where);
      names(expected)
          .forEach(name -> assertSameForm(expected.get(name), shown.get(name), where + "/" + name));
    } else if (expected.isArray()) {
      for (int i = 0; i < expected.size(); i++) {
        assertSameForm(expected.get(i), shown.get(i), where + "/" + i);
      }
    } else if (expected.isFloatingPointNumber()) {
      assertTrue(shown.asDouble() >= 0 && shown.asDouble() <= 1, where + ": " + shown);
    } else {
      assertEquals(expected.asText(), shown.asText(), where);
    }
  }

  private static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  @Test
  void allRequestsHoldTheSameImageWhichIsTestImageNine() throws Exception {
    ImageDataset garments = SampleGarments.load().test();
    byte[] expected = garments.image(9);
    JsonNode rows = request("rows.json").json().at("/instances/0");
    JsonNode scaled = request("scaled.json").json().at("/instances/0");
    JsonNode content = request("grpc.json").json().at("/inputs/images/tensor_content");
    for (int i = 0; i < expected.length; i++) {
      int pixel = Byte.toUnsignedInt(expected[i]);
      assertEquals(pixel, rows.get(i / 28).get(i % 28).asInt());
      assertEquals(pixel / 255.0, scaled.get(i / 28).get(i % 28).get(0).asDouble(), 5e-5);
      assertEquals(expected[i], content.binaryValue()[i]);
    }
    JsonNode columns = request("columns.json").json().at("/inputs/images/0");
    assertEquals(rows, columns);
    assertEquals(rows, request("layers.json").json().at("/inputs/images/0"));
  }

  @Test
  void showIsWhatTheGraphSays() throws Exception {
    String shown = block("text", "MetaGraphDef with tag-set: 'serve'");

    StringBuilder expected = new StringBuilder();
    expected.append("MetaGraphDef with tag-set: 'serve' contains the following SignatureDefs:\n");
    new TreeMap<>(metaGraph().getSignatureDefMap())
        .forEach(
            (name, signature) -> {
              expected.append("\nsignature_def['%s']:\n".formatted(name));
              expected.append(
                  "  The given SavedModel SignatureDef contains the following input(s):\n");
              signature
                  .getInputsMap()
                  .forEach((key, info) -> append(expected, "inputs", key, info));
              expected.append(
                  "  The given SavedModel SignatureDef contains the following output(s):\n");
              new TreeMap<>(signature.getOutputsMap())
                  .forEach((key, info) -> append(expected, "outputs", key, info));
              expected.append("  Method name is: %s\n".formatted(signature.getMethodName()));
            });
    assertEquals(expected.toString(), shown);
  }

  private static void append(StringBuilder lines, String kind, String key, TensorInfo info) {
    String shape =
        info.getTensorShape().getDimList().stream()
            .map(dim -> Long.toString(dim.getSize()))
            .collect(Collectors.joining(", ", "(", ")"));
    lines.append("    %s['%s'] tensor_info:\n".formatted(kind, key));
    lines.append("        dtype: %s\n".formatted(info.getDtype()));
    lines.append("        shape: %s\n".formatted(shape));
    lines.append("        name: %s\n".formatted(info.getName()));
  }

  @Test
  void metadataIsWhatTheGraphSays() throws Exception {
    JsonNode shown = JSON.readTree(block("json", "\"tensor_shape\""));
    SignatureDef signature = metaGraph().getSignatureDefMap().get("serving_default");

    assertEquals(new TreeSet<>(signature.getInputsMap().keySet()), new TreeSet<>(names(shown)));
    for (Map.Entry<String, TensorInfo> input : signature.getInputsMap().entrySet()) {
      JsonNode info = shown.get(input.getKey());
      assertEquals(input.getValue().getName(), info.get("name").asText());
      assertEquals(input.getValue().getDtype().name(), info.get("dtype").asText());
      Iterator<TensorShapeProto.Dim> dims =
          input.getValue().getTensorShape().getDimList().iterator();
      for (JsonNode dim : info.at("/tensor_shape/dim")) {
        assertEquals(Long.toString(dims.next().getSize()), dim.get("size").asText());
      }
      assertTrue(!dims.hasNext() && !info.at("/tensor_shape/unknown_rank").asBoolean());
    }
  }

  private static MetaGraphDef metaGraph() throws IOException {
    return SavedModel.parseFrom(Files.readAllBytes(exported.resolve("saved_model.pb")))
        .getMetaGraphs(0);
  }

  private static String block(String language, String inIt) {
    return Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
        .matcher(doc)
        .results()
        .map(match -> match.group(1))
        .filter(block -> block.contains(inIt))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + language + " with " + inIt));
  }

  @Test
  void filesAreThoseOfTheDocument() throws Exception {
    String shown = block("text", "models/lenet/1/");
    try (Stream<Path> files = Files.walk(exported)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertTrue(shown.contains(file.getFileName().toString()), file + " in " + shown);
      }
    }
  }
}
