package io.github.lenet.cli.options;

import io.github.lenet.training.TrainingConfig;
import io.github.lenet.training.internal.io.Json;
import java.util.Map;
import java.util.stream.Collectors;

/** Settings that go together, under a name: nothing that could not be set one by one. */
public enum Preset {
  /** The chapter's. */
  CLASSIC(TrainingConfig.builder().build()),

  /** See {@link TrainingConfig#modern()}. */
  MODERN(TrainingConfig.modern());

  private final TrainingConfig config;

  Preset(TrainingConfig config) {
    this.config = config;
  }

  public TrainingConfig config() {
    return config;
  }

  /** What it sets otherwise than the chapter does, by the names of {@code config.json}. */
  @Override
  public String toString() {
    Map<String, String> classic = Json.options(Json.toTree(CLASSIC.config));
    return Json.options(Json.toTree(config)).entrySet().stream()
        .filter(option -> !option.getValue().equals(classic.get(option.getKey())))
        .map(option -> option.getKey() + " " + option.getValue())
        .collect(Collectors.joining(", "));
  }
}
