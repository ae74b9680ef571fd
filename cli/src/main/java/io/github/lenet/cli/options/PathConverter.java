package io.github.lenet.cli.options;

import java.nio.charset.Charset;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/** Converts text to a path. Rejects an empty path, as from an unset shell variable. */
public final class PathConverter implements ITypeConverter<Path> {

  /** The encoding in which Java decodes arguments and encodes file names. */
  private final Charset encoding;

  /** Creates a converter for this process's encoding. */
  public PathConverter() {
    this(Charset.forName(System.getProperty("sun.jnu.encoding", Charset.defaultCharset().name())));
  }

  /** Creates a converter that rejects paths outside an encoding. */
  public PathConverter(Charset encoding) {
    this.encoding = encoding;
  }

  /**
   * Converts an argument after the command line was parsed.
   *
   * @throws ParameterException if it is not a path
   */
  static Path convert(String text, CommandSpec spec) {
    try {
      return new PathConverter().convert(text);
    } catch (TypeConversionException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  @Override
  public Path convert(String text) {
    // Under LC_ALL=C, non-ASCII characters are lost before main() is called.
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
      // Reported below.
    }
    throw new TypeConversionException("expected a path, found '%s'".formatted(text));
  }
}
