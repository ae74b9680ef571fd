package io.github.lenet.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How a run went so far: with the trained variables, all that it needs to go on.
 *
 * @param steps done, which dropout and Adam count
 * @param epochs the finished ones, in order
 * @param trainLoss points of the curves, finer than an epoch
 * @param trainAccuracy as many
 */
record RunHistory(
    long steps,
    List<EpochResult> epochs,
    List<CurvesSvg.Point> trainLoss,
    List<CurvesSvg.Point> trainAccuracy) {

  static final RunHistory NONE = new RunHistory(0, List.of(), List.of(), List.of());

  private static final JsonMapper JSON = new JsonMapper();

  RunHistory {
    epochs = List.copyOf(epochs);
    trainLoss = List.copyOf(trainLoss);
    trainAccuracy = List.copyOf(trainAccuracy);
  }

  /** As JSON, from which {@link #fromJson} makes an equal history. */
  String toJson() {
    ObjectNode json = JSON.createObjectNode();
    json.put("steps", steps);
    ArrayNode results = json.putArray("epochs");
    for (EpochResult epoch : epochs) {
      ObjectNode result = results.addObject().put("epoch", epoch.epoch());
      result.set("train", json(epoch.train()));
      result.set("validation", json(epoch.validation()));
      result.put("training_nanos", epoch.trainingTime().toNanos());
      result.put("nanos", epoch.time().toNanos());
    }
    json.set("train_loss", json(trainLoss));
    json.set("train_accuracy", json(trainAccuracy));
    return json.toPrettyString() + "\n";
  }

  /**
   * @throws IllegalArgumentException if it is no such JSON
   */
  static RunHistory fromJson(String text) {
    try {
      JsonNode json = JSON.readTree(text);
      List<EpochResult> epochs = new ArrayList<>();
      for (JsonNode result : list(json, "epochs")) {
        int epoch = toInt(result, "epoch");
        if (epoch != epochs.size() + 1) {
          throw new IllegalArgumentException(
              "expected epoch %d, found %d".formatted(epochs.size() + 1, epoch));
        }
        epochs.add(
            new EpochResult(
                epoch,
                evaluation(result.required("train")),
                evaluation(result.required("validation")),
                Duration.ofNanos(toLong(result, "training_nanos")),
                Duration.ofNanos(toLong(result, "nanos"))));
      }
      return new RunHistory(
          toLong(json, "steps"),
          epochs,
          points(list(json, "train_loss")),
          points(list(json, "train_accuracy")));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("expected JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static ObjectNode json(Metrics evaluation) {
    return JSON.createObjectNode()
        .put("mean_loss", evaluation.meanLoss())
        .put("correct", evaluation.correct())
        .put("total", evaluation.total());
  }

  private static Metrics evaluation(JsonNode json) {
    return new Metrics(
        toDouble(json.required("mean_loss")), toInt(json, "correct"), toInt(json, "total"));
  }

  private static ArrayNode json(List<CurvesSvg.Point> points) {
    ArrayNode json = JSON.createArrayNode();
    points.forEach(point -> json.addArray().add(point.epoch()).add(point.value()));
    return json;
  }

  private static List<CurvesSvg.Point> points(JsonNode json) {
    List<CurvesSvg.Point> points = new ArrayList<>();
    for (JsonNode point : json) {
      points.add(new CurvesSvg.Point(toDouble(point.required(0)), toDouble(point.required(1))));
    }
    return points;
  }

  private static JsonNode list(JsonNode json, String name) {
    JsonNode list = json.required(name);
    if (!list.isArray()) {
      throw new IllegalArgumentException(name + ": expected a list, found " + list);
    }
    return list;
  }

  private static int toInt(JsonNode json, String name) {
    long value = toLong(json, name);
    if ((int) value != value) {
      throw new IllegalArgumentException(name + ": expected 32 bits, found " + value);
    }
    return (int) value;
  }

  private static long toLong(JsonNode json, String name) {
    JsonNode value = json.required(name);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw new IllegalArgumentException(name + ": expected a whole number, found " + value);
    }
    return value.longValue();
  }

  /** JSON has no numbers that are not finite: the writer makes words of them. */
  private static double toDouble(JsonNode value) {
    boolean isWord =
        value.isTextual() && List.of("NaN", "Infinity", "-Infinity").contains(value.textValue());
    if (!value.isNumber() && !isWord) {
      throw new IllegalArgumentException("expected a number, found " + value);
    }
    return value.asDouble();
  }
}
