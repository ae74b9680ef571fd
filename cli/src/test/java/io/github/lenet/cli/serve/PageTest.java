package io.github.lenet.cli.serve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.lenet.model.ImagePreprocessor;
import io.github.lenet.model.LeNetModel;
import io.github.lenet.model.Polarity;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class PageTest {

  private static final byte[] NOTHING = {};

  private static ServedModel model;
  private static Page page;

  @BeforeAll
  static void open() throws IOException {
    model =
        ServedModel.pretrained(
            "garments", Batcher.Settings.DEFAULT, new ServingMetrics("garments"));
    page = new Page(model, new TestImages(Optional.empty(), Path.of("no-such-cache")));
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static HttpResponse get(String path) {
    return page.handle(new HttpRequest("GET", path, NOTHING));
  }

  private static HttpResponse post(String path, byte[] body) {
    return page.handle(new HttpRequest("POST", path, body));
  }

  private static byte[] bytes(HttpResponse answer) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    answer.body().writeTo(out);
    return out.toByteArray();
  }

  private static String text(HttpResponse answer) throws IOException {
    return new String(bytes(answer), StandardCharsets.UTF_8);
  }

  private static JsonNode json(HttpResponse answer) throws IOException {
    assertEquals("application/json", answer.contentType());
    return new ObjectMapper().readTree(bytes(answer));
  }

  private static int[] pixels(HttpResponse answer) throws IOException {
    JsonNode json = json(answer);
    assertEquals(200, answer.status(), json.toString());
    assertEquals(28, json.path("height").asInt());
    assertEquals(28, json.path("width").asInt());
    return new ObjectMapper().convertValue(json.path("pixels"), int[].class);
  }

  static byte[] png(BufferedImage image) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }

  /** Grey noise with a border of one grey. */
  private static BufferedImage noise(int border) {
    BufferedImage image = new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY);
    Random random = new Random(1);
    for (int y = 0; y < 28; y++) {
      for (int x = 0; x < 28; x++) {
        boolean isBorder = x == 0 || y == 0 || x == 27 || y == 27;
        image.getRaster().setSample(x, y, 0, isBorder ? border : random.nextInt(256));
      }
    }
    return image;
  }

  private static int[] samples(BufferedImage image) {
    return image.getRaster().getSamples(0, 0, 28, 28, 0, (int[]) null);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/page.css", "/page.js", "/icon.svg", "/favicon.ico"})
  void givesThePageOutOfTheJar(String path) throws IOException {
    HttpResponse answer = get(path);

    assertEquals(200, answer.status());
    assertTrue(bytes(answer).length > 100);
    assertArrayEquals(
        bytes(answer), bytes(page.handle(new HttpRequest("HEAD", path, NOTHING))), "HEAD as GET");
  }

  /** Mozilla's guidelines ask for these; what is not named falls back to default-src. */
  @ParameterizedTest
  @ValueSource(strings = {"/", "/page.js", "/page/model", "/page/image", "/nothing"})
  void letsTheBrowserLoadNothingFromElsewhere(String path) {
    HttpResponse answer = get(path);

    List<String> policy =
        Arrays.asList(answer.headers().get("Content-Security-Policy").split("; "));
    assertTrue(
        policy.containsAll(
            List.of(
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self'",
                "base-uri 'none'",
                "form-action 'none'",
                "frame-ancestors 'none'")),
        policy.toString());
    assertFalse(policy.toString().contains("unsafe"), policy.toString());
    assertFalse(policy.toString().contains("http"), policy.toString());
    assertEquals("nosniff", answer.headers().get("X-Content-Type-Options"));
    assertEquals("no-referrer", answer.headers().get("Referrer-Policy"));
    assertEquals("same-origin", answer.headers().get("Cross-Origin-Opener-Policy"));
    assertEquals("no-cache", answer.headers().get("Cache-Control"));
  }

  @Test
  void holdsNothingThatThePolicyForbids() throws IOException {
    String html = text(get("/"));

    assertFalse(Pattern.compile("<style|\\sstyle=|\\son\\w+=|javascript:").matcher(html).find());
    assertFalse(Pattern.compile("<script(?![^>]*\\ssrc=\"/page\\.js\")").matcher(html).find());
    for (String path : List.of("/", "/page.css", "/page.js")) {
      assertFalse(Pattern.compile("https?://|url\\(|@import").matcher(text(get(path))).find());
    }
    // The build fills in versions elsewhere; a script's own braces must survive it.
    assertTrue(text(get("/page.js")).contains("${location.origin}"));
  }

  @Test
  void saysWhatThePageHasToKnowOfTheModel() throws IOException {
    JsonNode json = json(get("/page/model"));

    assertEquals("garments", json.path("name").asText());
    assertEquals(1, json.path("version").asInt());
    assertEquals(28, json.path("height").asInt());
    assertEquals(28, json.path("width").asInt());
    assertEquals(10, json.path("classes").size());
    assertEquals("ankle boot", json.path("classes").get(9).asText());
    // The table of the layers in LeCun et al. 1998, with the padding of the first one.
    assertEquals(
        "[{\"name\":\"conv1\",\"height\":28,\"width\":28,\"channels\":6},"
            + "{\"name\":\"pool1\",\"height\":14,\"width\":14,\"channels\":6},"
            + "{\"name\":\"conv2\",\"height\":10,\"width\":10,\"channels\":16},"
            + "{\"name\":\"pool2\",\"height\":5,\"width\":5,\"channels\":16}]",
        json.path("layers").toString());
  }

  @Test
  void saysWhichPolarityTheModelHas() throws IOException {
    assertFalse(json(get("/page/model")).path("darkOnLight").asBoolean(true));
    LeNetModel inverted =
        LeNetModel.pretrained()
            .withPreprocessor(ImagePreprocessor.DEFAULT.withPolarity(Polarity.DARK_ON_LIGHT));
    ServingMetrics metrics = new ServingMetrics("dark");
    try (ServedModel dark =
        ServedModel.of("dark", new Servable(1, inverted), Batcher.Settings.DEFAULT, metrics)) {
      Page other = new Page(dark, new TestImages(Optional.empty(), Path.of("no-such-cache")));
      HttpResponse response = other.handle(new HttpRequest("GET", "/page/model", NOTHING));
      assertTrue(json(response).path("darkOnLight").asBoolean());
    }
  }

  @Test
  void takesAnImageAsTheNetworkWouldHaveIt() throws IOException {
    BufferedImage lightOnDark = noise(0);
    BufferedImage darkOnLight = noise(255);
    int[] inverted = Arrays.stream(samples(darkOnLight)).map(grey -> 255 - grey).toArray();

    assertArrayEquals(samples(lightOnDark), pixels(post("/page/image", png(lightOnDark))));
    assertArrayEquals(inverted, pixels(post("/page/image", png(darkOnLight))));
  }

  @Test
  void takesADrawingForLightOnDarkWhateverItsBorder() throws IOException {
    BufferedImage drawing = noise(255);

    assertArrayEquals(samples(drawing), pixels(post("/page/drawing", png(drawing))));
  }

  /** The page enlarges test images by a whole factor, and gets the same pixels back. */
  @Test
  void shrinksWhatWasEnlargedToTheSamePixels() throws IOException {
    BufferedImage small = noise(0);
    BufferedImage large = new BufferedImage(280, 280, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = large.createGraphics();
    int[] samples = samples(small);
    for (int i = 0; i < samples.length; i++) {
      pen.setColor(new Color(samples[i], samples[i], samples[i]));
      pen.fillRect(i % 28 * 10, i / 28 * 10, 10, 10);
    }
    pen.dispose();

    assertArrayEquals(samples, pixels(post("/page/drawing", png(large))));
  }

  private static void refuses(byte[] body, String words) throws IOException {
    HttpResponse answer = post("/page/image", body);

    assertEquals(400, answer.status());
    String error = json(answer).path("error").asText();
    assertTrue(error.startsWith("the image: "), error);
    assertTrue(error.contains(words), error);
    assertFalse(error.contains("\n"), error);
  }

  @Test
  void refusesWhatIsNoImage() throws IOException {
    byte[] garbage = new byte[100_000];
    new Random(1).nextBytes(garbage);
    refuses(NOTHING, "empty file");
    refuses(garbage, "is no image of a known format");
    refuses("<svg xmlns='http://www.w3.org/2000/svg'/>".getBytes(StandardCharsets.UTF_8), "PNG");
    refuses("GIF89a".getBytes(StandardCharsets.UTF_8), "cannot be decoded");
  }

  @Test
  void refusesAnImageThatIsNotThereInFull() throws IOException {
    byte[] whole = png(noise(0));
    for (int length = 1; length < whole.length - 20; length += 7) { // then: check sums, "end"
      HttpResponse answer = post("/page/image", Arrays.copyOf(whole, length));
      assertEquals(400, answer.status(), "of " + length + " bytes");
    }
  }

  @Test
  void refusesAnImageThatUnfoldsToGigabytesBeforeItDoes() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeLong(0x89504e470d0a1a0aL); // PNG's signature
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    DataOutputStream fields = new DataOutputStream(header);
    fields.writeBytes("IHDR");
    fields.writeInt(60_000);
    fields.writeInt(60_000);
    fields.write(new byte[] {8, 6, 0, 0, 0}); // eight bits of red, green, blue, opacity
    CRC32 check = new CRC32();
    check.update(header.toByteArray());
    out.writeInt(header.size() - 4);
    header.writeTo(out);
    out.writeInt((int) check.getValue());

    refuses(bytes.toByteArray(), "is too large");
  }

  @Test
  void survivesCorruptImages() throws IOException {
    byte[] whole = png(noise(0));
    Random random = new Random(2);
    for (int i = 0; i < 500; i++) {
      byte[] corrupt = whole.clone();
      for (int flips = 0; flips < 5; flips++) {
        corrupt[random.nextInt(corrupt.length)] ^= (byte) (1 << random.nextInt(8));
      }
      int status = post("/page/image", corrupt).status();
      assertTrue(status == 200 || status == 400, "status " + status);
    }
  }

  @Test
  void decodesNoMoreImagesAtOnceThanItHasRoomFor() throws IOException {
    Semaphore decoders = new Semaphore(1);
    Page busy =
        new Page(
            model,
            new TestImages(Optional.empty(), Path.of("no-such-cache")),
            decoders,
            Duration.ofMillis(20));
    HttpRequest request = new HttpRequest("POST", "/page/image", png(noise(0)));

    assertEquals(200, busy.handle(request).status());
    assertEquals(400, busy.handle(new HttpRequest("POST", "/page/image", NOTHING)).status());
    decoders.acquireUninterruptibly(); // both have given theirs back
    HttpResponse refused = busy.handle(request);

    assertEquals(503, refused.status());
    assertTrue(json(refused).path("error").asText().contains("try again"));
  }

  @Test
  void saysWhichMethodsThereAre() {
    for (String method : List.of("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "post")) {
      HttpResponse answer = page.handle(new HttpRequest(method, "/page/image", NOTHING));
      assertEquals(405, answer.status(), method);
      assertEquals("POST", answer.headers().get("Allow"));
    }
    for (String path : List.of("/", "/page.js", "/page/model", "/page/example")) {
      HttpResponse answer = post(path, NOTHING);
      assertEquals(405, answer.status(), path);
      assertEquals("GET, HEAD", answer.headers().get("Allow"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "//",
        "/page",
        "/page/",
        "/page.js/",
        "/PAGE.JS",
        "/page%2ejs",
        "/./page.js",
        "/../page.js",
        "/..%2f..%2fetc%2fpasswd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/page.js%00",
        "/page.html",
        "/Page.class",
        "/versions.properties",
        "file:///etc/passwd",
        "http://127.0.0.1/page.js"
      })
  void answersNothingElse(String path) throws IOException {
    assertEquals(404, get(path).status());
    assertEquals("There is nothing here.\n", text(get(path)));
  }
}
