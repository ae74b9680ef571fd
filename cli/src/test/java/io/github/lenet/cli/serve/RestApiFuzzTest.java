package io.github.lenet.cli.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.lenet.model.Activation;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.LeNetModel;
import io.github.lenet.model.Pooling;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any request gets an answer for as many images as Jackson's tree finds in it, or one that says
 * what is wrong with it: never an internal error.
 */
final class RestApiFuzzTest {

  private static final JsonMapper STRICT =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
  private static final JsonMapper LENIENT =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();
  private static final int PIXELS = 4;

  private static final RestApi API = api();

  /** For images of 2 × 2 pixels, so that bodies are short. */
  private static RestApi api() {
    LeNetConfig config =
        LeNetConfig.builder()
            .imageSize(2, 2)
            .kernelSize(1)
            .channels(1)
            .pooling(Pooling.MAX)
            .denseUnits()
            .activation(Activation.RELU)
            .classes(2)
            .build();
    ServingMetrics metrics = new ServingMetrics("m");
    LeNetModel model =
        LeNetModel.of(
            config,
            List.of("a", "b"),
            Map.of(
                "conv1/kernel",
                new float[] {1},
                "conv1/bias",
                new float[1],
                "logits/kernel",
                new float[] {1, 2},
                "logits/bias",
                new float[2]));
    return new RestApi(
        ServedModel.of("m", new Servable(1, model), Batcher.Settings.DEFAULT, metrics), metrics);
  }

  static Stream<byte[]> seeds() {
    String predict = "POST /v1/models/m:predict\n";
    String classify = "POST /v1/models/m/versions/1:classify\n";
    return Stream.of(
            predict + "{\"instances\": [[[0, 1], [254, 255]]]}",
            predict
                + "{\"instances\": [{\"images\": [[0, 1], [2, 3]]}, {\"images\": [[4, 5], [6, 7]]}]}",
            predict + "{\"inputs\": [[[0, 1], [2, 3]]], \"signature_name\": \"serving_default\"}",
            predict
                + "{\"inputs\": {\"images\": [[[0, 1], [2, 3]]]}, \"signature_name\": \"layers\"}",
            predict
                + "{\"signature_name\": \"scaled\", \"instances\": [[[[0.5], [1e-3]], [[0], [NaN]]]]}",
            predict + "{\"signature_name\": \"classify\", \"inputs\": [{\"b64\": \"AAAA\"}]}",
            classify
                + "{\"signature_name\": \"classify\", \"context\": {}, \"examples\": [{\"image\": [1, 2, 3, 4]}]}",
            "POST /v1/models/m:regress\n{\"examples\": [{\"image\": {\"b64\": \"AA==\"}}]}",
            "GET /v1/models/m\n",
            "GET /v1/models/m/versions/1/metadata\n",
            "GET /v1/models/other/labels/stable\n")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * @param bytes method, a space, path, a line's end, body
   */
  @MethodSource("seeds")
  @Timeout(10)
  @DictionaryEntries({
    "\"instances\"",
    "\"inputs\"",
    "\"signature_name\"",
    "\"images\"",
    "\"serving_default\"",
    "\"scaled\"",
    "\"layers\"",
    "\"classify\"",
    "\"examples\"",
    "\"context\"",
    "\"image\"",
    "\"b64\"",
    "[[[1,2],[3,4]]]",
    "[[1,2],[3,4]]",
    "/versions/",
    "/metadata",
    ":classify",
    ":predict",
    "\\ud800",
    "1e400",
    "Infinity"
  })
  @FuzzTest
  void anyRequestIsAnsweredForEachImageOrRefused(byte[] bytes) throws IOException {
    int end = 0;
    while (end < bytes.length && bytes[end] != '\n') {
      end++;
    }
    String line = new String(bytes, 0, end, StandardCharsets.ISO_8859_1);
    String[] words = line.split(" ", 2);
    String path = words.length < 2 ? "" : words[1];
    byte[] body = Arrays.copyOfRange(bytes, Math.min(end + 1, bytes.length), bytes.length);

    HttpResponse answer = API.handle(new HttpRequest(words[0], path, body));
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    answer.body().writeTo(sent);
    JsonNode json = STRICT.readTree(sent.toByteArray());

    if (answer.status() != 200) {
      assertTrue(answer.status() >= 400 && answer.status() < 500, line + ": " + json);
      assertTrue(json.path("error").isTextual() && json.size() == 1, json.toString());
    } else if (words[0].equals("POST")) {
      assertAnswersEachImage(LENIENT.readTree(body), json);
    }
  }

  private static void assertAnswersEachImage(JsonNode asked, JsonNode answered) {
    JsonNode instances = asked.path("instances");
    JsonNode inputs = asked.path("inputs");
    int rows;
    int numbers;
    if (asked.has("examples") && answered.has("results")) {
      rows = asked.get("examples").size();
      numbers = PIXELS * rows; // which the graph has found; base64 does not show them
      assertEquals(rows, answered.get("results").size());
    } else if (asked.has("instances")) {
      rows = instances.size();
      numbers = numbers(instances);
      assertEquals(rows, answered.path("predictions").size());
    } else {
      JsonNode images = inputs.isObject() ? inputs.elements().next() : inputs;
      rows = images.size();
      numbers = numbers(images);
      for (JsonNode output : answered.path("outputs")) {
        assertEquals(rows, output.size());
      }
    }
    assertTrue(rows > 0, asked.toString());
    if (!asked.path("signature_name").asText().equals("classify")) {
      assertEquals(PIXELS * rows, numbers, asked.toString());
    }
  }

  private static int numbers(JsonNode node) {
    int count = node.isNumber() ? 1 : 0;
    for (JsonNode child : node) {
      count += numbers(child);
    }
    return count;
  }
}
