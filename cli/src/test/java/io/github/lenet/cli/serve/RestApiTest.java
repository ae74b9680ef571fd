package io.github.lenet.cli.serve;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.lenet.model.LeNetClassifier;
import io.github.lenet.model.Prediction;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.Feature;
import org.tensorflow.proto.Features;
import org.tensorflow.proto.Int64List;

/**
 * Paths, forms and messages are those of TensorFlow Serving's own tests and sources: {@code
 * http_rest_api_handler_test.cc}, {@code http_rest_api_util_test.cc}, {@code json_tensor.cc},
 * {@code api_rest.md}. Numbers are {@link LeNetClassifier}'s, which asks another graph.
 */
class RestApiTest {

  private static final JsonMapper JSON = new JsonMapper();
  private static final String PREDICT = "/v1/models/lenet:predict";
  private static final String CLASSIFY = "/v1/models/lenet:classify";

  private static ServedModel model;
  private static RestApi api;
  private static LeNetClassifier classifier;

  @BeforeAll
  static void load() throws IOException {
    ServingMetrics metrics = new ServingMetrics("lenet");
    model = ServedModel.pretrained("lenet", Batcher.Settings.DEFAULT, metrics);
    api = new RestApi(model, metrics);
    classifier = LeNetClassifier.pretrained();
  }

  @AfterAll
  static void close() {
    classifier.close();
    model.close();
  }

  /** An image of noise. */
  static byte[] image(long seed) {
    byte[] pixels = new byte[28 * 28];
    new Random(seed).nextBytes(pixels);
    return pixels;
  }

  /** An image as nested lists. */
  static String toJson(byte[] pixels) {
    StringBuilder json = new StringBuilder("[");
    for (int row = 0; row < 28; row++) {
      json.append(row == 0 ? "[" : ",[");
      json.append(numbers(Arrays.copyOfRange(pixels, row * 28, row * 28 + 28))).append(']');
    }
    return json.append(']').toString();
  }

  private static String numbers(byte[] pixels) {
    List<String> numbers = new ArrayList<>();
    for (byte pixel : pixels) {
      numbers.add(Integer.toString(Byte.toUnsignedInt(pixel)));
    }
    return String.join(",", numbers);
  }

  private static String scaledJson(byte[] pixels) {
    return toJson(pixels).replaceAll("(\\d+)", "[$1e0]");
  }

  private static byte[] example(byte[] pixels) {
    Int64List.Builder values = Int64List.newBuilder();
    for (byte pixel : pixels) {
      values.addValue(Byte.toUnsignedInt(pixel));
    }
    return Example.newBuilder()
        .setFeatures(
            Features.newBuilder()
                .putFeature("image", Feature.newBuilder().setInt64List(values).build()))
        .build()
        .toByteArray();
  }

  private static String b64(byte[] bytes) {
    return "{\"b64\": \"" + Base64.getEncoder().encodeToString(bytes) + "\"}";
  }

  private static JsonNode ask(int status, String method, String path, String body)
      throws IOException {
    HttpResponse answer =
        api.handle(new HttpRequest(method, path, body.getBytes(StandardCharsets.UTF_8)));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    answer.body().writeTo(out);
    assertEquals(status, answer.status(), out::toString);
    assertEquals("application/json", answer.contentType());
    return JSON.readTree(out.toByteArray());
  }

  private static String error(int status, String method, String path, String body)
      throws IOException {
    JsonNode answer = ask(status, method, path, body);
    assertEquals(1, answer.size());
    return answer.get("error").textValue();
  }

  private static void assertProbabilities(byte[] image, JsonNode found) {
    float[] expected = classifier.probabilities(List.of(image))[0];
    float[] numbers = new float[found.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = found.get(i).floatValue();
    }
    assertArrayEquals(expected, numbers, 1e-5f);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'instances': [%s, %s]}",
        "{'instances': [{'images': %s}, {'images': %s}]}",
        "{'signature_name': 'serving_default', 'instances': [%s, %s]}",
        "{'instances': [%s, %s], 'signature_name': ''}",
        "{'something': {'else': [1]}, 'instances': [%s, %s]}",
        "{'context': [], 'instances': [%s, %s], 'examples': 3}",
      })
  void answersRowsByRows(String body) throws IOException {
    byte[] first = image(1);
    byte[] second = image(2);
    JsonNode answer =
        ask(200, "POST", PREDICT, body.replace('\'', '"').formatted(toJson(first), toJson(second)));
    assertEquals(1, answer.size());
    JsonNode predictions = answer.get("predictions");
    assertEquals(2, predictions.size());
    assertProbabilities(first, predictions.get(0).get("probabilities"));
    assertProbabilities(second, predictions.get(1).get("probabilities"));
    Prediction best = classifier.predict(second, 1).get(0);
    assertEquals(best.classIndex(), predictions.get(1).get("classes").intValue());
    assertEquals(best.className(), predictions.get(1).get("labels").textValue());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'inputs': [%s]}",
        "{'inputs': {'images': [%s]}}",
        "{'inputs': [%s], 'signature_name': 'serving_default'}"
      })
  void answersColumnsByColumns(String body) throws IOException {
    byte[] image = image(3);
    JsonNode outputs =
        ask(200, "POST", PREDICT, body.replace('\'', '"').formatted(toJson(image))).get("outputs");
    assertEquals(3, outputs.size());
    assertProbabilities(image, outputs.get("probabilities").get(0));
    assertEquals(
        classifier.predict(image, 1).get(0).className(), outputs.get("labels").get(0).textValue());
  }

  @Test
  void knowsTheSignatureThatIsNamedAfterTheNumbers() throws IOException {
    byte[] image = image(4);
    String body =
        "{\"instances\": [%s], \"signature\\u005fname\": \"layers\"}".formatted(toJson(image));
    JsonNode conv1 = ask(200, "POST", PREDICT, body).get("predictions").get(0).get("conv1");
    assertEquals(28, conv1.size());
    assertEquals(28, conv1.get(0).size());
    // 6 maps of 5x5 weights and a bias, for the pretrained network's one channel in
    assertEquals(
        classifier.model().architecture().layers().get(0).parameterCount() / 26,
        conv1.at("/0/0").size());
  }

  @Test
  void takesFloatsWhereTheSignatureDoes() throws IOException {
    byte[] image = new byte[28 * 28];
    for (int i = 0; i < image.length; i++) {
      image[i] = (byte) (i % 3 == 0 ? 255 : 0); // 1 and 0, scaled
    }
    String scaled = scaledJson(image).replace("255e0", "1");
    JsonNode answer =
        ask(
            200,
            "POST",
            PREDICT,
            "{\"signature_name\": \"scaled\", \"instances\": [" + scaled + "]}");
    assertProbabilities(image, answer.at("/predictions/0/probabilities"));
  }

  @Test
  void classifiesExamples() throws IOException {
    byte[] first = image(5);
    byte[] second = image(6);
    String body =
        """
        {"signature_name": "classify", "examples": [{"image": [%s]}, {"image": [%s], "id": "x"}]}
        """
            .formatted(numbers(first), numbers(second));
    JsonNode results = ask(200, "POST", CLASSIFY, body).get("results");
    assertEquals(2, results.size());
    assertResult(first, results.get(0));
    assertResult(second, results.get(1));
  }

  private static void assertResult(byte[] image, JsonNode result) {
    List<Prediction> expected = classifier.predict(image, 10);
    assertEquals(10, result.size());
    for (int i = 0; i < 10; i++) {
      assertEquals(expected.get(i).className(), result.get(i).get(0).textValue());
      assertEquals(expected.get(i).probability(), result.get(i).get(1).floatValue(), 1e-5f);
    }
  }

  @Test
  void putsTheContextIntoEachExample() throws IOException {
    byte[] image = image(7);
    String body =
        """
        {"examples": [{"id": 1}, {}], "context": {"image": [%s]}, "signature_name": "classify"}
        """
            .formatted(numbers(image));
    JsonNode results = ask(200, "POST", CLASSIFY, body).get("results");
    assertEquals(2, results.size());
    assertResult(image, results.get(0));
    assertResult(image, results.get(1));
  }

  @Test
  void predictsFromSerializedExamples() throws IOException {
    byte[] image = image(8);
    String example = b64(example(image));
    for (String instance : List.of(example, "{\"inputs\": " + example + "}")) {
      JsonNode answer =
          ask(
              200,
              "POST",
              PREDICT,
              "{\"signature_name\": \"classify\", \"instances\": [" + instance + "]}");
      JsonNode row = answer.at("/predictions/0");
      Prediction best = classifier.predict(image, 1).get(0);
      assertEquals(best.className(), row.at("/classes/0").textValue());
      assertEquals(best.probability(), row.at("/scores/0").floatValue(), 1e-5f);
    }
  }

  @Test
  void refusesAnExampleWithoutAnImage() throws IOException {
    String body = "{\"signature_name\": \"classify\", \"examples\": [{\"size\": 3}]}";
    assertTrue(error(400, "POST", CLASSIFY, body).contains("image"));
  }

  /** {@code GetStatus} of http_rest_api_handler_test.cc. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/models/lenet",
        "/v1/models/lenet/versions/1",
        "/V1/Models/lenet",
        "/v1/models/lenet/VERSIONS/0001"
      })
  void saysWhichVersionsThereAre(String path) throws IOException {
    assertEquals(
        JSON.readTree(
            """
            {"model_version_status": [
              {"version": "1", "state": "AVAILABLE",
               "status": {"error_code": "OK", "error_message": ""}}]}
            """),
        ask(200, "GET", path, ""));
  }

  /** The excerpt is protobuf's form of a TensorInfo, as in docs/serving.md. */
  @Test
  void saysHowTheModelCanBeAsked() throws IOException {
    JsonNode answer = ask(200, "GET", "/v1/models/lenet/versions/1/metadata", "");
    assertEquals(
        JSON.readTree("{\"name\": \"lenet\", \"signature_name\": \"\", \"version\": \"1\"}"),
        answer.get("model_spec"));
    JsonNode signatures = answer.at("/metadata/signature_def/signature_def");
    assertEquals(4, signatures.size());
    assertEquals(
        JSON.readTree(
            """
            {"images": {"dtype": "DT_UINT8",
             "tensor_shape": {"dim": [{"size": "-1", "name": ""}, {"size": "28", "name": ""},
               {"size": "28", "name": ""}], "unknown_rank": false},
             "name": "images:0"}}
            """),
        signatures.at("/serving_default/inputs"));
    assertEquals("tensorflow/serving/predict", signatures.at("/layers/method_name").textValue());
    assertEquals("tensorflow/serving/classify", signatures.at("/classify/method_name").textValue());
    assertEquals("DT_STRING", signatures.at("/classify/inputs/inputs/dtype").textValue());
  }

  /** {@code UnsupportedApiCalls} and {@code ParseModelInfo}'s failures. */
  @ParameterizedTest
  @CsvSource({
    "GET, /v1/foo",
    "POST, /v1/foo",
    "POST, /v1/models",
    "GET, /v1/models/lenet:predict",
    "GET, /v1/models/",
    "GET, /v1/models/lenet/",
    "POST, /v1/models/lenet/version/50:regress",
    "POST, /v1/models/lenet/versions/HELLO:regress",
    "POST, /v1/models/lenet/versions/1/labels/x:regress",
    "POST, /v1/models/lenet/metadata",
    "POST, /v1/models/lenet:PREDICT",
    "POST, /v1/models/lenet:predict/",
    "PUT, /v1/models/lenet:predict",
    "HEAD, /v1/models/lenet",
    "HEAD, /v1/models/lenet:predict",
    "POST, /v1/models/lenet:predict?x=y",
    "POST, /v1/models/lenet:predict?",
    "GET, /v1/models/lenet/metadata?x=y",
    "GET, /v1/models/../../etc/passwd",
    "GET, /v1/models/%2e%2e/lenet",
  })
  void refusesOtherPaths(String method, String path) throws IOException {
    assertEquals("Malformed request: " + method + " " + path, error(400, method, path, "{}"));
  }

  /**
   * {@code basic_manager.cc}, {@code get_model_status_impl.cc}, {@code server_core.cc} and {@code
   * http_rest_api_util.cc}.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "400|GET |/v1/models|Missing model name in request.",
        "404|GET |/v1/models/half|Could not find any versions of model half",
        "404|GET |/v1/models/half/versions/3|Could not find version 3 of model half",
        "404|GET |/v1/models/lenet/versions/3|Could not find version 3 of model lenet",
        "404|GET |/v1/models/LeNet|Could not find any versions of model LeNet",
        "404|GET |/v1/models/half/metadata|Servable not found for request: Latest(half)",
        "404|POST|/v1/models/half:predict|Servable not found for request: Latest(half)",
        "404|POST|/v1/models/lenet/versions/3:predict"
            + "|Servable not found for request: Specific(lenet, 3)",
        "400|POST|/v1/models/lenet/labels/new:predict|Unrecognized servable version label: new",
        "400|GET |/v1/models/lenet/labels/new/metadata|Unrecognized servable version label: new",
        "400|POST|/v1/models/lenet/versions/18446744073709551615:predict"
            + "|Failed to convert version: 18446744073709551615 to numeric.",
        "404|GET |/v1/models/lenet?x=y|Could not find any versions of model lenet?x=y",
        "404|GET |/v1/models/h%61l%66|Could not find any versions of model half",
        "404|POST|/v1/models/h%61lf:predict|Servable not found for request: Latest(half)",
        "404|GET |/v1/models/a+b%2|Could not find any versions of model a+b%2",
      })
  void saysWhatIsNotThere(int status, String method, String path, String message)
      throws IOException {
    assertEquals(message, error(status, method, path, "{\"instances\": [1]}"));
  }

  @Test
  void saysThatASignatureIsNotThere() throws IOException {
    String body = "{\"signature_name\": \"x\", \"instances\": [1], \"examples\": [{}]}";
    assertAll(
        () ->
            assertEquals(
                "Serving signature name: \"x\" not found in signature def",
                error(400, "POST", PREDICT, body)),
        () ->
            assertEquals(
                "No signature was found with the name: x", error(400, "POST", CLASSIFY, body)));
  }

  /** {@code json_tensor.cc}, {@code PredictRequestErrors} and {@code SingleUnnamedTensorErrors}. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``|JSON Parse error: The document is empty",
        "instances = [1, 2]|JSON Parse error: Invalid value. at offset: 0",
        "{\"x\": [1} |JSON Parse error: Unexpected close marker '}'. at offset: 8",
        "{\"instances\": [01]} |JSON Parse error: Invalid numeric value. at offset: 16",
        "{\"instances\":|JSON Parse error: Unexpected end of the document. at offset: 13",
        "[1]|JSON Value: [1] Is not object",
        "3|JSON Value: 3 Is not object",
        "{}|Missing 'inputs' or 'instances' key",
        "{\"signature_name\": 5, \"instances\": [1]}"
            + "|JSON Value: {\"signature_name\": 5, \"instances\": [1]} not formatted correctly."
            + " 'signature_name' key must be a string value.",
        "{\"instances\": 3}"
            + "|JSON Value: {\"instances\": 3} Expecting 'instances' to be an list/array",
        "{\"instances\": []}|JSON Value: {\"instances\": []} No values in 'instances' array",
        "{\"instances\": [\"x\"]}"
            + "|Failed to process element: 0 of 'instances' list. Error: INVALID_ARGUMENT:"
            + " JSON Value: \"x\" Type: String is not of expected type: uint8",
        "{\"instances\": [null]}|JSON Value: null Type: Null is not of expected type: uint8",
        "{\"instances\": [true]}|JSON Value: true Type: True is not of expected type: uint8",
        "{\"instances\": [{\"b64\": \"AAAA\"}]}"
            + "|JSON Value: {\"b64\": \"AAAA\"} Type: Object is not of expected type: uint8",
        "{\"instances\": [1, 2]}|Expecting shape [28,28] but got: [] for input: images",
        "{\"instances\": [[[1, 2]]]}"
            + "|Failed to process element: 0 of 'instances' list. Error: INVALID_ARGUMENT:"
            + " Expecting shape [28,28] but got: [1,2] for input: images",
        "{\"instances\": [{\"images\": [1], \"x\": 2}]}"
            + "|Failed to process element: 0 key: images of 'instances' list.",
        "{\"instances\": [{\"x\": 2}]}"
            + "|Failed to process element: 0 key: x of 'instances' list. Error:"
            + " INVALID_ARGUMENT: JSON object: does not have named input: x",
        "{\"instances\": [{}]}"
            + "|Failed to process element: 0 of 'instances' list. JSON object: {} keys must be"
            + " equal to: images",
        "{\"inputs\": []}|Expecting shape [-1,28,28] but got: [0] for input: images",
        "{\"inputs\": [[[1, 2]]]}|Expecting shape [-1,28,28] but got: [1,1,2] for input: images",
        "{\"inputs\": {}}|Missing named input: images in 'inputs' object.",
        "{\"inputs\": {\"image\": []}}|JSON object: does not have named input: image",
      })
  void saysWhatIsWrongWithABody(String body, String message) throws IOException {
    String found = error(400, "POST", PREDICT, body);
    assertTrue(found.contains(message), found);
  }

  @Test
  void refusesBothRowsAndColumns() throws IOException {
    String image = toJson(image(1));
    String body = "{\"instances\": [%s], \"inputs\": [%s]}".formatted(image, image);
    assertTrue(
        error(400, "POST", PREDICT, body)
            .contains(
                "Not formatted correctly expecting only one of 'inputs' or 'instances' keys to"
                    + " exist"));
  }

  @ParameterizedTest
  @CsvSource({
    "'{\"inputs\": [%s], \"inputs\": 1}', inputs",
    "'{\"instances\": [{\"images\": %s, \"images\": 1}]}', images",
    "'{\"inputs\": {\"images\": [%s], \"images\": 1}}', images",
    "'{\"signature_name\": \"\", \"signature_name\": \"\", \"inputs\": [%s]}', signature_name",
  })
  void refusesTheSameKeyTwice(String body, String key) throws IOException {
    String found = error(400, "POST", PREDICT, body.formatted(toJson(image(1))));
    assertTrue(found.endsWith("Duplicate key: " + key), found);
  }

  @ParameterizedTest
  @CsvSource({
    "256, Number",
    "-1, Number",
    "1.0, Number",
    "1e2, Number",
    "NaN, Number",
    "Infinity, Number",
    "4294967296, Number",
    "'\"1\"', String",
    "null, Null",
    "false, False"
  })
  void refusesWhatIsNoPixel(String value, String type) throws IOException {
    String image = toJson(new byte[28 * 28]).replaceFirst("0", value);
    assertEquals(
        "Failed to process element: 1 of 'instances' list. Error: INVALID_ARGUMENT: JSON Value: "
            + value
            + " Type: "
            + type
            + " is not of expected type: uint8",
        error(
            400, "POST", PREDICT, "{\"instances\": [%s, %s]}".formatted(toJson(image(1)), image)));
  }

  /** {@code IsLosslessDecimal} of json_tensor.cc; what is not finite is refused here only. */
  @ParameterizedTest
  @CsvSource({
    "1e39, without loss of precision.",
    "-1e400, JSON Parse error: Number too big to be stored in double. at offset: 46",
    "NaN, Type: Number is not a finite number",
    "-Infinity, Type: Number is not a finite number",
    "'\"1\"', Type: String is not of expected type: float",
  })
  void refusesWhatIsNoFloat(String value, String message) throws IOException {
    String image = scaledJson(new byte[28 * 28]).replaceFirst("0e0", value);
    String found =
        error(
            400,
            "POST",
            PREDICT,
            "{\"signature_name\": \"scaled\", \"instances\": [" + image + "]}");
    assertTrue(found.endsWith(message), found);
  }

  /** Upstream no longer checks whole numbers for a loss of precision. */
  @ParameterizedTest
  @ValueSource(strings = {"16777217", "-16777217", "123456789012345678901234567890"})
  void takesWholeNumbersThatAFloatRounds(String value) throws IOException {
    String image = scaledJson(new byte[28 * 28]).replaceFirst("0e0", value);
    ask(200, "POST", PREDICT, "{\"signature_name\": \"scaled\", \"instances\": [" + image + "]}");
  }

  @Test
  void decodesPercentEncodedNames() throws IOException {
    assertEquals(
        ask(200, "GET", "/v1/models/lenet/metadata", ""),
        ask(200, "GET", "/v1/models/le%6Eet/metadata", ""));
    String body = "{\"instances\": [%s]}".formatted(toJson(image(1)));
    ask(200, "POST", "/v1/models/%6c%65net:predict", body);
  }

  /** Upstream's {@code ProcessOptionsRequest}: no header allows anything. */
  @Test
  void answersOptionsWithoutAllowingAnything() throws IOException {
    for (String path : List.of("/v1/models/lenet:predict", "/v1/models/lenet", "/v1/other")) {
      HttpResponse answer =
          api.handle(new HttpRequest("OPTIONS", path, "", "https://example.org", new byte[0]));
      assertEquals(200, answer.status());
      assertEquals(Map.of(), answer.headers());
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      answer.body().writeTo(out);
      assertEquals(0, out.size());
      assertEquals("Origin header is missing in CORS preflight", error(400, "OPTIONS", path, ""));
    }
  }

  /** {@code FillPredictRequestFromJson} parses before it looks the signature up. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/v1/models/half:predict|''|JSON Parse error: The document is empty",
        "/v1/models/half:predict|{\"instances\": [1}|JSON Parse error: Unexpected close marker",
        "/v1/models/lenet/versions/3:predict|{\"instances\":|JSON Parse error: Unexpected end",
        "/v1/models/lenet:predict|{\"signature_name\": \"x\", \"instances\": [1}"
            + "|JSON Parse error: Unexpected close marker",
        "/v1/models/half:classify|{}|When method is classify, key 'examples' is expected",
        "/v1/models/half:regress|''|JSON Parse error: The document is empty",
      })
  void reportsABrokenBodyBeforeAnUnknownModelOrSignature(String path, String body, String message)
      throws IOException {
    String found = error(400, "POST", path, body);
    assertTrue(found.contains(message), found);
  }

  /** {@code PreProcessClassification} and {@code PreProcessRegression}. */
  @Test
  void saysThatASignatureCannotClassify() throws IOException {
    String body = "{\"examples\": [{\"x\": 1}]}";
    assertEquals("Expected one or two output Tensors, found 3", error(400, "POST", CLASSIFY, body));
    assertEquals(
        "Expected one output Tensor.", error(400, "POST", "/v1/models/lenet:regress", body));
  }

  /** As {@code base64 FILE} and Python's {@code encodebytes} write it. */
  @Test
  void takesBase64WithWhiteSpace() throws IOException {
    byte[] example = example(image(9));
    String lines = Base64.getMimeEncoder().encodeToString(example).replace("\r\n", "\\n") + "\\n";
    assertTrue(lines.contains("\\n") && lines.length() > 1000);
    String body = "{\"signature_name\": \"classify\", \"instances\": [{\"b64\": \"%s\"}]}";
    ask(200, "POST", PREDICT, body.formatted(lines));
    assertTrue(
        error(400, "POST", PREDICT, body.formatted("AA*A" + lines)).contains("base64"),
        "another alphabet");
  }

  /** Python's {@code utf-8-sig} writes the one, a C string sent with its end the other. */
  @Test
  void takesAByteOrderMarkAndANulByte() throws IOException {
    String body = "{\"instances\": [%s]}".formatted(toJson(image(1)));
    for (String each : List.of("\ufeff" + body, body + "\0", "\ufeff" + body + "\0")) {
      ask(200, "POST", PREDICT, each);
    }
    for (String each : List.of("\ufeff\ufeff" + body, body + "\0\0", body + "x")) {
      assertTrue(error(400, "POST", PREDICT, each).startsWith("JSON Parse error: "));
    }
  }

  /** RapidJSON parses what nobody reads. */
  @ParameterizedTest
  @ValueSource(
      strings = {"\"\\ud800\"", "[\"\\udc00x\"]", "1e999", "{\"y\": -1e999}", "+INF", "01"})
  void parsesMembersThatNobodyReads(String value) throws IOException {
    String rows = "\"instances\": [%s]".formatted(toJson(image(1)));
    for (String body :
        List.of("{\"x\": %s, %s}", "{\"x\": [1, %s], %s}", "{\"\\ud800\": [], \"x\": 1%.0s, %s}")) {
      String found = error(400, "POST", PREDICT, body.formatted(value, rows));
      assertTrue(found.startsWith("JSON Parse error: "), found);
    }
  }

  @Test
  void takesLongNamesAndLongNumbers() throws IOException {
    String body =
        "{\"%s\": [%s, 0.%s], \"instances\": [%s]}"
            .formatted("n".repeat(300), "1".repeat(120), "3".repeat(120), toJson(image(1)));
    ask(200, "POST", PREDICT, body);
  }

  /**
   * RapidJSON's {@code PrettyWriter} for one, protobuf's {@code MessageToJsonString} for others.
   */
  @Test
  void laysAnswersOutAsUpstreamDoes() throws IOException {
    assertEquals(
        """
        {
         "model_version_status": [
          {
           "version": "1",
           "state": "AVAILABLE",
           "status": {
            "error_code": "OK",
            "error_message": ""
           }
          }
         ]
        }
        """
            .strip(),
        text("GET", "/v1/models/lenet", "").strip());
    String metadata = text("GET", "/v1/models/lenet/metadata", "");
    assertEquals(4, metadata.split("\"defaults\": \\{\\}", -1).length - 1, metadata);
    String body = "{\"instances\": [%s]}".formatted(toJson(image(1)));
    assertTrue(
        text("POST", PREDICT, body).startsWith("{\n    \"predictions\": [{\n            \""));
    assertEquals("{\n    \"error\": \"Malformed request: GET /v1/x\"\n}", text("GET", "/v1/x", ""));
  }

  private static String text(String method, String path, String body) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    api.handle(new HttpRequest(method, path, bytes)).body().writeTo(out);
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void refusesALongerLineInTheImage() throws IOException {
    String image = toJson(new byte[28 * 28]);
    String found =
        error(
            400,
            "POST",
            PREDICT,
            "{\"instances\": [" + image.substring(0, image.length() - 2) + ",0]]]}");
    assertTrue(
        found.endsWith(
            "Encountered list at unexpected size: 29 at level: 1 expected size: 28 for input:"
                + " images"),
        found);
  }

  @Test
  void answersAsManyRowsAsItTakesAndNoMore() throws IOException {
    String row = toJson(new byte[28 * 28]);
    String rows = Collections.nCopies(1024, row).stream().collect(Collectors.joining(","));
    assertEquals(
        1024,
        ask(200, "POST", PREDICT, "{\"instances\": [" + rows + "]}").get("predictions").size());
    for (String member : List.of("instances", "inputs")) {
      assertEquals(
          "Too many instances: at most 1024 in a request. Split the request.",
          error(400, "POST", PREDICT, "{\"%s\": [%s,%s]}".formatted(member, rows, row)));
    }
  }

  @Test
  void quotesNoMoreThanAHundredCharacters() throws IOException {
    String long1 = "x".repeat(5000);
    for (Map.Entry<String, String> request :
        Map.of(
                "{\"instances\": [\"" + long1 + "\"]}",
                PREDICT,
                "[\"" + long1 + "\"]",
                PREDICT,
                "{\"signature_name\": \"" + long1 + "\"}",
                CLASSIFY,
                "{}",
                "/v1/models/" + long1 + ":predict")
            .entrySet()) {
      HttpResponse answer =
          api.handle(
              new HttpRequest(
                  "POST", request.getValue(), request.getKey().getBytes(StandardCharsets.UTF_8)));
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      answer.body().writeTo(out);
      assertTrue(out.size() < 400 && out.toString(StandardCharsets.UTF_8).contains("x".repeat(80)));
    }
  }
}
