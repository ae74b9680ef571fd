package io.github.lenet.cli.serve;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.lenet.model.ImageFiles;
import io.github.lenet.model.ImageFormatException;
import io.github.lenet.model.ImagePreprocessor;
import io.github.lenet.model.Layer;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.Polarity;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The page to try the model. Predictions are not its business: its script asks {@link RestApi} for
 * them, as any client does. What the script gets here is what that one has not:
 *
 * <table>
 *   <caption>Addresses</caption>
 *   <tr><td>{@code GET /}, {@code /page.css}, {@code /page.js}, {@code /icon.svg}</td><td>the page,
 *       out of the jar</td></tr>
 *   <tr><td>{@code GET /page/model}</td><td>{@link Model}</td></tr>
 *   <tr><td>{@code GET /page/example}</td><td>{@link Example}, any one; 404 if there is
 *       none</td></tr>
 *   <tr><td>{@code POST /page/image}</td><td>the bytes of an image: {@link Pixels}, light on
 *       dark</td></tr>
 *   <tr><td>{@code POST /page/drawing}</td><td>the same of an image that is known to be light on
 *       dark</td></tr>
 * </table>
 *
 * <p>Paths are compared as they were sent, and name nothing but these.
 */
final class Page {

  /** The browser is to load nothing from elsewhere, and nobody else is to frame the page. */
  private static final Map<String, String> HEADERS =
      Map.of(
          "Content-Security-Policy",
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:;"
              + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
          "Referrer-Policy",
          "no-referrer",
          "X-Content-Type-Options",
          "nosniff",
          "Cross-Origin-Opener-Policy",
          "same-origin",
          "Cross-Origin-Resource-Policy",
          "same-origin",
          "Cache-Control",
          "no-cache");

  private static final Map<String, HttpResponse> FILES =
      Map.of(
          "/", file("page.html", "text/html; charset=utf-8"),
          "/page.css", file("page.css", "text/css; charset=utf-8"),
          "/page.js", file("page.js", "text/javascript; charset=utf-8"),
          "/icon.svg", file("icon.svg", "image/svg+xml"),
          "/favicon.ico", file("icon.svg", "image/svg+xml"));

  private static final String MODEL = "/page/model";
  private static final String EXAMPLE = "/page/example";
  private static final Map<String, Polarity> IMAGES =
      Map.of("/page/image", Polarity.AUTO, "/page/drawing", Polarity.LIGHT_ON_DARK);

  /** An image of {@link ImageFiles#MAX_PIXELS} takes some hundred MB while it is decoded. */
  private static final int MAX_DECODED_AT_ONCE = 2;

  private static final JsonMapper JSON = new JsonMapper();

  private final ServedModel model;
  private final TestImages testImages;
  private final Semaphore decoders;
  private final Duration patience;

  /**
   * Makes the page.
   *
   * @param model that it shows; stays the caller's
   * @param testImages that it has to offer
   */
  Page(ServedModel model, TestImages testImages) {
    this(model, testImages, new Semaphore(MAX_DECODED_AT_ONCE, true), Duration.ofSeconds(5));
  }

  /**
   * As the other.
   *
   * @param decoders one permit for each image that may be decoded at the same time
   * @param patience how long an image waits for one
   */
  Page(ServedModel model, TestImages testImages, Semaphore decoders, Duration patience) {
    this.model = model;
    this.testImages = testImages;
    this.decoders = decoders;
    this.patience = patience;
  }

  /** What the page has to know of the model; its own pixels are all light on dark. */
  record Model(
      String name,
      long version,
      int height,
      int width,
      boolean darkOnLight,
      List<String> classes,
      List<Maps> layers) {}

  /** What comes out of a layer: as many maps as there are channels. */
  record Maps(String name, long height, long width, long channels) {}

  /** A test image, row by row, 0 to 255. */
  record Example(String dataset, int index, String label, int height, int width, int[] pixels) {

    static Example of(TestImages.Example found, Model shown) {
      return new Example(
          found.dataset(),
          found.index(),
          found.label(),
          shown.height(),
          shown.width(),
          unsigned(found.pixels()));
    }
  }

  /** An image, row by row, 0 to 255. */
  record Pixels(int height, int width, int[] pixels) {}

  /** Handles a request; 404 for an unknown path. */
  HttpResponse handle(HttpRequest request) {
    String path = request.path();
    boolean takesImage = IMAGES.containsKey(path);
    if (!takesImage && !FILES.containsKey(path) && !path.equals(MODEL) && !path.equals(EXAMPLE)) {
      return response(404, "text/plain; charset=utf-8", bytes("There is nothing here.\n"));
    }
    List<String> allowed = takesImage ? List.of("POST") : List.of("GET", "HEAD");
    if (!allowed.contains(request.method())) {
      return notAllowed(String.join(", ", allowed));
    }
    if (FILES.containsKey(path)) {
      return FILES.get(path);
    }
    Optional<Model> current = describe();
    if (current.isEmpty()) {
      return problem(503, "no version of the model is served at the moment");
    }
    return switch (path) {
      case MODEL -> json(200, current.get());
      case EXAMPLE -> example(current.get());
      default -> decode(request.body(), IMAGES.get(path), current.get());
    };
  }

  private Optional<Model> describe() {
    try (ServedModel.Version lease = model.lease(OptionalLong.empty()).orElse(null)) {
      return Optional.ofNullable(lease).map(ServedModel.Version::servable).map(this::describe);
    }
  }

  private Model describe(Servable servable) {
    LeNetConfig config = servable.model().architecture();
    return new Model(
        model.name(),
        servable.version(),
        config.imageHeight(),
        config.imageWidth(),
        servable.model().polarity() == Polarity.DARK_ON_LIGHT,
        servable.model().classNames(),
        config.layers().stream()
            .filter(layer -> layer.kind() != Layer.Kind.DENSE)
            .map(layer -> new Maps(layer.name(), side(layer, 0), side(layer, 1), side(layer, 2)))
            .toList());
  }

  private static long side(Layer layer, int axis) {
    return layer.outputShape().get(axis);
  }

  private HttpResponse example(Model shown) {
    return testImages
        .random(shown.classes(), shown.height(), shown.width())
        .map(found -> json(200, Example.of(found, shown)))
        .orElseGet(() -> problem(404, "there are no test images of the model's classes here"));
  }

  private HttpResponse decode(byte[] body, Polarity polarity, Model shown) {
    ImagePreprocessor converter = new ImagePreprocessor(shown.height(), shown.width(), polarity);
    try {
      if (!decoders.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        return problem(503, "other images are being decoded: try again");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return problem(503, "the server is stopping");
    }
    try {
      byte[] pixels =
          converter.convert(ImageFiles.read(new ByteArrayInputStream(body), "the image"));
      return json(200, new Pixels(converter.height(), converter.width(), unsigned(pixels)));
    } catch (ImageFormatException e) {
      return problem(400, e.getMessage());
    } catch (IOException e) {
      throw new IllegalStateException("bytes in memory can always be read", e);
    } catch (OutOfMemoryError e) { // one array that did not fit; all else goes on
      return problem(413, "the image: needs more memory than the server has. Make it smaller.");
    } finally {
      decoders.release();
    }
  }

  private static int[] unsigned(byte[] pixels) {
    int[] values = new int[pixels.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = Byte.toUnsignedInt(pixels[i]);
    }
    return values;
  }

  private static HttpResponse json(int status, Object value) {
    try {
      return response(status, HttpResponse.JSON, JSON.writeValueAsBytes(value));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("records can always be written", e);
    }
  }

  private static HttpResponse problem(int status, String message) {
    return json(status, Map.of("error", message));
  }

  private static HttpResponse notAllowed(String allowed) {
    HttpResponse response = problem(405, "expected " + allowed);
    Map<String, String> headers = new LinkedHashMap<>(response.headers());
    headers.put("Allow", allowed);
    return new HttpResponse(response.status(), response.contentType(), headers, response.body());
  }

  private static HttpResponse file(String name, String contentType) {
    try (InputStream resource = Page.class.getResourceAsStream(name)) {
      return response(200, contentType, resource.readAllBytes());
    } catch (IOException e) {
      throw new IllegalStateException(name + ": cannot be read from the jar", e);
    }
  }

  private static HttpResponse response(int status, String contentType, byte[] body) {
    return new HttpResponse(status, contentType, HEADERS, out -> out.write(body));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
