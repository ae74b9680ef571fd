package io.github.lenet.cli.options;

import io.github.lenet.training.device.Device;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Converts text to a {@link Device}. */
public final class DeviceConverter implements ITypeConverter<Device>, Iterable<String> {

  @Override
  public Device convert(String text) {
    try {
      return Device.parse(text.toLowerCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }

  @Override
  public Iterator<String> iterator() {
    return List.of("auto", "cpu", "gpu").iterator();
  }
}
