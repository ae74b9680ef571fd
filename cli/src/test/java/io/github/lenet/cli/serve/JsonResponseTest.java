package io.github.lenet.cli.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;

/** The forms are those of {@code json_tensor_test.cc}. */
class JsonResponseTest {

  private static final JsonMapper JSON = new JsonMapper();

  private static HeapTensor strings(Shape shape, String... values) {
    byte[][] bytes = new byte[values.length][];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = values[i].getBytes(StandardCharsets.UTF_8);
    }
    return new HeapTensor(DataType.DT_STRING, shape, bytes);
  }

  private static HeapTensor floats(Shape shape, float... values) {
    return new HeapTensor(DataType.DT_FLOAT, shape, values);
  }

  private static String text(HttpResponse answer) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    answer.body().writeTo(out);
    return out.toString(StandardCharsets.UTF_8);
  }

  private static void assertJson(String expected, HttpResponse answer) throws IOException {
    assertEquals(JSON.readTree(expected), JSON.readTree(text(answer)));
  }

  /** {@code FromJsonSingleTensor}. */
  @Test
  void leavesOutTheNameOfASingleOutput() throws IOException, StatusException {
    long[] values = {1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2};
    Map<String, HeapTensor> outputs =
        Map.of("int_tensor", new HeapTensor(DataType.DT_INT64, Shape.of(2, 3, 2), values));
    String lists = "[[[1, 2], [3, 4], [5, 6]], [[7, 8], [9, 0], [1, 2]]]";
    assertJson("{\"predictions\": " + lists + "}", JsonResponse.predictions(outputs));
    assertJson("{\"outputs\": " + lists + "}", JsonResponse.outputs(outputs));
  }

  /** {@code FromJsonMultipleNamedTensors}. */
  @Test
  void namesSeveralOutputsAndWritesBytesInBase64() throws IOException, StatusException {
    Map<String, HeapTensor> outputs = new LinkedHashMap<>();
    outputs.put("scalar_tensor", floats(Shape.of(2), 8, 9));
    outputs.put("str_tensor", strings(Shape.of(2, 2), "foo", "bar", "baz", "bat"));
    outputs.put("str_tensor_bytes", strings(Shape.of(2, 2), "hello", "world", "tf", "serving"));
    assertJson(
        """
        {"predictions": [
          {"scalar_tensor": 8.0, "str_tensor": ["foo", "bar"],
           "str_tensor_bytes": [{"b64": "aGVsbG8="}, {"b64": "d29ybGQ="}]},
          {"scalar_tensor": 9.0, "str_tensor": ["baz", "bat"],
           "str_tensor_bytes": [{"b64": "dGY="}, {"b64": "c2VydmluZw=="}]}]}
        """,
        JsonResponse.predictions(outputs));
    assertJson(
        """
        {"outputs": {
          "scalar_tensor": [8.0, 9.0], "str_tensor": [["foo", "bar"], ["baz", "bat"]],
          "str_tensor_bytes": [[{"b64": "aGVsbG8="}, {"b64": "d29ybGQ="}],
                               [{"b64": "dGY="}, {"b64": "c2VydmluZw=="}]]}}
        """,
        JsonResponse.outputs(outputs));
  }

  /** {@code JsonFromClassificationResult}. */
  @Test
  void writesClassesBesideTheirScores() throws IOException, StatusException {
    assertJson(
        """
        {"results": [[["car", 0.2], ["bike", 0.7], ["bus", 0.1]],
                     [["car", 0.7], ["bike", 0.1], ["bus", 0.2]]]}
        """,
        JsonResponse.results(
            strings(Shape.of(2, 3), "car", "bike", "bus", "car", "bike", "bus"),
            floats(Shape.of(2, 3), 0.2f, 0.7f, 0.1f, 0.7f, 0.1f, 0.2f)));
  }

  /** A point or an exponent says that it is a float; the decimals are as few as read back. */
  @Test
  void writesTheShortestDecimals() throws IOException, StatusException {
    assertEquals(
        """
        {
            "predictions": [0.0, 1.0, 0.5, 0.2, 1.4E-45, 3.4028235E38, 1.0E10, -0.1, 2.882326E17]
        }""",
        text(
            JsonResponse.predictions(
                Map.of(
                    "x",
                    floats(
                        Shape.of(9),
                        0,
                        1,
                        0.5f,
                        0.2f,
                        Float.MIN_VALUE,
                        Float.MAX_VALUE,
                        1e10f,
                        -0.1f,
                        2.882326E17f)))));
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void refusesToAnswerWhatIsNotFinite(float value) {
    StatusException e =
        assertThrows(
            StatusException.class,
            () -> JsonResponse.outputs(Map.of("x", floats(Shape.of(2), 1, value))));
    assertEquals(StatusException.Code.INTERNAL, e.code());
  }

  /** {@code GetModelStatus} of a version that could not be loaded. */
  @Test
  void writesTheErrorOfAVersion() throws IOException {
    assertJson(
        """
        {"model_version_status": [{"version": "7", "state": "END", "status":
          {"error_code": "UNKNOWN", "error_message": "saved_model.pb: is truncated"}}]}
        """,
        JsonResponse.status(
            List.of(
                new ServedModel.VersionStatus(
                    7, ServedModel.State.END, "saved_model.pb: is truncated"))));
  }

  /** {@code StatusError}. */
  @Test
  void writesErrors() throws IOException, StatusException {
    HttpResponse answer = JsonResponse.error(StatusException.invalid("Bad key: \"key\" \ud800"));
    assertEquals(400, answer.status());
    assertEquals("{\n    \"error\": \"Bad key: \\\"key\\\" ?\"\n}", text(answer));
  }
}
