package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.lenet.cli.Notebook.Cell;
import io.github.lenet.cli.Notebook.Output;
import io.github.lenet.cli.output.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * docs/tutorial.md: its Java runs and prints what stands there, its figures are what it computes.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Tag("slow")
final class TutorialTest {

  private static final Path DOCUMENT = Path.of("..", "docs", "tutorial.md");
  private static final Pattern COMMAND = Pattern.compile("\\./lenet (\\w+)([^\\n`]*)");
  private static final Pattern OPTION = Pattern.compile("--[\\w-]+");
  private static final Pattern IMAGE = Pattern.compile("!\\[[^\\]]+]\\((\\S+)\\)");

  private static Notebook notebook;

  @BeforeAll
  static void open() {
    notebook = new Notebook();
  }

  @AfterAll
  static void close() {
    try (Notebook closing = notebook) {
      SampleRun.delete(Path.of(closing.value("run.getParent()"))); // what it has trained
    }
  }

  static List<Cell> cells() throws IOException {
    return Notebook.cells(DOCUMENT);
  }

  /** In the order of the document: each uses what those before it have left. */
  @Order(1)
  @ParameterizedTest
  @MethodSource("cells")
  void printsWhatTheDocumentShows(Cell cell) {
    String printed = notebook.run(cell.code());

    String shown = cell.shown().orElse("");
    if (!Output.of(printed).isWithin(cell.tolerance(), Output.of(shown))) {
      assertEquals(shown, printed, cell.toString());
    }
  }

  @Order(2)
  @Test
  void figuresAreDrawnFromTheDocumentsNumbers() throws IOException {
    TutorialFigures.draw(notebook)
        .forEach(
            (name, svg) -> {
              try {
                String there = Files.readString(DOCUMENT.resolveSibling("images").resolve(name));
                // A tenth of a pixel, or of a shade: the slope's last digits are the processor's.
                if (!Output.of(svg).isWithin(0.11, Output.of(there))) {
                  fail(name + " is not what TutorialFigures draws: run its main");
                }
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
  }

  @Test
  void everyBlockOfJavaIsRun() throws IOException {
    String document = Files.readString(DOCUMENT);
    assertEquals(document.split("```java", -1).length - 1, cells().size());
    assertEquals(
        document.split("```text", -1).length - 1,
        cells().stream().filter(cell -> cell.shown().isPresent()).count());
    assertTrue(cells().size() > 10);
  }

  @Test
  void commandsAndTheirOptionsExist() throws IOException {
    List<String> missing = new ArrayList<>();
    int seen = 0;
    for (var command : COMMAND.matcher(Files.readString(DOCUMENT)).results().toList()) {
      seen++;
      Cli help = Cli.run(command.group(1), "--help");
      if (help.status() != ExitCode.DONE) {
        missing.add(command.group());
      }
      OPTION
          .matcher(command.group(2))
          .results()
          .filter(option -> !help.out().contains(option.group()))
          .forEach(option -> missing.add(command.group(1) + " " + option.group()));
    }
    assertEquals(List.of(), missing);
    assertTrue(seen > 3);
  }

  @Test
  void imagesAreThere() throws IOException {
    List<String> images =
        IMAGE.matcher(Files.readString(DOCUMENT)).results().map(image -> image.group(1)).toList();

    assertEquals(
        List.of(),
        images.stream().filter(image -> Files.notExists(DOCUMENT.resolveSibling(image))).toList());
    assertTrue(images.size() > 2);
  }

  @Test
  void noticesOtherNumbersAndOtherWords() {
    Output shown = Output.of("epoch 2, loss 2.31\n");

    assertTrue(Output.of("epoch 2, loss 2.33 \r\n").isWithin(0.03, shown));
    assertFalse(Output.of("epoch 2, loss 2.35\n").isWithin(0.03, shown));
    assertFalse(Output.of("epoch 2, loss -2.31\n").isWithin(0.03, shown));
    assertFalse(Output.of("epoch 2, loss NaN\n").isWithin(0.03, shown));
    assertFalse(Output.of("epoch 2, cost 2.31\n").isWithin(0.03, shown));
    assertFalse(Output.of("epoch 2, loss 2.31 4\n").isWithin(0.03, shown));
    assertFalse(Output.of("").isWithin(0.03, shown));
  }

  @Test
  void noticesCodeThatDoesNotCompileOrThrows() {
    try (Notebook other = new Notebook()) {
      assertEquals(
          "3\n", other.run("int a = 1;\nint b() { return 2; }\nSystem.out.println(a + b());"));
      assertEquals("3", other.value("a + b()"));
      assertThrows(AssertionError.class, () -> other.run("int c = \"\";"));
      assertThrows(AssertionError.class, () -> other.run("int d() { return nothing(); }"));
      assertThrows(AssertionError.class, () -> other.run("a = 1 / 0;"));
      assertThrows(AssertionError.class, () -> other.run("if (a == 1) {"));
    }
  }
}
