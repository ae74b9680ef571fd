package io.github.lenet.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;

/**
 * A document whose blocks of Java go into one {@code jshell}, in order, as its reader would paste
 * them. Runs in this process; closing it leaves the variables behind.
 */
final class Notebook implements AutoCloseable {

  /** A block of Java, and what the document says it prints, if there is a block for that. */
  static final Pattern CELL =
      Pattern.compile("```java\n(.*?)```\n(?:\n```text(?: ±(\\S+))?\n(.*?)```\n)?", Pattern.DOTALL);

  /**
   * A block of Java.
   *
   * @param code as it stands there
   * @param shown what follows as its output; empty if none does
   * @param tolerance by which a printed number may differ from the shown one
   */
  record Cell(String code, Optional<String> shown, double tolerance) {

    static Cell of(MatchResult match) {
      return new Cell(
          match.group(1),
          Optional.ofNullable(match.group(3)),
          match.group(2) == null ? 0 : Double.parseDouble(match.group(2)));
    }

    @Override
    public String toString() {
      return code.lines().findFirst().orElse("");
    }
  }

  private final JShell shell = JShell.builder().executionEngine("local").build();

  Notebook() {
    shell.addToClasspath(System.getProperty("java.class.path"));
  }

  static List<Cell> cells(Path document) throws IOException {
    return CELL.matcher(Files.readString(document)).results().map(Cell::of).toList();
  }

  /** Runs a block, and returns what it printed; a block that does not run is an error. */
  String run(String code) {
    PrintStream before = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      evaluate(code);
    } finally {
      System.setOut(before);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  /** The value of an expression, as text. */
  String value(String expression) {
    List<SnippetEvent> events = evaluate(expression);
    return events.get(events.size() - 1).value();
  }

  private List<SnippetEvent> evaluate(String code) {
    List<SnippetEvent> all = new ArrayList<>();
    String rest = code;
    while (!rest.isBlank()) {
      CompletionInfo next = shell.sourceCodeAnalysis().analyzeCompletion(rest);
      if (!next.completeness().isComplete()) {
        throw new AssertionError(next.completeness() + ": " + rest);
      }
      for (SnippetEvent event : shell.eval(next.source())) {
        if (event.causeSnippet() == null) { // what was asked for, not what it made possible
          require(event);
          all.add(event);
        }
      }
      rest = next.remaining();
    }
    return all;
  }

  private void require(SnippetEvent event) {
    if (event.exception() != null) {
      throw new AssertionError(event.snippet().source(), event.exception());
    }
    if (event.status() != Snippet.Status.VALID) {
      List<String> why =
          shell.diagnostics(event.snippet()).map(found -> found.getMessage(null)).toList();
      throw new AssertionError(event.status() + " " + why + ": " + event.snippet().source());
    }
  }

  @Override
  public void close() {
    shell.close();
  }

  /** Text with its numbers taken out, so that they can be compared by size. */
  record Output(String text, List<Double> numbers) {

    private static final Pattern NUMBER = Pattern.compile("-?\\d+(?:\\.\\d+)?(?:E-?\\d+)?");

    static Output of(String printed) {
      String trimmed =
          printed.lines().map(String::stripTrailing).reduce("", (a, b) -> a + b + "\n");
      Matcher matcher = NUMBER.matcher(trimmed);
      List<Double> numbers = matcher.results().map(n -> Double.valueOf(n.group())).toList();
      return new Output(matcher.replaceAll("#"), numbers);
    }

    /** Whether the other says the same in the same words, but for so much in each number. */
    boolean isWithin(double tolerance, Output other) {
      if (!text.equals(other.text) || numbers.size() != other.numbers.size()) {
        return false;
      }
      for (int i = 0; i < numbers.size(); i++) {
        if (!(Math.abs(numbers.get(i) - other.numbers.get(i)) <= tolerance)) {
          return false;
        }
      }
      return true;
    }
  }
}
