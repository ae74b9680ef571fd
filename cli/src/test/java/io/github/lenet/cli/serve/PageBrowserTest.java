package io.github.lenet.cli.serve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.lenet.cli.SampleRun;
import io.github.lenet.model.ImageFiles;
import io.github.lenet.model.ImagePreprocessor;
import io.github.lenet.model.LeNetClassifier;
import io.github.lenet.model.LeNetModel;
import io.github.lenet.model.Polarity;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** The page in a browser, with the server behind it. */
@Tag("browser")
@Timeout(120)
final class PageBrowserTest {

  /** What the server's refusals leave in a browser's console. */
  private static final Pattern REFUSED = Pattern.compile("status of (4\\d\\d|503)|ERR_CONNECTION");

  private static LeNetClassifier classifier;
  private static ModelServer server;
  private static Browser browser;

  @TempDir private Path directory;
  private boolean refusalsAreExpected;

  @BeforeAll
  static void start() throws IOException {
    classifier = LeNetClassifier.pretrained();
    server = serve(Optional.empty(), 0);
    browser = new Browser();
  }

  @AfterAll
  static void stop() {
    if (browser != null) {
      browser.close();
    }
    server.close();
    classifier.close();
  }

  private static ModelServer serve(Optional<Path> model, int port) throws IOException {
    ModelServer.Settings settings =
        new ModelServer.Settings(
            model,
            "lenet",
            "127.0.0.1",
            port,
            ModelServer.Settings.BATCH_WINDOW,
            ModelServer.Settings.MAX_BATCH_SIZE,
            Optional.empty(),
            Optional.empty());
    return new ModelServer(settings, event -> {});
  }

  @BeforeEach
  void open() {
    open(server.url());
  }

  private static void open(String url) {
    browser.resize(1280, 900, false);
    browser.open(url);
    browser.await("a first test image", () -> browser.text("#truth").contains("labelled"));
    idle();
  }

  @AfterEach
  void nothingElseHappened() throws IOException {
    List<String> faults =
        browser.console().stream()
            .filter(line -> !refusalsAreExpected || !REFUSED.matcher(line).find())
            .toList();
    assertEquals(List.of(), faults, "in the console");
    List<String> elsewhere =
        browser.requests().stream()
            .filter(Predicate.not(url -> url.startsWith("http://127.0.0.1:")))
            .filter(url -> !url.startsWith("blob:http://127.0.0.1:") && !url.startsWith("data:"))
            .toList();
    assertEquals(List.of(), elsewhere, "requests to others");
  }

  private static void idle() {
    browser.await(
        "an answer", () -> "false".equals(browser.find("#main").getDomAttribute("aria-busy")));
  }

  private static void clear() {
    browser.find("#clear").click();
    idle();
    assertEquals("…", browser.text("#curl"));
  }

  /** The pixels that the page says it has asked about. */
  private static byte[] pixels() throws IOException {
    Matcher body = Pattern.compile("'(\\{.*\\})'", Pattern.DOTALL).matcher(browser.text("#curl"));
    assertTrue(body.find(), browser.text("#curl"));
    JsonNode rows = new ObjectMapper().readTree(body.group(1)).path("instances").path(0);
    byte[] pixels = new byte[28 * 28];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) rows.path(i / 28).path(i % 28).intValue();
    }
    return pixels;
  }

  private static double percent(String text) {
    return Double.parseDouble(text.replaceAll("[^0-9.]", ""));
  }

  /** The answer is the network's, all of it, about the pixels that are shown. */
  private static void assertAnswersTo(byte[] pixels) throws IOException {
    assertArrayEquals(pixels, pixels());
    float[] expected = classifier.probabilities(List.of(pixels))[0];
    List<WebElement> rows = browser.findAll("#bars li");
    assertEquals(10, rows.size());
    int best = 0;
    for (int i = 0; i < 10; i++) {
      String[] words = rows.get(i).getText().split("\n");
      assertEquals(classifier.model().classNames().get(i), words[0]);
      // One digit, rounded; what is near 0 or 100 % is said to be less or more than that.
      assertEquals(100 * expected[i], percent(words[1]), 0.101, words[0]);
      best = expected[i] > expected[best] ? i : best;
    }
    assertTrue(browser.text("#best").startsWith(classifier.model().classNames().get(best)));
    assertEquals(
        classifier.model().classNames().get(best), browser.find("#bars li.best .name").getText());
    assertArrayEquals(pixels, shown("#seen"));
  }

  /** The red of a canvas's pixels; the page shows greys. */
  private static byte[] shown(String selector) {
    List<?> red =
        (List<?>)
            browser.run(
                "const c = document.querySelector(arguments[0]);"
                    + "return [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"
                    + ".filter((_, i) => i % 4 === 0)",
                selector);
    byte[] bytes = new byte[red.size()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = ((Number) red.get(i)).byteValue();
    }
    return bytes;
  }

  private static int lit(byte[] pixels) {
    int lit = 0;
    for (byte pixel : pixels) {
      lit += Byte.toUnsignedInt(pixel) > 127 ? 1 : 0;
    }
    return lit;
  }

  /** A dark bag on white paper, 90 x 60, as a JPEG would be too large for a line of script. */
  private static byte[] bag() throws IOException {
    BufferedImage image = new BufferedImage(90, 60, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = image.createGraphics();
    pen.setColor(Color.WHITE);
    pen.fillRect(0, 0, 90, 60);
    pen.setColor(new Color(120, 40, 40));
    pen.fillRect(15, 25, 60, 30);
    pen.drawOval(30, 5, 30, 40);
    pen.dispose();
    return PageTest.png(image);
  }

  private static byte[] converted(byte[] file) throws IOException {
    return ImagePreprocessor.DEFAULT.convert(
        ImageFiles.read(new ByteArrayInputStream(file), "test"), 28, 28);
  }

  /** Lets the browser think that the user has dropped or pasted a file. */
  private static void give(String event, String name, byte[] file) {
    browser.run(
        """
        const [event, name, base64] = arguments;
        const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
        const data = new DataTransfer();
        data.items.add(new File([bytes], name));
        document.body.dispatchEvent(event === 'paste'
          ? new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true})
          : new DragEvent(event, {dataTransfer: data, bubbles: true, cancelable: true}));
        """,
        event,
        name,
        Base64.getEncoder().encodeToString(file));
  }

  private static void drawStroke() {
    browser
        .actions()
        .moveToElement(browser.find("#drawing"), -100, -100)
        .clickAndHold()
        .moveByOffset(200, 0)
        .moveByOffset(-100, 200)
        .release()
        .perform();
    idle();
  }

  @Test
  void beginsWithATestImageAndItsTrueClass() throws IOException {
    String caption = browser.text("#caption");
    String label = caption.substring(caption.lastIndexOf(": ") + 2);

    assertTrue(classifier.model().classNames().contains(label), caption);
    assertTrue(browser.text("#truth").endsWith("it is labelled " + label + "."));
    assertEquals(
        browser.text("#best").startsWith(label), browser.text("#truth").startsWith("Right"));
    assertAnswersTo(pixels());
    String before = browser.text("#curl");
    browser.find("#example").click();
    browser.await("another test image", () -> !browser.text("#curl").equals(before));
    idle();
    assertAnswersTo(pixels());
  }

  @Test
  void answersWhileTheMouseDraws() throws IOException {
    clear();
    browser
        .actions()
        .moveToElement(browser.find("#drawing"), -100, -100)
        .clickAndHold()
        .moveByOffset(200, 0)
        .perform();
    idle();
    byte[] horizontal = pixels();
    assertAnswersTo(horizontal);
    browser.actions().moveByOffset(0, 200).release().perform();
    idle();
    byte[] corner = pixels();
    assertAnswersTo(corner);

    // 200 of 432 CSS pixels are 13 of 28, and the brush is 3 wide, round at its ends.
    assertEquals(13 * 3 + 7, lit(horizontal), 12);
    assertTrue(lit(corner) > lit(horizontal) + 25, lit(corner) + " after " + lit(horizontal));
    browser.actions().moveToElement(browser.find("#drawing")).moveByOffset(50, 50).perform();
    idle();
    assertArrayEquals(corner, pixels(), "the mouse is up");
  }

  @Test
  void erasesUndoesAndClears() throws IOException {
    clear();
    drawStroke();
    byte[] drawn = pixels();
    browser.find("#eraser").click();
    assertEquals("true", browser.find("#eraser").getDomAttribute("aria-pressed"));
    drawStroke();
    assertEquals(0, lit(pixels()), "erased along the same way");
    browser.find("#undo").click();
    idle();
    assertArrayEquals(drawn, pixels());
    browser.find("#undo").click();
    idle();
    assertEquals("…", browser.text("#curl"), "nothing was drawn then");
    assertTrue(browser.find("#invitation").isDisplayed());
  }

  @Test
  void drawsOnOverATestImage() throws IOException {
    byte[] example = pixels();
    drawStroke();

    byte[] both = pixels();
    assertAnswersTo(both);
    assertFalse(Arrays.equals(example, both));
    assertTrue(lit(both) >= lit(example));
    assertTrue(browser.text("#caption").endsWith(", drawn over"));
    assertEquals("", browser.text("#truth"), "the label may be wrong now");
  }

  @Test
  void opensAFile() throws IOException {
    // The example of docs/embedding.md, whose documentation says what it shows.
    Path file =
        Path.of("../docs/examples/embedding/src/main/resources/example/trousers.png")
            .toAbsolutePath()
            .normalize();
    browser.find("#file").sendKeys(file.toString());
    idle();

    assertAnswersTo(converted(Files.readAllBytes(file)));
    assertTrue(browser.text("#best").startsWith("trouser"));
    assertEquals("trousers.png", browser.text("#caption"));
    assertTrue(browser.find("#original").isDisplayed());
    drawStroke();
    assertFalse(browser.find("#original").isDisplayed());
    assertTrue(lit(pixels()) > lit(converted(Files.readAllBytes(file))), "drawn over");
  }

  @ParameterizedTest
  @ValueSource(strings = {"drop", "paste"})
  void takesWhatIsDroppedOrPasted(String event) throws IOException {
    if (event.equals("drop")) {
      give("dragenter", "bag.png", bag());
      assertTrue(browser.find("#drop").isDisplayed());
    }
    give(event, "bag.png", bag());
    idle();

    assertFalse(browser.find("#drop").isDisplayed());
    assertAnswersTo(converted(bag()));
    assertEquals("bag.png", browser.text("#caption"));
  }

  @Test
  void saysInWordsWhatIsWrongWithAFile() throws IOException {
    refusalsAreExpected = true;
    give("drop", "notes.txt", "no image at all".getBytes());
    idle();

    assertTrue(browser.find("#problem").isDisplayed());
    assertTrue(
        browser.text("#problem").startsWith("The image: is no image of a known format"),
        browser.text("#problem"));
    assertEquals("", browser.text("#best"), "no answer to something else");
    give("drop", "bag.png", bag());
    idle();
    assertFalse(browser.find("#problem").isDisplayed());
  }

  @Test
  void doesNotEvenSendAFileThatIsTooLarge() throws IOException {
    browser.requests();
    browser.run(
        """
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(16 * 1024 * 1024 + 1)], 'huge.png'));
        document.body.dispatchEvent(new DragEvent('drop', {dataTransfer: data, bubbles: true}));
        """);
    idle();

    assertEquals(
        "Huge.png: is too large: expected at most 16 MiB. Make it smaller.",
        browser.text("#problem"));
    assertFalse(browser.requests().stream().anyMatch(url -> url.endsWith("/page/image")));
  }

  @Test
  void canBeUsedWithKeysAlone() throws IOException {
    browser.actions().sendKeys(Keys.TAB).perform();
    assertEquals("drawing", browser.focused().getDomAttribute("id"), "the first thing to reach");
    assertTrue(browser.find("#cursor").isDisplayed());
    browser.actions().sendKeys(Keys.DELETE).perform();
    idle();
    assertEquals("…", browser.text("#curl"));
    browser
        .actions()
        .sendKeys(Keys.SPACE, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
        .sendKeys(Keys.ARROW_DOWN, Keys.SPACE, Keys.ARROW_LEFT, Keys.ARROW_LEFT)
        .perform();
    idle();
    byte[] drawn = pixels();
    assertAnswersTo(drawn);
    // From the middle of pixel 14 to that of pixel 17, with a brush of 3.
    assertEquals(255, Byte.toUnsignedInt(drawn[14 * 28 + 14]));
    assertEquals(255, Byte.toUnsignedInt(drawn[14 * 28 + 17]));
    assertEquals(0, drawn[14 * 28 + 11]);
    assertEquals(0, drawn[14 * 28 + 20]);
    browser.actions().keyDown(Keys.CONTROL).sendKeys("z").keyUp(Keys.CONTROL).perform();
    idle();
    assertEquals("…", browser.text("#curl"));

    for (int i = 0; i < 20 && !"example".equals(browser.focused().getDomAttribute("id")); i++) {
      browser.actions().sendKeys(Keys.TAB).perform();
    }
    browser.actions().sendKeys(Keys.ENTER).perform();
    browser.await("a test image", () -> browser.text("#truth").contains("labelled"));
  }

  @Test
  void showsWhatEachLayerSees() throws IOException {
    assertEquals(6, browser.findAll("[data-layer=conv1] canvas").size());
    assertEquals(6, browser.findAll("[data-layer=pool1] canvas").size());
    assertEquals(16, browser.findAll("[data-layer=conv2] canvas").size());
    assertEquals(16, browser.findAll("[data-layer=pool2] canvas").size());
    assertTrue(browser.text("[data-layer=conv2] figcaption").contains("16 channels of 10 × 10"));

    // The network pools by the mean of 2 x 2, which two scales leave linear.
    byte[] conv = shown("[data-layer=conv1] canvas:nth-child(4)");
    byte[] pool = shown("[data-layer=pool1] canvas:nth-child(4)");
    assertEquals(28 * 28, conv.length);
    assertEquals(14 * 14, pool.length);
    double[] means = new double[pool.length];
    double[] pooled = new double[pool.length];
    for (int i = 0; i < pool.length; i++) {
      int corner = i / 14 * 56 + i % 14 * 2;
      for (int at : new int[] {corner, corner + 1, corner + 28, corner + 29}) {
        means[i] += Byte.toUnsignedInt(conv[at]) / 4.0;
      }
      pooled[i] = Byte.toUnsignedInt(pool[i]);
    }
    assertTrue(correlation(means, pooled) > 0.999, "correlation " + correlation(means, pooled));
  }

  private static double correlation(double[] a, double[] b) {
    double meanA = Arrays.stream(a).average().orElseThrow();
    double meanB = Arrays.stream(b).average().orElseThrow();
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += (a[i] - meanA) * (b[i] - meanB);
      aa += (a[i] - meanA) * (a[i] - meanA);
      bb += (b[i] - meanB) * (b[i] - meanB);
    }
    return ab / Math.sqrt(aa * bb);
  }

  @ParameterizedTest
  @ValueSource(ints = {320, 360, 390, 768, 1280, 1920})
  void fitsTheScreen(int width) {
    browser.resize(width, 844, width < 768);

    long overflow =
        (Long)
            browser.run("const e = document.documentElement; return e.scrollWidth - e.clientWidth");
    assertEquals(0, overflow);
    assertEquals(
        List.of(),
        browser.run(
            """
            return [...document.querySelectorAll('main *:not(option)')]
              .filter((e) => e.getBoundingClientRect().right > innerWidth + 0.5)
              .map((e) => e.outerHTML.slice(0, 80))
            """),
        "beyond the right edge");
  }

  @Test
  void namesEverythingThatCanBeOperated() {
    List<WebElement> controls = browser.findAll("button, input, canvas[tabindex], pre[tabindex]");
    assertTrue(controls.size() >= 9, controls.toString());
    for (WebElement control : controls) {
      if (control.isDisplayed()) {
        assertNotEquals("", control.getAccessibleName(), control.toString());
      }
    }
    browser.await("words for a screen reader", () -> browser.text("#said").contains("%"));
  }

  @Test
  void saysThatTheServerIsGoneAndGoesOnWhenItIsBack() throws IOException {
    refusalsAreExpected = true;
    ModelServer first = serve(Optional.empty(), 0);
    int port = URI.create(first.url()).getPort();
    try {
      open(first.url());
    } finally {
      first.close();
    }
    drawStroke();
    assertTrue(
        browser.text("#problem").startsWith("The server cannot be reached."),
        browser.text("#problem"));
    ModelServer second = serve(Optional.empty(), port);
    try {
      browser.await("the server's return", () -> !browser.find("#problem").isDisplayed());
      idle();
      assertAnswersTo(pixels());
    } finally {
      browser.open("about:blank"); // or its connections would be waited for
      second.close();
    }
  }

  /** The canvas is light on dark; what the model gets is not. */
  @Test
  void invertsImagesForAModelOfDarkOnLight() throws IOException {
    Path inverted = directory.resolve("inverted");
    LeNetModel.pretrained()
        .withPreprocessor(ImagePreprocessor.DEFAULT.withPolarity(Polarity.DARK_ON_LIGHT))
        .save(inverted);
    ModelServer dark = serve(Optional.of(inverted), 0);
    try {
      open(dark.url());
      byte[] pixels = pixels();
      assertEquals(255, Byte.toUnsignedInt(pixels[0]), "the background");
      assertAnswersTo(pixels);
    } finally {
      browser.open("about:blank");
      dark.close();
    }
  }

  @Test
  void noticesANewVersion() throws IOException {
    refusalsAreExpected = true;
    SampleRun.publish(1, directory);
    ModelServer versions = serve(Optional.of(directory), 0);
    try {
      open(versions.url());
      assertEquals("lenet, version 1", browser.text("#model"));
      byte[] pixels = pixels();
      Path second = SampleRun.publish(2, directory);
      browser.await("version 2", () -> browser.text("#model").equals("lenet, version 2"));
      idle();
      assertArrayEquals(pixels, pixels());
      try (LeNetClassifier next = LeNetClassifier.load(second)) {
        float[] expected = next.probabilities(List.of(pixels))[0];
        List<WebElement> rows = browser.findAll("#bars li .probability");
        for (int i = 0; i < 10; i++) {
          assertEquals(100 * expected[i], percent(rows.get(i).getText()), 0.101);
        }
      }
    } finally {
      browser.open("about:blank");
      versions.close();
    }
  }
}
