package io.github.lenet.cli.serve;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * A line for each response, in the Common Log Format with one number more: the microseconds from
 * the request's head to the response's end.
 *
 * <p>Each line is written at once, and to the end of the file. When that fails, serving goes on.
 */
final class AccessLog implements AutoCloseable {

  /** Where there is none. */
  static final AccessLog NONE = new AccessLog(OutputStream.nullOutputStream(), false, text -> {});

  private static final int LONGEST_REQUEST_LINE = 1000;

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ROOT)
          .withZone(ZoneId.systemDefault());

  private final OutputStream out;
  private final boolean isOn;
  private final Consumer<String> warnings;
  private final AtomicBoolean hasWarned = new AtomicBoolean();
  private volatile Second now = new Second(0, "");

  private AccessLog(OutputStream out, boolean isOn, Consumer<String> warnings) {
    this.out = out;
    this.isOn = isOn;
    this.warnings = warnings;
  }

  /**
   * Appends to a file, which is made if it is not there.
   *
   * @param warnings told once if lines can't be written
   */
  static AccessLog appendTo(Path file, Consumer<String> warnings) throws IOException {
    return new AccessLog(
        Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND),
        true,
        warnings);
  }

  /**
   * Writes to a stream that it doesn't close.
   *
   * @param warnings told once if lines can't be written
   */
  static AccessLog printTo(PrintStream stream, Consumer<String> warnings) {
    OutputStream out =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
          }

          @Override
          public void write(byte[] bytes, int offset, int length) throws IOException {
            stream.write(bytes, offset, length);
            if (stream.checkError()) { // flushes, too
              throw new IOException("cannot be written");
            }
          }
        };
    return new AccessLog(out, true, warnings);
  }

  /** A second of the clock, in words. */
  private record Second(long epochSecond, String text) {}

  /** Whether lines go anywhere. */
  boolean isOn() {
    return isOn;
  }

  /**
   * Writes a line.
   *
   * @param client its address
   * @param method as it was sent
   * @param target as it was sent, with the query
   * @param protocol as it was sent
   * @param status of HTTP
   * @param bytes how long the response's body was
   * @param nanos how long it took
   */
  void log(
      String client,
      String method,
      String target,
      String protocol,
      int status,
      long bytes,
      long nanos) {
    StringBuilder line = new StringBuilder(160);
    line.append(client).append(" - - [").append(time()).append("] \"");
    int start = line.length();
    appendEscaped(line, method);
    line.append(' ');
    appendEscaped(line, target);
    line.append(' ');
    appendEscaped(line, protocol);
    if (line.length() - start > LONGEST_REQUEST_LINE) {
      line.setLength(start + LONGEST_REQUEST_LINE);
      line.append("...");
    }
    line.append("\" ").append(status).append(' ').append(bytes).append(' ');
    line.append(nanos / 1000).append(System.lineSeparator());
    try {
      out.write(line.toString().getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      if (!hasWarned.getAndSet(true)) {
        warnings.accept("access log: %s; serving goes on".formatted(e.getMessage()));
      }
    }
  }

  /** Formatted once in a second. */
  private String time() {
    Instant instant = Instant.now();
    Second second = now;
    if (second.epochSecond() != instant.getEpochSecond()) {
      second = new Second(instant.getEpochSecond(), TIME.format(instant));
      now = second;
    }
    return second.text();
  }

  /** So that nobody can write lines, or a terminal's commands, by what they ask for. */
  private static void appendEscaped(StringBuilder line, String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c > ' ' && c < 0x7f && c != '"' && c != '\\') {
        line.append(c);
      } else {
        line.append(String.format("\\x%02x", (int) c));
      }
    }
  }

  /** Every line is out already: there is nothing to lose. */
  @Override
  public void close() {
    try {
      out.close();
    } catch (IOException e) {
      warnings.accept("access log: " + e.getMessage());
    }
  }
}
