package io.github.lenet.cli.serve;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.lenet.model.ImageFiles;
import io.github.lenet.model.ImageFormatException;
import io.github.lenet.model.ImagePreprocessor;
import io.github.lenet.model.Layer;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.LeNetModel;
import io.github.lenet.model.Polarity;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
  private static final String IMAGE = "/page/image";
  private static final String DRAWING = "/page/drawing";

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

    static Example of(TestImages.Example found, LeNetConfig shown) {
      return new Example(
          found.dataset(),
          found.index(),
          found.label(),
          shown.imageHeight(),
          shown.imageWidth(),
          unsigned(found.pixels()));
    }
  }

  /** An image, row by row, 0 to 255. */
  record Pixels(int height, int width, int[] pixels) {}

  /** Handles a request; 404 for an unknown path. */
  HttpResponse handle(HttpRequest request) {
    String path = request.path();
    boolean takesImage = path.equals(IMAGE) || path.equals(DRAWING);
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
    LeNetModel current;
    long version;
    try (ServedModel.Version lease = model.lease(OptionalLong.empty()).orElse(null)) {
      if (lease == null) {
        return problem(503, "no version of the model is served at the moment");
      }
      current = lease.servable().model();
      version = lease.servable().version();
    }
    return switch (path) {
      case MODEL -> json(200, describe(current, version));
      case EXAMPLE -> example(current);
      default -> decode(request.body(), current, path.equals(DRAWING));
    };
  }

  private Model describe(LeNetModel current, long version) {
    LeNetConfig config = current.architecture();
    return new Model(
        model.name(),
        version,
        config.imageHeight(),
        config.imageWidth(),
        current.preprocessor().polarity() == Polarity.DARK_ON_LIGHT,
        current.classNames(),
        config.layers().stream()
            .filter(layer -> layer.kind() != Layer.Kind.DENSE)
            .map(layer -> new Maps(layer.name(), side(layer, 0), side(layer, 1), side(layer, 2)))
            .toList());
  }

  private static long side(Layer layer, int axis) {
    return layer.outputShape().get(axis);
  }

  private HttpResponse example(LeNetModel current) {
    LeNetConfig shown = current.architecture();
    return testImages
        .random(current.classNames(), shown.imageHeight(), shown.imageWidth())
        .map(found -> json(200, Example.of(found, shown)))
        .orElseGet(() -> problem(404, "there are no test images of the model's classes here"));
  }

  /**
   * Converts an image to light on dark, which the page shows, also for a model of dark on light.
   */
  private HttpResponse decode(byte[] body, LeNetModel current, boolean isDrawing) {
    int height = current.architecture().imageHeight();
    int width = current.architecture().imageWidth();
    ImagePreprocessor shown = current.preprocessor().withPolarity(Polarity.LIGHT_ON_DARK);
    ImagePreprocessor converter =
        isDrawing ? shown.withInputPolarity(Polarity.LIGHT_ON_DARK) : shown;
    try {
      if (!decoders.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        return problem(503, "other images are being decoded: try again");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return problem(503, "the server is stopping");
    }
    try {
      BufferedImage image = ImageFiles.read(new ByteArrayInputStream(body), "the image");
      byte[] pixels = converter.convert(image, height, width);
      return json(200, new Pixels(height, width, unsigned(pixels)));
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
