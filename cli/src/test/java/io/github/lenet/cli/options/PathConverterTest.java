package io.github.lenet.cli.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.TypeConversionException;

final class PathConverterTest {

  @Test
  void readsAPath() {
    assertEquals(
        Path.of("runs", "a b"), new PathConverter(StandardCharsets.UTF_8).convert("runs/a b"));
  }

  @Test
  void refusesNothing() {
    assertEquals("expected a path, found ' '", refusal(StandardCharsets.UTF_8, " "));
  }

  @Test
  void namesTheLocaleThatCannotExpressThePath() {
    // As Java 17 hands on the bytes of "läuf" under LC_ALL=C.
    assertEquals(
        "the locale's encoding (US-ASCII) cannot express the path 'l\uFFFD\uFFFDuf 1'; set LC_ALL"
            + " to a UTF-8 locale, such as C.UTF-8",
        refusal(StandardCharsets.US_ASCII, "l\uFFFD\uFFFDuf 1"));
  }

  private static String refusal(Charset encoding, String text) {
    return assertThrows(
            TypeConversionException.class, () -> new PathConverter(encoding).convert(text))
        .getMessage();
  }
}
