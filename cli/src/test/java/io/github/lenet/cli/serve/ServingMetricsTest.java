package io.github.lenet.cli.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Reads the text as Prometheus' documentation of its text format (0.0.4) has it. */
final class ServingMetricsTest {

  private static final Pattern HEAD =
      Pattern.compile("# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)");
  private static final String LABEL = "[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\\\n]|\\\\[\\\\\"n])*\"";
  private static final Pattern SAMPLE =
      Pattern.compile(
          "([a-zA-Z_:][a-zA-Z0-9_:]*)(\\{%s(?:,%s)*\\})? (\\S+)".formatted(LABEL, LABEL));

  private final ServingMetrics metrics = new ServingMetrics("lenet");

  /** Value by name and labels, in order; says what is no such text. */
  private static Map<String, Double> parse(String text) {
    assertTrue(text.endsWith("\n"), "the last line ends, too");
    Map<String, Double> samples = new LinkedHashMap<>();
    Map<String, String> types = new LinkedHashMap<>();
    for (String line : text.lines().toList()) {
      Matcher head = HEAD.matcher(line);
      Matcher sample = SAMPLE.matcher(line);
      if (head.matches()) {
        if (head.group(1).equals("TYPE")) {
          assertTrue(List.of("counter", "gauge", "histogram").contains(head.group(3)), line);
          assertEquals(null, types.put(head.group(2), head.group(3)), "one TYPE each");
        }
      } else {
        assertTrue(sample.matches(), line);
        String family = sample.group(1).replaceFirst("_(bucket|sum|count)$", "");
        assertTrue(
            types.containsKey(sample.group(1)) || "histogram".equals(types.get(family)), line);
        assertEquals(
            null,
            samples.put(
                line.substring(0, line.lastIndexOf(' ')), Double.parseDouble(sample.group(3))),
            "each line once");
      }
    }
    return samples;
  }

  private Map<String, Double> parsed() {
    return parse(metrics.toText());
  }

  @Test
  void hasTensorFlowServingsNamesAndLabels() {
    metrics.countRequest("lenet", StatusException.Code.OK);
    metrics.countRequest("lenet", StatusException.Code.INVALID_ARGUMENT);
    metrics.countRequest("lenet", StatusException.Code.OK);
    metrics.countRequest("other model", StatusException.Code.NOT_FOUND);
    metrics.countLatency("predict", 1_000);
    metrics.countLatency("predict", 1_000);
    metrics.countLatency("classify", 1_000);
    metrics.countRuntime("Predict", 4_000);
    metrics.countBatch(3);
    Map<String, Double> all = parsed();
    String count = ":tensorflow:serving:request_count{model_name=\"lenet\",status=\"%s\"}";
    String latency =
        ":tensorflow:serving:request_latency_%s{model_name=\"lenet\",API=\"%s\",entrypoint=\"REST\"}";
    assertEquals(2, all.get(count.formatted("OK")));
    assertEquals(1, all.get(count.formatted("INVALID_ARGUMENT")));
    assertEquals(0, all.get(count.formatted("INTERNAL")));
    assertEquals(
        1,
        all.get(
            ":tensorflow:serving:request_count{model_name=\"other model\",status=\"NOT_FOUND\"}"));
    assertEquals(2, all.get(latency.formatted("count", "predict")));
    assertEquals(2, all.get(latency.formatted("sum", "predict")), "microseconds");
    assertEquals(1, all.get(latency.formatted("count", "classify")));
    assertEquals(
        4,
        all.get(
            ":tensorflow:serving:runtime_latency_sum"
                + "{model_name=\"lenet\",API=\"Predict\",runtime=\"TF1\"}"));
    assertEquals(1, all.get(":tensorflow:serving:batching_session:processed_batch_size_count"));
    assertEquals(3, all.get(":tensorflow:serving:batching_session:processed_batch_size_sum"));
  }

  @Test
  void countsBucketsFromTheLowestUp() {
    for (int rows : new int[] {1, 1, 2, 3, 4, 8192, 8193}) {
      metrics.countBatch(rows);
    }
    Map<String, Double> all = parsed();
    Map<String, Integer> expected = new LinkedHashMap<>();
    // Powers of two from 2^0 to 2^13, and how many of the values above are not greater.
    expected.put("1", 2);
    expected.put("2", 3);
    for (int bound = 4; bound <= 4096; bound *= 2) {
      expected.put(String.valueOf(bound), 5);
    }
    expected.put("8192", 6);
    expected.put("+Inf", 7);
    List<String> found = new ArrayList<>(all.keySet());
    String bucket = ":tensorflow:serving:batching_session:processed_batch_size_bucket";
    found.removeIf(key -> !key.startsWith(bucket));
    assertEquals(
        expected.keySet().stream().map(bound -> bucket + "{le=\"" + bound + "\"}").toList(), found);
    expected.forEach(
        (bound, count) ->
            assertEquals((double) count, all.get(bucket + "{le=\"" + bound + "\"}"), bound));
  }

  @Test
  void hasBucketsForLatenciesThatGrowBySeventyPercentAndMore() {
    metrics.countLatency("predict", 18_000); // 18 µs, a bound itself
    metrics.countLatency("predict", 18_001);
    metrics.countLatency("predict", Long.MAX_VALUE);
    List<Double> bounds = new ArrayList<>();
    List<Double> counts = new ArrayList<>();
    Pattern bucket = Pattern.compile(".*request_latency_bucket\\{.*API=\"predict\".*le=\"(.*)\"}");
    parsed()
        .forEach(
            (key, value) -> {
              Matcher matcher = bucket.matcher(key);
              if (matcher.matches()) {
                String bound = matcher.group(1);
                bounds.add(
                    bound.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(bound));
                counts.add(value);
              }
            });
    assertEquals(34, bounds.size());
    for (int i = 0; i < 33; i++) {
      double exact = 10 * Math.pow(1.8, i);
      assertEquals(exact, bounds.get(i), exact * 1e-5);
      assertEquals(i < 1 ? 0 : i == 1 ? 1 : 2, counts.get(i), "bucket " + i);
    }
    assertEquals(Double.POSITIVE_INFINITY, bounds.get(33));
    assertEquals(3, counts.get(33));
  }

  /** Prometheus' client in C++ prints bounds and sums with {@code %g}. */
  @Test
  void printsNumbersAsCppPrintsDoubles() {
    metrics.countLatency("predict", 123_456_789_000L); // 123,456,789 µs
    String text = metrics.toText();
    for (String bound :
        List.of("10", "18", "32.4", "188.957", "67466.4", "1.27482e+06", "1.47476e+09")) {
      assertTrue(text.contains("le=\"" + bound + "\"}"), bound);
    }
    assertTrue(
        text.contains("{model_name=\"lenet\",API=\"predict\",entrypoint=\"REST\"} 1.23457e+08\n"),
        text);
  }

  /** Each name would be printed with each status, at each look at the metrics. */
  @Test
  void countsLongNamesTogether() {
    metrics.countRequest("n".repeat(100), StatusException.Code.NOT_FOUND);
    metrics.countRequest("n".repeat(101), StatusException.Code.NOT_FOUND);
    metrics.countRequest("n".repeat(60_000), StatusException.Code.NOT_FOUND);
    String text = metrics.toText();
    assertTrue(
        text.contains("{model_name=\"%s\",status=\"NOT_FOUND\"} 1\n".formatted("n".repeat(100))));
    assertTrue(text.contains("{model_name=\"other\",status=\"NOT_FOUND\"} 2\n"));
    assertTrue(text.length() < 50_000, "%d".formatted(text.length()));
  }

  @Test
  void countsNamesBeyondAHundredTogether() {
    for (int i = 0; i < 150; i++) {
      metrics.countRequest("name" + i, StatusException.Code.NOT_FOUND);
    }
    Map<String, Double> all = parsed();
    String other = ":tensorflow:serving:request_count{model_name=\"other\",status=\"NOT_FOUND\"}";
    assertEquals(51, all.get(other));
  }

  @Test
  void countsAnswersByStatus() {
    metrics.countResponse(200);
    metrics.countResponse(200);
    metrics.countResponse(599);
    Map<String, Double> all = parsed();
    assertEquals(2, all.get("lenet_http_responses_total{code=\"200\"}"));
    assertEquals(1, all.get("lenet_http_responses_total{code=\"599\"}"));
    assertTrue(!all.containsKey("lenet_http_responses_total{code=\"404\"}"));
  }

  @Test
  void saysSinceWhenTheProcessRuns() {
    double now = System.currentTimeMillis() / 1e3;
    double start = parsed().get("process_start_time_seconds");
    assertTrue(start <= now && start > now - 86_400, "%f".formatted(start));
  }

  @Test
  void escapesLabels() {
    String text = new ServingMetrics("a\\b\"c\nd").toText();
    assertTrue(text.contains("{model_name=\"a\\\\b\\\"c\\nd\",status=\"OK\"} 0\n"), text);
    parse(text);
  }

  @Test
  void losesNothingThatManyThreadsCount() throws Exception {
    List<CompletableFuture<Void>> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      threads.add(
          CompletableFuture.runAsync(
              () -> {
                for (int j = 0; j < 10_000; j++) {
                  metrics.countBatch(2);
                }
              }));
    }
    for (CompletableFuture<Void> thread : threads) {
      thread.get();
    }
    Map<String, Double> all = parsed();
    assertEquals(
        40_000, all.get(":tensorflow:serving:batching_session:processed_batch_size_count"));
    assertEquals(80_000, all.get(":tensorflow:serving:batching_session:processed_batch_size_sum"));
  }
}
