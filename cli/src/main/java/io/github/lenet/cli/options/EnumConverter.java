package io.github.lenet.cli.options;

import io.github.lenet.cli.output.Suggestions;
import io.github.lenet.model.Activation;
import io.github.lenet.model.Initializer;
import io.github.lenet.model.Polarity;
import io.github.lenet.model.Pooling;
import io.github.lenet.training.LearningRateSchedule;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Converts text in any case to a constant of an enum. Suggests a constant for a mistyped word, and
 * lists the constants for help texts and completion.
 */
public abstract class EnumConverter<E extends Enum<E>>
    implements ITypeConverter<E>, Iterable<String> {

  private final String what;
  private final List<E> constants;

  /**
   * Creates a converter.
   *
   * @param what the noun for the option in messages
   */
  protected EnumConverter(String what, Class<E> type) {
    this.what = what;
    constants = List.of(type.getEnumConstants());
  }

  @Override
  public E convert(String text) {
    return constants.stream()
        .filter(constant -> word(constant).equalsIgnoreCase(text))
        .findFirst()
        .orElseThrow(() -> new TypeConversionException(unknown(text)));
  }

  private String unknown(String text) {
    List<String> known = new ArrayList<>();
    forEach(known::add);
    return "unknown %s '%s'%s (%s)"
        .formatted(what, text, Suggestions.suggestion(text, known), String.join(", ", known));
  }

  @Override
  public Iterator<String> iterator() {
    return constants.stream().map(this::word).iterator();
  }

  /** {@return a constant's word on the command line, such as {@code dark-on-light}} */
  public String word(E constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  public static final class OfActivation extends EnumConverter<Activation> {
    OfActivation() {
      super("activation", Activation.class);
    }
  }

  public static final class OfPooling extends EnumConverter<Pooling> {
    OfPooling() {
      super("pooling", Pooling.class);
    }
  }

  public static final class OfPreset extends EnumConverter<Preset> {
    OfPreset() {
      super("preset", Preset.class);
    }
  }

  public static final class OfOptimizer extends EnumConverter<OptimizerKind> {
    OfOptimizer() {
      super("optimizer", OptimizerKind.class);
    }
  }

  public static final class OfSchedule extends EnumConverter<LearningRateSchedule> {
    OfSchedule() {
      super("schedule", LearningRateSchedule.class);
    }
  }

  public static final class OfInitializer extends EnumConverter<Initializer> {
    OfInitializer() {
      super("init", Initializer.class);
    }
  }

  public static final class OfPolarity extends EnumConverter<Polarity> {
    OfPolarity() {
      super("polarity", Polarity.class);
    }
  }
}
