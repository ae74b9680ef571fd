package io.github.lenet.cli.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.lenet.data.Augmentation;
import io.github.lenet.training.device.Device;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Any text as the value of any kind of option is the number or word that it says, or is refused
 * with a {@link TypeConversionException}.
 */
final class OptionValuesFuzzTest {

  private static final List<ITypeConverter<?>> CONVERTERS =
      List.of(
          new Numbers.Positive(),
          new Numbers.Count(),
          new Numbers.Whole(),
          new Numbers.Rate(),
          new Numbers.Amount(),
          new Numbers.Fraction(),
          new Numbers.Sizes.Converter(),
          new Numbers.Sizes.ConverterOrNone(),
          new Numbers.ImageSize.Converter(),
          new DeviceConverter(),
          new AugmentationConverter(),
          new PathConverter(StandardCharsets.UTF_8),
          new EnumConverter.OfActivation(),
          new EnumConverter.OfInitializer(),
          new EnumConverter.OfPolarity(),
          new EnumConverter.OfPreset(),
          new EnumConverter.OfSchedule(),
          new EnumConverter.OfOptimizer(),
          new Numbers.Mebibytes());

  static Stream<byte[]> seeds() {
    String[] values = {
      "7",
      "0",
      "-9223372036854775808",
      "0.9",
      "5e-4",
      "+.5",
      "6,16",
      "none",
      "28x28",
      "gpu:12",
      "shift,erase",
      "a/b",
      "relu",
      "he-normal",
      "light-on-dark",
      "modern",
      "cosine",
      "nesterov",
      "4g"
    };
    byte[][] seeds = new byte[values.length][];
    for (int i = 0; i < values.length; i++) {
      byte[] value = values[i].getBytes(StandardCharsets.UTF_8);
      seeds[i] = new byte[1 + value.length];
      seeds[i][0] = (byte) i;
      System.arraycopy(value, 0, seeds[i], 1, value.length);
    }
    return Stream.of(seeds);
  }

  /**
   * @param bytes which option, and the text
   */
  @MethodSource("seeds")
  @Timeout(10)
  @DictionaryEntries({"none", "x", ",", "gpu:", "e-", "auto", "2147483648", "flip"})
  @FuzzTest
  void anyTextIsWhatItSaysOrIsRefused(byte[] bytes) throws Exception {
    if (bytes.length == 0) {
      return;
    }
    ITypeConverter<?> converter = CONVERTERS.get((bytes[0] & 0xff) % CONVERTERS.size());
    String text = new String(bytes, 1, bytes.length - 1, StandardCharsets.UTF_8);
    Object value;
    try {
      value = converter.convert(text);
    } catch (TypeConversionException e) {
      assertTrue(!e.getMessage().isBlank());
      return;
    }
    String said = text.strip();
    if (converter instanceof Numbers.Mebibytes) {
      int last = said.length() - 1;
      int unit = said.charAt(last) == 'g' || said.charAt(last) == 'G' ? 1024 : 1;
      assertEquals(
          new BigInteger(said.substring(0, last)).multiply(BigInteger.valueOf(unit)),
          BigInteger.valueOf((Integer) value));
    } else if (value instanceof Integer || value instanceof Long) {
      assertEquals(new BigInteger(said), BigInteger.valueOf(((Number) value).longValue()));
    } else if (value instanceof Double number) {
      assertEquals(exact(said).doubleValue(), number);
      assertTrue(number >= 0 && Float.isFinite(number.floatValue()));
    } else if (value instanceof Numbers.Sizes sizes) {
      assertTrue(sizes.values().stream().allMatch(size -> size > 0));
      String found = sizes.values().isEmpty() ? "" : text;
      List<BigInteger> expected =
          Arrays.stream(found.split(","))
              .filter(part -> !part.isEmpty())
              .map(part -> new BigInteger(part.strip()))
              .toList();
      assertEquals(
          expected, sizes.values().stream().map(size -> BigInteger.valueOf(size)).toList());
    } else if (value instanceof Numbers.ImageSize size) {
      String[] sides = text.toLowerCase(Locale.ROOT).split("x");
      assertEquals(new BigInteger(sides[0].strip()), BigInteger.valueOf(size.height()));
      assertEquals(new BigInteger(sides[1].strip()), BigInteger.valueOf(size.width()));
    } else if (value instanceof Device device) {
      assertEquals(device, Device.parse(device.toString()));
    } else if (value instanceof Augmentation augmentation) {
      assertEquals(augmentation, Augmentation.fromText(augmentation.toText()));
    } else if (value instanceof Enum<?> constant) {
      assertEquals(constant.name(), text.toUpperCase(Locale.ROOT).replace('-', '_'));
    }
  }

  /** The number; 0 where its exponent has more digits than any but a tiny one could have. */
  private static BigDecimal exact(String text) {
    try {
      return new BigDecimal(text);
    } catch (NumberFormatException e) {
      return BigDecimal.ZERO;
    }
  }
}
