package io.github.lenet.cli.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bodies that nobody means well with: each gets its 4xx, and soon. */
class RestApiHostileTest {

  private static final JsonMapper JSON = new JsonMapper();

  /** A request is answered in its thread, whose time other processes do not lengthen. */
  private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();

  private static final int LARGEST = 16 << 20; // what HTTP lets through

  private static ServedModel model;
  private static RestApi api;

  @BeforeAll
  static void load() throws IOException {
    ServingMetrics metrics = new ServingMetrics("lenet");
    model = ServedModel.pretrained("lenet", Batcher.Settings.DEFAULT, metrics);
    api = new RestApi(model, metrics);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static int ask(String method, byte[] body) throws IOException {
    HttpResponse answer = api.handle(new HttpRequest("POST", "/v1/models/lenet:" + method, body));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    answer.body().writeTo(out);
    JSON.readTree(out.toByteArray());
    return answer.status();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String filled(String begin, String part) {
    return begin + part.repeat((LARGEST - begin.length()) / part.length());
  }

  static List<String> hugeBodies() {
    return List.of(
        filled("", "["),
        filled("{\"instances\":", "["),
        filled("{\"instances\":", "[["),
        filled("{\"x\":", "{\"x\":"),
        filled("{\"instances\":[", "0,"),
        filled("{\"instances\":[[", "0,"),
        filled("{\"instances\":[[[", "0,"),
        filled("{\"instances\":[", "{},"),
        filled("{\"inputs\":[", "[],"),
        filled("{\"signature_name\":\"classify\",\"instances\":[", "\"\","),
        filled("{\"signature_name\":\"classify\",\"examples\":[", "{},"),
        filled("{\"signature_name\":\"classify\",\"examples\":[{\"image\":[", "1,"),
        filled("{\"instances\":[[[", "9"),
        filled("{\"instances\":[[[0.", "9"),
        filled("{\"instances\":[[[1e", "9"),
        filled("{\"", "a"),
        filled("{\"a\":\"", "a"),
        filled("{\"signature_name\":\"", "a"),
        filled("{\"instances\":[\"", "\\u0041"),
        filled("", " "),
        filled("{\"instances\":[[[0", "\n"));
  }

  @ParameterizedTest
  @MethodSource("hugeBodies")
  void refusesHugeBodiesSoon(String body) throws IOException {
    byte[] bytes = bytes(body);
    long start = CPU.getCurrentThreadCpuTime();
    assertEquals(400, ask("predict", bytes));
    assertEquals(400, ask("classify", bytes));
    double seconds = (CPU.getCurrentThreadCpuTime() - start) / 1e9;
    assertTrue(seconds < 2, seconds + " s");
  }

  @Test
  void refusesAMillionNames() throws IOException {
    StringBuilder names = new StringBuilder("{\"instances\":[[[0]]],\"x\":{");
    for (int i = 0; i < 1_000_000; i++) {
      names.append('"').append(i).append("\":0,");
    }
    assertEquals(400, ask("predict", bytes(names + "\"a\":0}}")));
    String features = names.substring(names.indexOf("\"0\""));
    assertEquals(
        400,
        ask(
            "classify",
            bytes("{\"signature_name\":\"classify\",\"examples\":[{" + features + "\"a\":0}]}")));
  }

  @Test
  void refusesWhatIsNotUtf8() throws IOException {
    byte[] valid = bytes("{\"a\":\"??????\",\"instances\":[[[0]]]}");
    for (int[] sequence :
        new int[][] {
          {0xff}, {0xc0, 0x80}, {0xed, 0xa0, 0x80}, {0xf4, 0x90, 0x80, 0x80}, {0xe2, 0x82}, {0x80}
        }) {
      byte[] body = valid.clone();
      for (int i = 0; i < sequence.length; i++) {
        body[6 + i] = (byte) sequence[i];
      }
      HttpResponse answer = api.handle(new HttpRequest("POST", "/v1/models/lenet:predict", body));
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      answer.body().writeTo(out);
      assertEquals(
          "JSON Parse error: Invalid encoding in string. at offset: 6",
          JSON.readTree(out.toByteArray()).get("error").textValue());
    }
  }

  @Test
  void refusesHalfACharacter() throws IOException {
    for (String body :
        List.of(
            "{\"signature_name\":\"classify\",\"instances\":[\"\\ud800\"]}",
            "{\"signature_name\":\"\\ud800\",\"instances\":[1]}",
            "{\"instances\":[{\"\\udc00\":1}]}",
            "{\"instances\":[\"\\ud800\"]}")) {
      assertEquals(400, ask("predict", bytes(body)));
    }
  }

  @Test
  void answersWhateverBecomesOfARequest() throws IOException {
    String image = RestApiTest.toJson(RestApiTest.image(1));
    String pixels = "[" + image.replaceAll("[\\[\\]]", "") + "]";
    List<byte[]> valid =
        List.of(
            bytes("{\"instances\": [" + image + "]}"),
            bytes("{\"inputs\": {\"images\": [" + image + "]}}"),
            bytes("{\"signature_name\": \"layers\", \"instances\": [{\"images\": " + image + "}]}"),
            bytes(
                "{\"signature_name\": \"classify\", \"context\": {\"a\": [1.5, true]},"
                    + " \"examples\": [{\"image\": "
                    + pixels
                    + ", \"b\": {\"b64\": \"AAAA\"}}]}"));
    byte[] spice = bytes("{}[]\",:\\0-.eE+_b64NaN null\u00e9");
    Random random = new Random(42);
    long slowest = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] body = mutated(valid.get(i % valid.size()), spice, random);
      long start = CPU.getCurrentThreadCpuTime();
      int status = ask(i % 4 == 3 ? "classify" : "predict", body);
      long nanos = CPU.getCurrentThreadCpuTime() - start;
      assertTrue(
          status == 200 || status == 400,
          () -> status + " for " + new String(body, StandardCharsets.UTF_8));
      if (i > 2000) {
        slowest = Math.max(slowest, nanos);
      }
    }
    assertTrue(slowest < 100_000_000, slowest + " ns");
  }

  private static byte[] mutated(byte[] valid, byte[] spice, Random random) {
    byte[] body = valid.clone();
    // Half of the changes where the names are.
    int reach = random.nextBoolean() ? Math.min(80, body.length) : body.length;
    for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
      int at = random.nextInt(Math.min(reach, body.length));
      switch (random.nextInt(5)) {
        case 0 -> body[at] = (byte) random.nextInt(256);
        case 1 -> body[at] = spice[random.nextInt(spice.length)];
        case 2 -> body = Arrays.copyOf(body, Math.max(1, at));
        case 3 -> { // cut something out
          int end = Math.min(body.length, at + 1 + random.nextInt(20));
          System.arraycopy(body, end, body, at, body.length - end);
          body = Arrays.copyOf(body, Math.max(1, body.length - (end - at)));
        }
        default -> { // something twice
          int end = Math.min(body.length, at + 1 + random.nextInt(200));
          byte[] longer = Arrays.copyOf(body, body.length + end - at);
          System.arraycopy(body, at, longer, end, body.length - at);
          body = longer;
        }
      }
    }
    return body;
  }
}
