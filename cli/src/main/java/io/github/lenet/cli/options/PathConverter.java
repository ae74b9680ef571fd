package io.github.lenet.cli.options;

import java.nio.charset.Charset;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a path; an empty one, as from a shell variable that is not set, is a mistake. */
public final class PathConverter implements ITypeConverter<Path> {

  /** What Java turns arguments into text with, and text into file names. */
  private final Charset encoding;

  public PathConverter() {
    this(Charset.forName(System.getProperty("sun.jnu.encoding", Charset.defaultCharset().name())));
  }

  public PathConverter(Charset encoding) {
    this.encoding = encoding;
  }

  @Override
  public Path convert(String text) {
    // Under LC_ALL=C, what is not ASCII is lost before main() gets it.
    if (!encoding.newEncoder().canEncode(text)) {
      throw new TypeConversionException(
          "the locale's encoding (%s) cannot express the path '%s'; set LC_ALL to a UTF-8 locale,"
                  .formatted(encoding.name(), text)
              + " such as C.UTF-8");
    }
    try {
      if (!text.isBlank()) {
        return Path.of(text);
      }
    } catch (InvalidPathException e) {
      // Said below.
    }
    throw new TypeConversionException("expected a path, found '%s'".formatted(text));
  }
}
