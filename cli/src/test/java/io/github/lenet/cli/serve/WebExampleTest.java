package io.github.lenet.cli.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.lenet.cli.DrawnPhotos;
import io.github.lenet.model.ImageFiles;
import io.github.lenet.model.ImagePreprocessor;
import io.github.lenet.model.LeNetClassifier;
import io.github.lenet.model.LeNetModel;
import io.github.lenet.model.Polarity;
import io.github.lenet.model.Prediction;
import io.github.lenet.training.onnx.OnnxExport;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The page docs/examples/web in a browser, with ONNX Runtime Web from {@code -Dlenet.test.ort=DIR}.
 */
@Tag("browser")
@Timeout(120)
final class WebExampleTest {

  private static final Path PAGE = Path.of("../docs/examples/web");
  private static final Path TROUSERS =
      Path.of("../docs/examples/embedding/src/main/resources/example/trousers.png");
  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "js", "text/javascript",
          "mjs", "text/javascript",
          "wasm", "application/wasm",
          "onnx", "application/octet-stream");

  private static HttpServer server;
  private static Browser browser;

  @TempDir static Path directory;

  @BeforeAll
  static void start() throws IOException {
    String runtime = System.getProperty("lenet.test.ort", "");
    assumeFalse(runtime.isBlank(), "-Dlenet.test.ort=DIR names no ONNX Runtime Web");
    List<Path> folders = List.of(PAGE, Path.of(runtime), directory);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> serve(exchange, folders));
    server.start();
    browser = new Browser();
  }

  @AfterAll
  static void stop() {
    if (browser != null) {
      browser.close();
    }
    if (server != null) {
      server.stop(0);
    }
  }

  private static void serve(HttpExchange exchange, List<Path> folders) throws IOException {
    try (exchange) {
      String name = exchange.getRequestURI().getPath().substring(1);
      Optional<Path> file =
          folders.stream()
              .map(folder -> folder.resolve(name.isEmpty() ? "index.html" : name))
              .filter(Files::isRegularFile)
              .findFirst();
      if (file.isEmpty()) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      String path = file.get().toString();
      exchange
          .getResponseHeaders()
          .set("Content-Type", TYPES.get(path.substring(path.lastIndexOf('.') + 1)));
      exchange.sendResponseHeaders(200, Files.size(file.get()));
      Files.copy(file.get(), exchange.getResponseBody());
    }
  }

  private static void open(LeNetModel model) throws IOException {
    OnnxExport.write(model, directory.resolve("lenet.onnx"));
    browser.open("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    browser.await("the model", () -> browser.text("#message").equals("Choose an image."));
  }

  /** Compares the input of the network and its outputs. */
  private static void assertSameAsInJava(LeNetModel model, Path file, int difference)
      throws IOException {
    browser.find("#file").sendKeys(file.toRealPath().toString());
    String name = file.getFileName().toString();
    browser.await("a prediction", () -> browser.text("#message").equals(name));

    byte[] expected = model.preprocess(ImageFiles.read(file));
    List<?> shown =
        (List<?>)
            browser.run(
                """
                const seen = document.getElementById('seen');
                const data = seen.getContext('2d').getImageData(0, 0, seen.width, seen.height).data;
                return Array.from(data).filter((_, i) => i % 4 === 0);
                """);
    assertEquals(expected.length, shown.size());
    for (int i = 0; i < expected.length; i++) {
      assertEquals(
          Byte.toUnsignedInt(expected[i]),
          ((Number) shown.get(i)).intValue(),
          difference,
          name + ", pixel " + i);
    }
    try (LeNetClassifier classifier = model.classifier()) {
      List<String> names =
          classifier.predict(expected, 3).stream().map(Prediction::className).toList();
      List<String> lines =
          browser.findAll("#classes li").stream().map(item -> item.getText()).toList();
      assertEquals(
          names, lines.stream().map(line -> line.substring(0, line.lastIndexOf(' '))).toList());
    }
    assertEquals(
        List.of(),
        browser.console().stream()
            .filter(line -> !line.contains("willReadFrequently")) // which only this test does
            .toList());
    assertTrue(
        browser.requests().stream()
            .allMatch(url -> url.matches("(http://127\\.0\\.0\\.1:|blob:|data:).*")));
  }

  /** A dark jumper on a light background, wider than high. */
  private static BufferedImage jumper(int type, Color background) {
    BufferedImage image = new BufferedImage(331, 250, type);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(background);
    graphics.fillRect(0, 0, 331, 250);
    graphics.setColor(new Color(30, 60, 120));
    graphics.fillRect(110, 30, 110, 200);
    graphics.fillRect(60, 40, 40, 170);
    graphics.fillRect(230, 40, 40, 170);
    graphics.setColor(new Color(200, 40, 90));
    graphics.fillRect(110, 90, 110, 20);
    graphics.dispose();
    return image;
  }

  private static Path write(BufferedImage image, String name) throws IOException {
    Path file = directory.resolve(name);
    assertTrue(ImageIO.write(image, name.substring(name.length() - 3), file.toFile()));
    return file;
  }

  @Test
  void predictsAsInJava() throws IOException {
    LeNetModel model = LeNetModel.pretrained();
    open(model);
    assertSameAsInJava(model, TROUSERS, 1);
    assertTrue(browser.find("#classes li").getText().startsWith("trouser 0.99"));
    assertSameAsInJava(
        model, write(jumper(BufferedImage.TYPE_INT_RGB, Color.WHITE), "jumper.jpg"), 2);
    assertSameAsInJava(
        model,
        write(jumper(BufferedImage.TYPE_INT_ARGB, new Color(0, 0, 0, 0)), "transparent.png"),
        1);
  }

  @Test
  void invertsTheImageForAModelOfDarkOnLight() throws IOException {
    ImagePreprocessor inverting = ImagePreprocessor.DEFAULT.withPolarity(Polarity.DARK_ON_LIGHT);
    LeNetModel model = LeNetModel.pretrained().withPreprocessor(inverting);
    open(model);
    assertSameAsInJava(model, TROUSERS, 1);
  }

  @Test
  void preparesImagesAsTheModelSays() throws IOException {
    BufferedImage image = new BufferedImage(900, 700, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(new Color(140, 140, 140));
    graphics.fillRect(0, 0, 900, 700);
    graphics.drawImage(jumper(BufferedImage.TYPE_INT_ARGB, new Color(0, 0, 0, 0)), 500, 80, null);
    graphics.dispose();
    Path ground = write(image, "ground.png");
    Path cutOut = write(jumper(BufferedImage.TYPE_INT_ARGB, new Color(0, 0, 0, 0)), "cut-out.png");
    LeNetModel model = LeNetModel.pretrained();
    for (ImagePreprocessor preprocessor :
        List.of(
            ImagePreprocessor.DEFAULT.withCrop(true),
            ImagePreprocessor.DEFAULT.withContrast(true),
            ImagePreprocessor.DEFAULT.withCrop(true).withContrast(true),
            ImagePreprocessor.DEFAULT.withInputPolarity(Polarity.LIGHT_ON_DARK),
            ImagePreprocessor.DEFAULT.withInputPolarity(Polarity.DARK_ON_LIGHT).withCrop(true))) {
      open(model.withPreprocessor(preprocessor));
      assertSameAsInJava(model.withPreprocessor(preprocessor), ground, 1);
      assertSameAsInJava(model.withPreprocessor(preprocessor), cutOut, 1);
    }
  }

  /** Browsers decode JPEG a little otherwise. */
  @Test
  void predictsPhotosAsInJava() throws IOException {
    Path run = DrawnPhotos.run(60);
    LeNetModel model = LeNetModel.load(run);
    open(model);
    for (String name : DrawnPhotos.CLASSES) {
      for (int i : new int[] {3, 4, 5, 6}) { // with other orientations each
        assertSameAsInJava(
            model, run.resolveSibling("photos").resolve(name).resolve("img_" + i + ".jpg"), 25);
      }
    }
  }

  @Test
  void saysWhatIsWrong() throws IOException {
    open(LeNetModel.pretrained());
    Path text = Files.writeString(directory.resolve("notes.png"), "no image");
    browser.find("#file").sendKeys(text.toString());
    browser.await("a message", () -> browser.text("#message").contains("could not be decoded"));
  }
}
