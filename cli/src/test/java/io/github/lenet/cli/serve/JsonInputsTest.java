package io.github.lenet.cli.serve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.cli.serve.SignatureDef.TensorInfo;
import io.github.lenet.model.ModelSignature;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;

/** The rules of {@code json_tensor_test.cc} for several inputs, which no LeNet has. */
class JsonInputsTest {

  private static final TensorInfo INTS =
      new TensorInfo("i:0", DataType.DT_UINT8, Shape.of(-1, 3, 2));
  private static final TensorInfo STRINGS =
      new TensorInfo("s:0", DataType.DT_STRING, Shape.of(-1, 2));

  private static SignatureDef signature(boolean both) {
    Map<String, TensorInfo> inputs = new LinkedHashMap<>();
    inputs.put("str_tensor", STRINGS);
    if (both) {
      inputs.put("int_tensor", INTS);
    }
    return new SignatureDef("x", ModelSignature.PREDICT, inputs, Map.of());
  }

  private static JsonRequest.Inputs read(boolean both, String body) throws StatusException {
    JsonRequest json = new JsonRequest(body.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    return json.inputs(signature(both));
  }

  private static void assertStrings(JsonRequest.Inputs request, String... expected) {
    byte[][] found = (byte[][]) request.tensors().get("str_tensor").values();
    assertEquals(expected.length, found.length);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], new String(found[i], StandardCharsets.UTF_8));
    }
  }

  /** {@code MultipleNamedTensor} and {@code MultipleNamedTensorColumnarFormat}. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'instances': [{'int_tensor': [[1,2],[3,4],[5,6]], 'str_tensor': ['foo', 'bar']},"
            + "{'str_tensor': ['baz', {'b64': 'YmF0'}], 'int_tensor': [[7,8],[9,0],[1,2]]}]}",
        "{'inputs': {'int_tensor': [[[1,2],[3,4],[5,6]], [[7,8],[9,0],[1,2]]],"
            + "'str_tensor': [['foo', 'bar'], ['baz', {'b64': 'YmF0'}]]}}",
      })
  void takesSeveralInputs(String body) throws StatusException {
    JsonRequest.Inputs request = read(true, body);
    assertStrings(request, "foo", "bar", "baz", "bat");
    HeapTensor ints = request.tensors().get("int_tensor");
    assertEquals(Shape.of(2, 3, 2), ints.shape());
    assertArrayEquals(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2}, (byte[]) ints.values());
  }

  /** {@code SingleUnnamedTensorBase64Lists} and {@code SingleNamedTensorBase64}. */
  @Test
  void decodesBase64() throws StatusException {
    assertStrings(
        read(false, "{'instances': [[{'b64': 'aGVsbG8='}, {'b64': 'd29ybGQ='}]]}"),
        "hello",
        "world");
    assertStrings(
        read(false, "{'instances': [{'str_tensor': [{'b64': 'aGVsbG8='}, 'w\\u00f6']}]}"),
        "hello",
        "w\u00f6");
  }

  /** {@code MultipleNamedTensorErrors}, and Serving's words elsewhere. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "true |{'instances': [1]}|instances is a plain list, but expecting list of objects as"
            + " multiple input tensors required as per tensorinfo_map",
        "true |{'inputs': [1]}|inputs is a plain value/list, but expecting an object as multiple"
            + " input tensors required as per tensorinfo_map",
        "true |{'instances': [{'int_tensor': [[1,2],[3,4],[5,6]], 'str_tensor': ['f', 'b']}, [1]]}"
            + "|Expecting object but got list at item 1 of input list",
        "false|{'instances': [['baz', 'bar'], {'str_tensor': ['baz', 'bat']}]}"
            + "|Expecting value/list but got object at item 1 of input list",
        "true |{'instances': [{'str_tensor': ['a', 'b']}]}|keys must be equal to:"
            + " str_tensor,int_tensor",
        "true |{'inputs': {'str_tensor': [['a', 'b']]}}|Missing named input: int_tensor in"
            + " 'inputs' object.",
        "true |{'inputs': {'str_tensor': [['a', 'b']], 'int_tensor': [[[1,2],[3,4],[5,6]],"
            + "[[1,2],[3,4],[5,6]]]}}|Tensor name: int_tensor has inconsistent batch size: 2"
            + " expecting: 1",
        "true |{'instances': [{'int_tensor': [[1,2],[3],[5,6]]}]}|Encountered list at unexpected"
            + " size: 1 at level: 1 expected size: 2 for input: int_tensor",
        "true |{'instances': [{'int_tensor': [[1,2],[[3],4],[5,6]]}]}|Encountered list at"
            + " unexpected level: 2 expected < 2 for input: int_tensor",
        "true |{'instances': [{'int_tensor': [[1,2],3,[5,6]]}]}|JSON Value: 3 found at incorrect"
            + " level: 2 in the JSON DOM. Expected at level: 2 for input: int_tensor",
        "true |{'instances': [{'int_tensor': [[1,2],[3,4]]}]}|Expecting shape [3,2] but got:"
            + " [2,2] for input: int_tensor",
        "false|{'instances': [['a', {'b64': '*'}]]}|Unable to base64 decode",
        "false|{'instances': [['a', {'b64': 1}]]}|JSON Value: {'b64': 1} not formatted correctly"
            + " for base64 data",
        "false|{'instances': [['a', {'b64': 'AAAA', 'x': 1}]]}|not formatted correctly for base64"
            + " data",
        "false|{'instances': [['a', 1]]}|JSON Value: 1 Type: Number is not of expected type:"
            + " string",
      })
  void saysWhatDoesNotFit(boolean both, String body, String message) {
    StatusException e = assertThrows(StatusException.class, () -> read(both, body));
    assertEquals(StatusException.Code.INVALID_ARGUMENT, e.code());
    String found = e.getMessage().replace('"', '\'');
    assertTrue(found.contains(message), found);
  }
}
