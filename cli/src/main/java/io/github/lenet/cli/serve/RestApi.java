package io.github.lenet.cli.serve;

import io.github.lenet.cli.serve.ServingMetrics.Api;
import io.github.lenet.model.ModelSignature;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
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

  private final ServedModel model;
  private final ServingMetrics metrics;

  RestApi(ServedModel model, ServingMetrics metrics) {
    this.model = Objects.requireNonNull(model, "model");
    this.metrics = Objects.requireNonNull(metrics, "metrics");
  }

  /** Handles a request; errors become responses. */
  HttpResponse handle(HttpRequest request) {
    try {
      Matcher call = CALL.matcher(request.path());
      if (request.method().equals("POST") && call.matches()) {
        switch (call.group("method")) {
          case "predict":
            return counted(Api.PREDICT, () -> predict(call, request.body()));
          case "classify":
            return counted(Api.CLASSIFY, () -> classify(call, request.body()));
          case "regress":
            return regress(call, request.body());
          default: // in capitals
        }
      }
      Matcher question = QUESTION.matcher(request.path());
      if (request.method().equals("GET") && question.matches()) {
        return question(question);
      }
      throw StatusException.invalid(
          "Malformed request: "
              + JsonRequest.quote(request.method())
              + " "
              + JsonRequest.quote(request.path()));
    } catch (StatusException e) {
      return JsonResponse.error(e);
    } catch (RuntimeException e) {
      return internalError(e);
    }
  }

  private interface Call {
    HttpResponse response() throws StatusException;
  }

  private HttpResponse counted(Api api, Call call) {
    long start = System.nanoTime();
    StatusException.Code status = StatusException.Code.INTERNAL;
    try {
      HttpResponse response = call.response();
      status = StatusException.Code.OK;
      return response;
    } catch (StatusException e) {
      status = e.code();
      return JsonResponse.error(e);
    } finally {
      metrics.countRequest(api, status, System.nanoTime() - start);
    }
  }

  private static HttpResponse internalError(RuntimeException e) {
    LOG.log(Level.ERROR, "a request could not be answered", e);
    return JsonResponse.error(new StatusException(StatusException.Code.INTERNAL, "internal error"));
  }

  private HttpResponse question(Matcher path) throws StatusException {
    String name = path.group("name");
    if (name == null) {
      throw StatusException.invalid("Missing model name in request.");
    }
    if ("metadata".equals(path.group("method"))) {
      try (ServedModel.Lease lease = lease(path)) {
        return JsonResponse.metadata(model.name(), lease.servable());
      }
    }
    OptionalLong version = version(path);
    if (!name.equals(model.name())) {
      throw notFound(
          version.isPresent()
              ? "Could not find version %d of model %s"
                  .formatted(version.getAsLong(), JsonRequest.quote(name))
              : "Could not find any versions of model " + JsonRequest.quote(name));
    }
    List<ServedModel.VersionStatus> versions =
        model.statuses().stream()
            .filter(each -> version.isEmpty() || each.version() == version.getAsLong())
            .toList();
    if (versions.isEmpty()) {
      throw notFound("Could not find version %d of model %s".formatted(version.getAsLong(), name));
    }
    return JsonResponse.status(versions);
  }

  private HttpResponse predict(Matcher path, byte[] body) throws StatusException {
    try (ServedModel.Lease lease = lease(path)) {
      JsonRequest json = new JsonRequest(body);
      String key = signatureKey(json);
      SignatureDef signature =
          lease
              .servable()
              .signature(key)
              .orElseThrow(
                  () ->
                      StatusException.invalid(
                          "Serving signature name: \"%s\" not found in signature def"
                              .formatted(JsonRequest.quote(key))));
      PredictRequest request = new PredictRequest(json, signature);
      Map<String, HeapTensor> outputs = lease.predict(key, request.inputs());
      return request.byRows() ? JsonResponse.predictions(outputs) : JsonResponse.outputs(outputs);
    }
  }

  private HttpResponse classify(Matcher path, byte[] body) throws StatusException {
    try (ServedModel.Lease lease = lease(path)) {
      JsonRequest json = new JsonRequest(body);
      SignatureDef signature = signature(lease, json, "classification", ModelSignature.CLASSIFY);
      ClassifyRequest request = new ClassifyRequest(json);
      Map<String, HeapTensor> outputs =
          lease.predict(signature.key(), Map.of("inputs", request.serialized()));
      return JsonResponse.results(outputs.get("classes"), outputs.get("scores"));
    }
  }

  /** No signature of a LeNet is for this; Serving's words say so. */
  private HttpResponse regress(Matcher path, byte[] body) throws StatusException {
    try (ServedModel.Lease lease = lease(path)) {
      signature(lease, new JsonRequest(body), "regression", "tensorflow/serving/regress");
      throw new IllegalStateException("a LeNet classifies");
    }
  }

  private static SignatureDef signature(
      ServedModel.Lease lease, JsonRequest json, String purpose, String methodName)
      throws StatusException {
    String key = signatureKey(json);
    SignatureDef signature =
        lease
            .servable()
            .signature(key)
            .orElseThrow(
                () ->
                    StatusException.invalid(
                        "No signature was found with the name: " + JsonRequest.quote(key)));
    if (!signature.methodName().equals(methodName)) {
      throw StatusException.invalid(
          "Expected %s signature method_name to be %s. Was: %s"
              .formatted(purpose, methodName, signature.methodName()));
    }
    return signature;
  }

  private static String signatureKey(JsonRequest json) {
    return json.signatureName().isEmpty() ? Signature.DEFAULT_KEY : json.signatureName();
  }

  private ServedModel.Lease lease(Matcher path) throws StatusException {
    String name = path.group("name");
    OptionalLong version = version(path);
    return (name.equals(model.name()) ? model.lease(version) : Optional.<ServedModel.Lease>empty())
        .orElseThrow(
            () ->
                notFound(
                    "Servable not found for request: "
                        + (version.isPresent()
                            ? "Specific(%s, %d)"
                                .formatted(JsonRequest.quote(name), version.getAsLong())
                            : "Latest(%s)".formatted(JsonRequest.quote(name)))));
  }

  /** Which version a path names, if any; there are no labels. */
  private static OptionalLong version(Matcher path) throws StatusException {
    String label = path.group("label");
    if (label != null) {
      throw StatusException.invalid(
          "Unrecognized servable version label: " + JsonRequest.quote(label));
    }
    String version = path.group("version");
    if (version == null) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(version));
    } catch (NumberFormatException e) {
      throw StatusException.invalid(
          "Failed to convert version: " + JsonRequest.quote(version) + " to numeric.");
    }
  }

  private static StatusException notFound(String message) {
    return new StatusException(StatusException.Code.NOT_FOUND, message);
  }
}
