package io.github.lenet.cli.options;

import io.github.lenet.training.TrainingConfig;
import io.github.lenet.training.internal.io.Json;
import java.util.Map;
import java.util.stream.Collectors;

/** A named set of training settings. Options can also set each of them. */
public enum Preset {
  /** The settings of the chapter. */
  CLASSIC(TrainingConfig.builder().build()),

  /** The settings of {@link TrainingConfig#modern()}. */
  MODERN(TrainingConfig.modern());

  private final TrainingConfig config;

  Preset(TrainingConfig config) {
    this.config = config;
  }

  /** {@return the settings of this preset} */
  public TrainingConfig config() {
    return config;
  }

  /** {@return the settings that differ from the chapter's, named as in {@code config.json}} */
  @Override
  public String toString() {
    Map<String, String> classic = Json.options(Json.toTree(CLASSIC.config));
    return Json.options(Json.toTree(config)).entrySet().stream()
        .filter(option -> !option.getValue().equals(classic.get(option.getKey())))
        .map(option -> option.getKey() + " " + option.getValue())
        .collect(Collectors.joining(", "));
  }
}
