package io.github.lenet.cli.options;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Converters of numeric options. Their messages name the expected and the found value. */
public final class Numbers {

  private static final Pattern DECIMAL = Pattern.compile("\\+?(\\d+\\.?\\d*|\\.\\d+)(e[+-]?\\d+)?");

  private Numbers() {}

  private static TypeConversionException expected(String what, String found) {
    return new TypeConversionException("expected %s, found '%s'".formatted(what, found));
  }

  private static double decimal(String text, Predicate<Float> fits, String what) {
    String number = text.strip().toLowerCase(Locale.ROOT);
    if (DECIMAL.matcher(number).matches() && fits.test(Float.valueOf(number))) {
      return Double.parseDouble(number);
    }
    throw expected(what, text);
  }

  private static int positive(String text, String what, String whole) {
    try {
      int number = Integer.parseInt(text.strip());
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Reported below, like a number that is too small.
    }
    throw expected(what, whole);
  }

  /** Converts a positive whole number. */
  public static final class Positive implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      return positive(text, "a positive whole number", text);
    }
  }

  /** Converts a whole number of at least 0. */
  public static final class Count implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      return text.strip().equals("0") ? 0 : positive(text, "a whole number, at least 0", text);
    }
  }

  /** Converts a whole number of 64 bits. */
  public static final class Whole implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      try {
        return Long.parseLong(text.strip());
      } catch (NumberFormatException e) {
        throw expected("a whole number", text);
      }
    }
  }

  /** Converts a positive number in float32 range. Java's parser would accept NaN and "1f". */
  public static final class Rate implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      return decimal(
          text, number -> number > 0 && Float.isFinite(number), "a positive number such as 0.9");
    }
  }

  /** Converts 0 or a positive number in float32 range. */
  public static final class Amount implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      return decimal(text, Float::isFinite, "0 or a positive number such as 0.0005");
    }
  }

  /** Converts a number of at least 0 and less than 1. */
  public static final class Fraction implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      return decimal(text, number -> number < 1, "a number from 0 to less than 1");
    }
  }

  /** Converts a memory size to MiB: m or g as in Java's -Xmx, from 1m to below 1024g. */
  public static final class Mebibytes implements ITypeConverter<Integer> {
    private static final Pattern FORM = Pattern.compile("0*([1-9]\\d{0,6})([mg])");
    private static final int BELOW = 1 << 20;

    @Override
    public Integer convert(String text) {
      Matcher size = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
      if (size.matches()) {
        long mebibytes = Long.parseLong(size.group(1)) * (size.group(2).equals("g") ? 1024 : 1);
        if (mebibytes < BELOW) {
          return (int) mebibytes;
        }
      }
      throw expected("a size such as 512m or 4g", text);
    }
  }

  /**
   * A list of positive whole numbers, separated by commas.
   *
   * @param values the numbers in the given order
   */
  public record Sizes(List<Integer> values) {
    public Sizes {
      values = List.copyOf(values);
    }

    public static Sizes of(Integer... values) {
      return new Sizes(List.of(values));
    }

    public static final class Converter implements ITypeConverter<Sizes> {
      @Override
      public Sizes convert(String text) {
        String what = "positive whole numbers separated by commas, such as 6,16";
        return new Sizes(
            Stream.of(text.split(",", -1)).map(part -> positive(part, what, text)).toList());
      }
    }

    /** Converts a list that may be empty: the word {@code none}, or a blank text. */
    public static final class ConverterOrNone implements ITypeConverter<Sizes> {
      @Override
      public Sizes convert(String text) {
        boolean none = text.isBlank() || text.strip().equalsIgnoreCase("none");
        return none ? new Sizes(List.of()) : new Converter().convert(text);
      }
    }
  }

  /**
   * An image's size in pixels.
   *
   * @param height in pixels
   * @param width in pixels
   */
  public record ImageSize(int height, int width) {
    private static final Pattern FORM = Pattern.compile("([^x]+)(?:x([^x]+))?");

    public static final class Converter implements ITypeConverter<ImageSize> {
      @Override
      public ImageSize convert(String text) {
        String what = "height and width in pixels, such as 28x28 or 28";
        Matcher sizes = FORM.matcher(Objects.requireNonNull(text).toLowerCase(Locale.ROOT));
        if (!sizes.matches()) {
          throw expected(what, text);
        }
        int height = positive(sizes.group(1), what, text);
        return new ImageSize(
            height, sizes.group(2) == null ? height : positive(sizes.group(2), what, text));
      }
    }
  }
}
