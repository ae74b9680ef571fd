package io.github.lenet.cli.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.Feature;

/** The requests and messages of {@code json_tensor_test.cc}. */
class JsonExamplesTest {

  private static byte[][] read(String body) throws StatusException {
    JsonRequest json = new JsonRequest(body.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    return (byte[][]) json.examples("classify").values();
  }

  private static Map<String, Feature> features(byte[] example)
      throws InvalidProtocolBufferException {
    return Example.parseFrom(example).getFeatures().getFeatureMap();
  }

  /** {@code RequestWithContextAndSignature}, without what is not finite. */
  @Test
  void makesExamples() throws StatusException, InvalidProtocolBufferException {
    byte[][] rows =
        read(
            """
            {'signature_name': 'custom_signture',
             'context': {'query': 'pizza', 'location': ['sfo']},
             'examples': [
               {'names': ['foo', 'bar'], 'ratings': [8.0, 9.0], 'age': 20},
               {'names': ['baz', {'b64': 'aGVsbG8='}], 'ratings': 6.0,
                'intboolmix': [1, true, false], 'query': 'own', 'none': []}]}
            """);
    assertEquals(2, rows.length);
    Map<String, Feature> first = features(rows[0]);
    assertEquals(5, first.size());
    assertEquals("pizza", first.get("query").getBytesList().getValue(0).toStringUtf8());
    assertEquals("sfo", first.get("location").getBytesList().getValue(0).toStringUtf8());
    assertEquals("bar", first.get("names").getBytesList().getValue(1).toStringUtf8());
    assertEquals(List.of(8f, 9f), first.get("ratings").getFloatList().getValueList());
    assertEquals(List.of(20L), first.get("age").getInt64List().getValueList());
    Map<String, Feature> second = features(rows[1]);
    assertEquals("hello", second.get("names").getBytesList().getValue(1).toStringUtf8());
    assertEquals(List.of(1L, 1L, 0L), second.get("intboolmix").getInt64List().getValueList());
    assertEquals("own", second.get("query").getBytesList().getValue(0).toStringUtf8());
    assertEquals(Feature.KindCase.KIND_NOT_SET, second.get("none").getKindCase());
  }

  /** {@code JsonErrors}, and what is stricter here. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'signature_name': ['hello'], 'examples': [{}]}|'signature_name' key must be a string",
        "{'context': [{'names': ['foo', 'bar']}]}|Example must be JSON object but got JSON Array",
        "{'context': {}}|When method is classify, key 'examples' is expected and was not found",
        "{'examples': {'names': ['foo', 'bar']}}|Expecting 'examples' value to be an list/array",
        "{'examples': []}|'examples' value is an empty array",
        "{'examples': [[{'names': ['foo', 'bar']}]]}|Example must be JSON object",
        "{'examples': [{'names': [10, null]}]}"
            + "|Feature: names has element with unexpected JSON type: Null",
        "{'examples': [{'names': [10, 10.0]}]}"
            + "|Unexpected element type in feature: names expecting type: int64_t",
        "{'examples': [{'names': [10.0, 10]}]}|feature: names expecting type: float",
        "{'examples': [{'names': ['a', 10]}]}|feature: names expecting type: bytes",
        "{'examples': [{'names': [10, {'test': 10}]}]}"
            + "|Feature: names has element with unexpected JSON type: Object",
        "{'examples': [{'names': [[10], 20]}]}"
            + "|Feature: names has element with unexpected JSON type: Array",
        "{'examples': [{'names': [20, 18446744073709551603]}]}"
            + "|Feature: names has uint64_t element. Only int64_t is supported.",
        "{'examples': [{'names': 1.7976931348623157e308}]}|loss of precision",
        "{'examples': [{'names': NaN}]}|Type: Number is not a finite number",
        "{'examples': [{'names': 1, 'names': 2}]}|Duplicate key: names",
      })
  void saysWhatIsWrong(String body, String message) {
    StatusException e = assertThrows(StatusException.class, () -> read(body));
    assertEquals(StatusException.Code.INVALID_ARGUMENT, e.code());
    String found = e.getMessage().replace('"', '\'');
    assertTrue(found.contains(message), found);
  }
}
