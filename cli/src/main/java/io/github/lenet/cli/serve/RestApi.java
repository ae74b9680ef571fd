package io.github.lenet.cli.serve;

import io.github.lenet.model.ModelSignature;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tensorflow.Signature;

/**
 * TensorFlow Serving's REST API: its paths, its JSON, its errors. Where it and this differ, this is
 * stricter: no number is cut to fit a type, no shape is left to the graph to find fault with, and a
 * name that nobody knows is an error.
 *
 * @see <a href="https://www.tensorflow.org/tfx/serving/api_rest">Serving's description</a>
 */
final class RestApi {

  private static final Logger LOG = System.getLogger(RestApi.class.getName());

  // Serving's own (http_rest_api_util.cc). It takes the letters of a path's words in either case,
  // but knows methods and "metadata" in lower case only.
  private static final String MODEL = "(?:/versions/(?<version>[0-9]+)|/labels/(?<label>[^/:]+))?";
  private static final Pattern CALL =
      Pattern.compile(
          "/v1/models/(?<name>[^/:]+)" + MODEL + ":(?<method>classify|regress|predict)",
          Pattern.CASE_INSENSITIVE);
  private static final Pattern QUESTION =
      Pattern.compile(
          "/v1/models(?:/(?<name>[^/:]+))?" + MODEL + "(?:/(?<method>metadata))?",
          Pattern.CASE_INSENSITIVE);

  private static final Set<String> METHODS = Set.of("predict", "classify", "regress");

  private final ServedModel model;
  private final ServingMetrics metrics;

  RestApi(ServedModel model, ServingMetrics metrics) {
    this.model = Objects.requireNonNull(model, "model");
    this.metrics = Objects.requireNonNull(metrics, "metrics");
  }

  /** Handles a request; errors become responses. */
  HttpResponse handle(HttpRequest request) {
    if (request.method().equals("OPTIONS")) {
      return options(request);
    }
    String path = request.path() + request.query();
    Matcher call = CALL.matcher(path);
    Matcher question = QUESTION.matcher(path);
    String method = call.matches() ? call.group("method") : "";
    boolean isCall = request.method().equals("POST") && METHODS.contains(method);
    boolean isQuestion = request.method().equals("GET") && question.matches();
    Matcher named = isCall ? call : question;
    String name = isCall || isQuestion ? decoded(named.group("name")) : "";
    long start = System.nanoTime();
    StatusException.Code status = StatusException.Code.INTERNAL;
    try {
      HttpResponse response;
      if (isCall) {
        response = call(name, version(call), method, new JsonRequest(request.body()));
      } else if (isQuestion) {
        response = question(name, version(question), question.group("method"));
      } else {
        throw StatusException.invalid(
            "Malformed request: "
                + JsonReader.quote(request.method())
                + " "
                + JsonReader.quote(path));
      }
      status = StatusException.Code.OK;
      return response;
    } catch (StatusException e) {
      status = e.code();
      return JsonResponse.error(e);
    } catch (RuntimeException e) {
      return internalError(e);
    } finally {
      metrics.countRequest(name, status);
      if (isCall && status == StatusException.Code.OK) {
        metrics.countLatency(method, System.nanoTime() - start);
      }
    }
  }

  /** Answers browsers that ask for leave, as TensorFlow Serving does: no header gives any. */
  private static HttpResponse options(HttpRequest request) {
    return request.origin().matches("https?://.*")
        ? HttpResponse.of(200, HttpResponse.JSON, new byte[0])
        : JsonResponse.error(StatusException.invalid("Origin header is missing in CORS preflight"));
  }

  /** A name without percent-encoding; as it is if that is not valid, or if there is none. */
  private static String decoded(String name) {
    if (name == null || name.indexOf('%') < 0) {
      return name == null ? "" : name;
    }
    try {
      return URLDecoder.decode(name.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return name;
    }
  }

  private static HttpResponse internalError(RuntimeException e) {
    LOG.log(Level.ERROR, "a request could not be answered", e);
    return JsonResponse.error(new StatusException(StatusException.Code.INTERNAL, "internal error"));
  }

  private HttpResponse question(String name, OptionalLong version, String method)
      throws StatusException {
    if (name.isEmpty()) {
      throw StatusException.invalid("Missing model name in request.");
    }
    if ("metadata".equals(method)) {
      try (ServedModel.Version lease = lease(name, version)) {
        return JsonResponse.metadata(model.name(), lease.servable());
      }
    }
    List<ServedModel.VersionStatus> versions =
        model.statuses().stream()
            .filter(each -> name.equals(model.name()))
            .filter(each -> version.isEmpty() || each.version() == version.getAsLong())
            .toList();
    if (versions.isEmpty()) {
      throw notFound(
          version.isPresent()
              ? "Could not find version %d of model %s"
                  .formatted(version.getAsLong(), JsonReader.quote(name))
              : "Could not find any versions of model " + JsonReader.quote(name));
    }
    return JsonResponse.status(versions);
  }

  private HttpResponse call(String name, OptionalLong version, String method, JsonRequest json)
      throws StatusException {
    return switch (method) {
      case "predict" -> predict(name, version, json);
      case "classify" -> classify(name, version, json);
      default -> regress(name, version, json);
    };
  }

  private HttpResponse predict(String name, OptionalLong version, JsonRequest json)
      throws StatusException {
    try (ServedModel.Version lease = lease(name, version, json)) {
      String key = signatureKey(json);
      Optional<SignatureDef> signature = lease.servable().signature(key);
      if (signature.isEmpty()) {
        throw StatusException.invalid(
            "Serving signature name: \"%s\" not found in signature def"
                .formatted(JsonReader.quote(key)));
      }
      JsonRequest.Inputs inputs = json.inputs(signature.get());
      Map<String, HeapTensor> outputs = run("Predict", lease, key, inputs.tensors());
      return inputs.byRows() ? JsonResponse.predictions(outputs) : JsonResponse.outputs(outputs);
    }
  }

  private HttpResponse classify(String name, OptionalLong version, JsonRequest json)
      throws StatusException {
    HeapTensor examples = json.examples("classify");
    try (ServedModel.Version lease = lease(name, version)) {
      SignatureDef signature = signature(lease, json);
      int outputs = signature.outputs().size();
      if (outputs != 1 && outputs != 2) {
        throw StatusException.invalid("Expected one or two output Tensors, found " + outputs);
      }
      if (!signature.methodName().equals(ModelSignature.CLASSIFY)) {
        throw StatusException.invalid("No classification inputs found in SignatureDef");
      }
      Map<String, HeapTensor> results =
          run("Classify", lease, signature.key(), Map.of("inputs", examples));
      return JsonResponse.results(results.get("classes"), results.get("scores"));
    }
  }

  /** No signature of a LeNet has one output, as a regression has. */
  private HttpResponse regress(String name, OptionalLong version, JsonRequest json)
      throws StatusException {
    json.examples("regress");
    try (ServedModel.Version lease = lease(name, version)) {
      signature(lease, json);
      throw StatusException.invalid("Expected one output Tensor.");
    }
  }

  private Map<String, HeapTensor> run(
      String api, ServedModel.Version lease, String key, Map<String, HeapTensor> inputs)
      throws StatusException {
    long start = System.nanoTime();
    Map<String, HeapTensor> outputs = lease.predict(key, inputs);
    metrics.countRuntime(api, System.nanoTime() - start);
    return outputs;
  }

  private static SignatureDef signature(ServedModel.Version lease, JsonRequest json)
      throws StatusException {
    String key = signatureKey(json);
    return lease
        .servable()
        .signature(key)
        .orElseThrow(
            () ->
                StatusException.invalid(
                    "No signature was found with the name: " + JsonReader.quote(key)));
  }

  private static String signatureKey(JsonRequest json) {
    return json.signatureName().isEmpty() ? Signature.DEFAULT_KEY : json.signatureName();
  }

  /** A body that is not JSON is reported before a model that is not there. */
  private ServedModel.Version lease(String name, OptionalLong version, JsonRequest json)
      throws StatusException {
    try {
      return lease(name, version);
    } catch (StatusException e) {
      json.check();
      throw e;
    }
  }

  private ServedModel.Version lease(String name, OptionalLong version) throws StatusException {
    return (name.equals(model.name())
            ? model.lease(version)
            : Optional.<ServedModel.Version>empty())
        .orElseThrow(
            () ->
                notFound(
                    "Servable not found for request: "
                        + (version.isPresent()
                            ? "Specific(%s, %d)"
                                .formatted(JsonReader.quote(name), version.getAsLong())
                            : "Latest(%s)".formatted(JsonReader.quote(name)))));
  }

  /** Which version a path names, if any; there are no labels. */
  private static OptionalLong version(Matcher path) throws StatusException {
    String label = path.group("label");
    if (label != null) {
      throw StatusException.invalid(
          "Unrecognized servable version label: " + JsonReader.quote(label));
    }
    String version = path.group("version");
    if (version == null) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(version));
    } catch (NumberFormatException e) {
      throw StatusException.invalid(
          "Failed to convert version: " + JsonReader.quote(version) + " to numeric.");
    }
  }

  private static StatusException notFound(String message) {
    return new StatusException(StatusException.Code.NOT_FOUND, message);
  }
}
