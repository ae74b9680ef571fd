package io.github.lenet.cli;

import io.github.lenet.model.LeNetConfig;
import io.github.lenet.training.Optimizer;
import io.github.lenet.training.Preset;
import io.github.lenet.training.TrainingConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** A configuration in the words of {@code lenet train}. */
final class TrainingFlags {

  private TrainingFlags() {}

  /** The flags that make a preset out of the chapter's settings. */
  static String of(Preset preset) {
    Map<String, String> classic = of(Preset.CLASSIC.config());
    return of(preset.config()).entrySet().stream()
        .filter(flag -> !flag.getValue().equals(classic.get(flag.getKey())))
        .map(flag -> flag.getKey() + " " + flag.getValue())
        .collect(Collectors.joining(" "));
  }

  /** All that a preset may set. */
  static Set<String> names() {
    return of(Preset.CLASSIC.config()).keySet();
  }

  private static Map<String, String> of(TrainingConfig config) {
    LeNetConfig model = config.architecture();
    Map<String, String> flags = new LinkedHashMap<>();
    flags.put("--kernel-size", String.valueOf(model.kernelSize()));
    flags.put("--channels", numbers(model.channels()));
    flags.put("--pooling", new EnumConverter.OfPooling().word(model.pooling()));
    flags.put("--dense-units", model.denseUnits().isEmpty() ? "none" : numbers(model.denseUnits()));
    flags.put("--activation", new EnumConverter.OfActivation().word(model.activation()));
    flags.put("--epochs", String.valueOf(config.epochs()));
    flags.put("--batch-size", String.valueOf(config.batchSize()));
    flags.put("--learning-rate", String.valueOf(config.optimizer().learningRate()));
    flags.put(
        "--optimizer", new EnumConverter.OfOptimizer().word(OptimizerKind.of(config.optimizer())));
    OptimizerKind.momentum(config.optimizer()).stream()
        .filter(momentum -> momentum != Optimizer.DEFAULT_MOMENTUM)
        .forEach(momentum -> flags.put("--momentum", String.valueOf(momentum)));
    flags.put("--schedule", new EnumConverter.OfSchedule().word(config.schedule()));
    flags.put("--warmup-epochs", String.valueOf(config.warmupEpochs()));
    flags.put("--weight-decay", String.valueOf(config.weightDecay()));
    flags.put("--dropout", String.valueOf(config.dropout()));
    flags.put("--init", new EnumConverter.OfInitializer().word(config.initializer()));
    flags.put("--augment", config.augmentation().toText());
    flags.put("--validation-split", String.valueOf(config.validationSplit()));
    flags.put("--patience", String.valueOf(config.patience()));
    return flags;
  }

  private static String numbers(List<Integer> numbers) {
    return numbers.stream().map(String::valueOf).collect(Collectors.joining(","));
  }
}
