package io.github.lenet.cli.options;

import io.github.lenet.data.Augmentation;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Converts text to an {@link Augmentation}. */
public final class AugmentationConverter implements ITypeConverter<Augmentation>, Iterable<String> {

  @Override
  public Augmentation convert(String text) {
    try {
      return Augmentation.fromText(text.toLowerCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }

  @Override
  public Iterator<String> iterator() {
    return List.of("none", "shift", "flip", "erase").iterator();
  }
}
