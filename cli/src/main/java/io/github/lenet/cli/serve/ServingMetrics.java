package io.github.lenet.cli.serve;

import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/**
 * What has been asked, and how long it took, for Prometheus.
 *
 * <p>Names, labels and buckets of what TensorFlow Serving has too are its own ({@code
 * servables/tensorflow/util.cc}, {@code batching/batching_util.h}, {@code
 * util/prometheus_exporter.cc}), so that its dashboards and alerts go on working.
 */
final class ServingMetrics {

  /** Of {@link #toText}. */
  static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private static final String PREFIX = ":tensorflow:serving:";
  private static final int FIRST_STATUS = 100;

  // Names that clients make up are counted under "other" beyond these.
  private static final int MOST_NAMES = 100;
  private static final int LONGEST_NAME = 100;

  private final String model;
  private final Map<String, Map<StatusException.Code, LongAdder>> requests =
      new ConcurrentSkipListMap<>();
  private final Map<String, Histogram> latencies =
      histograms("predict", "classify"); // methods of the URL
  private final Map<String, Histogram> runtimes = histograms("Predict", "Classify");
  private final Histogram batchSizes = new Histogram(1, 2, 14);
  private final LongAdder[] responses =
      Stream.generate(LongAdder::new).limit(500).toArray(LongAdder[]::new);

  /** Counts for one model. */
  ServingMetrics(String modelName) {
    model = "model_name=\"%s\"".formatted(escape(modelName));
    requests.put(modelName, counters());
  }

  /** From 10 µs to 25 minutes. */
  private static Map<String, Histogram> histograms(String... apis) {
    Map<String, Histogram> histograms = new LinkedHashMap<>();
    for (String api : apis) {
      histograms.put(api, new Histogram(10, 1.8, 33));
    }
    return histograms;
  }

  private static Map<StatusException.Code, LongAdder> counters() {
    Map<StatusException.Code, LongAdder> counters = new EnumMap<>(StatusException.Code.class);
    for (StatusException.Code status : StatusException.Code.values()) {
      counters.put(status, new LongAdder());
    }
    return counters;
  }

  /**
   * Counts a request to the API.
   *
   * @param name of the model that was asked for; empty if the path names none
   */
  void countRequest(String name, StatusException.Code status) {
    boolean isKnown =
        requests.containsKey(name) || name.length() <= LONGEST_NAME && requests.size() < MOST_NAMES;
    requests
        .computeIfAbsent(isKnown ? name : "other", unknown -> counters())
        .get(status)
        .increment();
  }

  /**
   * Counts how long a request took that succeeded.
   *
   * @param method {@code predict} or {@code classify}
   * @param nanos from its last byte read to the finished response
   */
  void countLatency(String method, long nanos) {
    latencies.get(method).add(nanos / 1e3);
  }

  /**
   * Counts how long the network took, waiting for a batch included.
   *
   * @param api {@code Predict} or {@code Classify}
   */
  void countRuntime(String api, long nanos) {
    runtimes.get(api).add(nanos / 1e3);
  }

  /** Counts a run of the network. */
  void countBatch(int rows) {
    batchSizes.add(rows);
  }

  /** Counts a response to any request. */
  void countResponse(int httpStatus) {
    responses[httpStatus - FIRST_STATUS].increment();
  }

  /** All of it, in Prometheus' text format. */
  String toText() {
    StringBuilder text = new StringBuilder(8192);
    appendHead(text, PREFIX + "request_count", "counter", "The total number of requests.");
    requests.forEach(
        (name, counts) ->
            counts.forEach(
                (status, count) ->
                    text.append(
                        "%srequest_count{model_name=\"%s\",status=\"%s\"} %d\n"
                            .formatted(PREFIX, escape(name), status, count.sum()))));

    String latency = PREFIX + "request_latency";
    appendHead(
        text, latency, "histogram", "Microseconds from a request to its successful response.");
    latencies.forEach(
        (api, histogram) ->
            histogram.appendTo(
                text, latency, "%s,API=\"%s\",entrypoint=\"REST\"".formatted(model, api)));

    String runtime = PREFIX + "runtime_latency";
    appendHead(text, runtime, "histogram", "Microseconds that the network took.");
    runtimes.forEach(
        (api, histogram) ->
            histogram.appendTo(
                text, runtime, "%s,API=\"%s\",runtime=\"TF1\"".formatted(model, api)));

    String batch = PREFIX + "batching_session:processed_batch_size";
    appendHead(text, batch, "histogram", "Images that went through the network at once.");
    batchSizes.appendTo(text, batch, "");

    appendHead(text, "lenet_http_responses_total", "counter", "HTTP responses, by status code.");
    for (int i = 0; i < responses.length; i++) {
      long count = responses[i].sum();
      if (count > 0) {
        text.append(
            "lenet_http_responses_total{code=\"" + (FIRST_STATUS + i) + "\"} " + count + "\n");
      }
    }

    appendHead(text, "process_start_time_seconds", "gauge", "Since when, in Unix time.");
    text.append("process_start_time_seconds ")
        .append(ManagementFactory.getRuntimeMXBean().getStartTime() / 1e3)
        .append('\n');
    return text.toString();
  }

  private static void appendHead(StringBuilder text, String name, String type, String help) {
    text.append("# HELP %s %s\n# TYPE %s %s\n".formatted(name, help, name, type));
  }

  private static String escape(String label) {
    return label.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }

  /** How often which values came, by powers of a number. */
  private static final class Histogram {

    private final double[] bounds;
    private final LongAdder[] counts;
    private final DoubleAdder sum = new DoubleAdder();

    /**
     * Has buckets of their own for values up to {@code scale}, up to {@code scale * growth} and so
     * on, and one for those beyond the last.
     *
     * @param finite how many have a bound
     */
    Histogram(double scale, double growth, int finite) {
      bounds = new double[finite];
      // Of six digits, as they are printed: what is counted is what is said.
      Arrays.setAll(
          bounds,
          i -> new BigDecimal(scale * Math.pow(growth, i), new MathContext(6)).doubleValue());
      counts = Stream.generate(LongAdder::new).limit(finite + 1).toArray(LongAdder[]::new);
    }

    void add(double value) {
      int found = Arrays.binarySearch(bounds, value);
      counts[found < 0 ? -found - 1 : found].increment();
      sum.add(value);
    }

    /** Appends it; buckets include those below them. */
    void appendTo(StringBuilder text, String name, String labels) {
      String comma = labels.isEmpty() ? "" : ",";
      String braces = labels.isEmpty() ? "" : "{" + labels + "}";
      long cumulative = 0;
      for (int i = 0; i < counts.length; i++) {
        cumulative += counts[i].sum();
        String bound = i < bounds.length ? plain(bounds[i]) : "+Inf";
        text.append(
            name + "_bucket{" + labels + comma + "le=\"" + bound + "\"} " + cumulative + "\n");
      }
      text.append(name).append("_sum").append(braces).append(' ').append(plain(sum.sum()));
      text.append('\n').append(name).append("_count").append(braces).append(' ');
      text.append(cumulative).append('\n');
    }

    /** As C++ prints a double, with six digits: {@code 188.957}, {@code 1.27482e+06}. */
    private static String plain(double value) {
      BigDecimal rounded = new BigDecimal(value, new MathContext(6)).stripTrailingZeros();
      int exponent = rounded.precision() - rounded.scale() - 1;
      if (rounded.signum() == 0 || exponent >= -4 && exponent < 6) {
        return rounded.toPlainString();
      }
      String digits = rounded.unscaledValue().toString();
      String fraction = digits.length() == 1 ? "" : "." + digits.substring(1);
      return "%s%se%s%02d"
          .formatted(digits.charAt(0), fraction, exponent < 0 ? "-" : "+", Math.abs(exponent));
    }
  }
}
