package io.github.lenet.cli.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

final class AccessLogTest {

  /** As in the documentation of Apache's server, and a number. */
  private static final Pattern COMMON =
      Pattern.compile("(\\S+) - - \\[([^]]+)] \"([^\"]*)\" (\\d{3}) (\\d+) (\\d+)");

  @TempDir private Path directory;

  private final List<String> warnings = new ArrayList<>();

  private static void log(AccessLog log, String target) {
    log.log("127.0.0.1", "GET", target, "HTTP/1.1", 200, 2326, 1_234_567);
  }

  @Test
  void writesTheCommonLogFormatAndTheMicroseconds() throws Exception {
    Path file = directory.resolve("access.log");
    Files.writeString(file, "there already\n");
    try (AccessLog log = AccessLog.appendTo(file, warnings::add)) {
      log(log, "/apache_pb.gif");
      // At once: nobody loses lines when the process is killed.
      assertEquals(2, Files.readAllLines(file).size());
    }
    List<String> lines = Files.readAllLines(file);
    assertEquals("there already", lines.get(0));
    Matcher line = COMMON.matcher(lines.get(1));
    assertTrue(line.matches(), lines.get(1));
    assertEquals("127.0.0.1", line.group(1));
    ZonedDateTime time =
        ZonedDateTime.parse(
            line.group(2), DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ENGLISH));
    assertTrue(Duration.between(time, ZonedDateTime.now()).abs().toMinutes() < 1);
    assertEquals("GET /apache_pb.gif HTTP/1.1", line.group(3));
    assertEquals("200", line.group(4));
    assertEquals("2326", line.group(5));
    assertEquals("1234", line.group(6));
  }

  @Test
  void letsNobodyWriteLinesOrCommandsOfATerminal() throws Exception {
    Path file = directory.resolve("access.log");
    try (AccessLog log = AccessLog.appendTo(file, warnings::add)) {
      log(log, "/\r\n127.0.0.1 \"\\ \u001b[31m\u0000\u007f\u0085\u00e9\u2028");
    }
    String text = Files.readString(file, StandardCharsets.US_ASCII);
    assertEquals(1, text.lines().count());
    Matcher line = COMMON.matcher(text.strip());
    assertTrue(line.matches(), text);
    assertEquals(
        "GET /\\x0d\\x0a127.0.0.1\\x20\\x22\\x5c\\x20\\x1b[31m\\x00\\x7f\\x85\\xe9\\x2028 HTTP/1.1",
        line.group(3));
  }

  @Test
  void cutsLongRequestLines() throws Exception {
    Path file = directory.resolve("access.log");
    try (AccessLog log = AccessLog.appendTo(file, warnings::add)) {
      log(log, "/" + "x".repeat(30_000));
    }
    String line = Files.readString(file).strip();
    assertTrue(COMMON.matcher(line).matches(), line);
    assertTrue(line.length() < 1200 && line.contains("xxx...\" 200"), line);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void saysOnceThatTheDiskIsFullAndGoesOn() throws Exception {
    try (AccessLog log = AccessLog.appendTo(Path.of("/dev/full"), warnings::add)) {
      log(log, "/");
      log(log, "/");
    }
    assertEquals(1, warnings.size());
    assertTrue(warnings.get(0).startsWith("access log: "), warnings.get(0));
    assertTrue(warnings.get(0).endsWith("; serving goes on"), warnings.get(0));
  }

  @Test
  void saysOnceThatStandardOutputIsGone() {
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int b) throws java.io.IOException {
            throw new java.io.IOException("Broken pipe");
          }
        };
    try (AccessLog log = AccessLog.printTo(new PrintStream(broken), warnings::add)) {
      log(log, "/");
      log(log, "/");
    }
    assertEquals(List.of("access log: cannot be written; serving goes on"), warnings);
  }

  @Test
  void leavesStandardOutputOpen() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(bytes, false, StandardCharsets.UTF_8);
    try (AccessLog log = AccessLog.printTo(stream, warnings::add)) {
      log(log, "/x");
    }
    stream.print("more");
    stream.flush();
    assertTrue(bytes.toString(StandardCharsets.UTF_8).endsWith("more"));
    assertEquals(List.of(), warnings);
  }

  @Test
  void isOffWhereThereIsNone() {
    assertFalse(AccessLog.NONE.isOn());
    log(AccessLog.NONE, "/");
  }
}
