package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** docs/lenet.ipynb is docs/tutorial.md. CI executes it. */
final class TutorialNotebookTest {

  private static final Path DOCS = Path.of("..").resolve(TutorialNotebook.DOCS);
  private static final Path NOTEBOOK = DOCS.resolve("lenet.ipynb");

  private static String tutorial() throws IOException {
    return Files.readString(DOCS.resolve("tutorial.md"));
  }

  @Test
  void hasTheTutorialsCells() throws IOException {
    JsonNode there = TutorialNotebook.withoutOutputs(TutorialNotebook.read(NOTEBOOK));

    assertEquals(
        TutorialNotebook.convert(tutorial()).toPrettyString(),
        there.toPrettyString(),
        "docs/lenet.ipynb is not docs/tutorial.md: run TutorialNotebook's main (CONTRIBUTING.md)");
  }

  @Test
  void hasTheTutorialsOutputs() throws IOException {
    JsonNode notebook = TutorialNotebook.read(NOTEBOOK);

    assertEquals(List.of(), TutorialNotebook.otherOutputs(notebook, tutorial()));
    JsonNode empty = TutorialNotebook.withoutOutputs(notebook);
    assertNotEquals(List.of(), TutorialNotebook.otherOutputs(empty, tutorial()));
  }

  @Test
  void hasTheFigures() throws IOException {
    String notebook = Files.readString(NOTEBOOK);

    assertEquals(6, notebook.split("\"image/png\"", -1).length - 1); // five drawings, one image
    assertTrue(Files.size(NOTEBOOK) < 500_000);
  }
}
