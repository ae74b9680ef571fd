package io.github.lenet.cli;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lenet.cli.Notebook.Cell;
import io.github.lenet.cli.Notebook.Output;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * docs/lenet.ipynb: docs/tutorial.md as a Jupyter notebook. The tutorial's blocks of Java are its
 * cells, the tutorial's images are outputs, and a comment {@code <!-- notebook: CODE -->} is a cell
 * that the tutorial does not have.
 */
final class TutorialNotebook {

  static final Path DOCS = Path.of("docs");

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final DefaultPrettyPrinter PRINTER =
      new DefaultPrettyPrinter()
          .withArrayIndenter(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE.withLinefeed("\n"))
          .withObjectIndenter(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE.withLinefeed("\n"));

  /** A cell of Java with its shown output, an image, or a comment with a cell. */
  private static final Pattern PART =
      Pattern.compile(
          Notebook.CELL.pattern() + "|!\\[[^\\]]+]\\((\\S+)\\)|<!-- notebook: (.*?) -->",
          Pattern.DOTALL);

  /** The section on jshell, instead of which the notebook has its own. */
  private static final Pattern JSHELL =
      Pattern.compile("## To follow along\n.*?(?=## )", Pattern.DOTALL);

  private static final String SETUP =
      """
      ## To follow along

      You need Jupyter and a JDK 17 or newer. These lines, in the project's directory, put the library into your local Maven
      repository and install a Java kernel (MIT licence):

          ./mvnw install -DskipTests
          ./mvnw -N dependency:copy -Dartifact=io.github.padreati:rapaio-jupyter-kernel:3.0.1 -DoutputDirectory=target
          java -jar target/rapaio-jupyter-kernel-3.0.1.jar -i -auto

      The kernel keeps its own copy of the library: after a change, run all three lines again. Version 3.0.1 sometimes does
      not start: restart it then.

      The first cell adds the library, and TensorFlow for your platform: `linux-x86_64`, `linux-arm64`, `macosx-arm64` or
      `windows-x86_64`. The second cell defines how figures are shown. The cells use each other's variables: run them in
      order. Where training is involved, the last digits may be others on your processor.
      """;

  private static final String DEPENDENCIES =
      """
      %dependency /add-repo local file://\\{System.getProperty("user.home")}/.m2/repository
      %dependency /add io.github.lenet:lenet-training:0.1.0-SNAPSHOT
      %dependency /add org.tensorflow:tensorflow-core-native:jar:linux-x86_64:1.1.0
      %dependency /resolve
      """;

  private static final String FIGURE =
      """
      import java.nio.file.*;
      import org.rapaio.jupyter.kernel.display.DisplayData;

      DisplayData figure(Path svg) throws Exception {
        DisplayData figure = DisplayData.fromText(svg.getFileName().toString());
        figure.putData("image/svg+xml", Files.readString(svg));
        return figure;
      }
      """;

  private TutorialNotebook() {}

  /**
   * Executes the notebook, checks its outputs, and writes it. To be run in the project's directory.
   *
   * @param arguments the file to write
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    String tutorial = Files.readString(DOCS.resolve("tutorial.md"));
    ObjectNode notebook = convert(tutorial);
    takeOutputs(notebook, execute(notebook));
    List<String> others = otherOutputs(notebook, tutorial);
    if (!others.isEmpty()) {
      System.err.println("error: not what docs/tutorial.md shows:\n" + String.join("\n", others));
      System.exit(1);
    }
    Files.writeString(
        Path.of(arguments[0]), JSON.writer(PRINTER).writeValueAsString(notebook) + "\n");
  }

  static JsonNode read(Path file) throws IOException {
    return JSON.readTree(file.toFile());
  }

  /** {@return the tutorial as a notebook without outputs} */
  static ObjectNode convert(String tutorial) {
    ArrayNode cells = JSON.createArrayNode();
    Matcher jshell = JSHELL.matcher(tutorial);
    if (!jshell.find()) {
      throw new IllegalArgumentException("the tutorial has no section " + JSHELL);
    }
    addText(cells, tutorial.substring(0, jshell.start()) + SETUP);
    addCode(cells, DEPENDENCIES);
    addCode(cells, FIGURE);
    String rest = tutorial.substring(jshell.end());
    int end = 0;
    for (MatchResult part : PART.matcher(rest).results().toList()) {
      addText(cells, rest.substring(end, part.start()));
      addCode(cells, code(part));
      end = part.end();
    }
    addText(cells, rest.substring(end));

    ObjectNode notebook = JSON.createObjectNode();
    notebook.set("cells", cells);
    ObjectNode metadata = notebook.putObject("metadata");
    metadata
        .putObject("kernelspec")
        .put("display_name", "Java")
        .put("language", "java")
        .put("name", "rapaio-jupyter-kernel");
    metadata.putObject("language_info").put("file_extension", ".java").put("name", "java");
    return notebook.put("nbformat", 4).put("nbformat_minor", 5);
  }

  private static String code(MatchResult part) {
    if (part.group(1) != null) {
      return part.group(1);
    }
    if (part.group(5) != null) {
      return part.group(5);
    }
    String image = part.group(4);
    return image.endsWith(".svg") ? "figure(Path.of(\"" + image + "\"))" : "%image " + image;
  }

  private static void addText(ArrayNode cells, String text) {
    if (!text.isBlank()) {
      add(cells, "markdown", text);
    }
  }

  private static void addCode(ArrayNode cells, String code) {
    ObjectNode cell = add(cells, "code", code);
    cell.putNull("execution_count");
    cell.putArray("outputs");
  }

  private static ObjectNode add(ArrayNode cells, String type, String source) {
    ObjectNode cell = cells.addObject();
    cell.put("cell_type", type).put("id", "cell-" + cells.size()).putObject("metadata");
    cell.set("source", lines(source.strip()));
    return cell;
  }

  /** Text as notebooks have it: a list of lines with their ends. */
  private static ArrayNode lines(String text) {
    ArrayNode lines = JsonNodeFactory.instance.arrayNode();
    for (String line : text.split("(?<=\n)")) {
      lines.add(line);
    }
    return lines;
  }

  private static String text(JsonNode lines) {
    StringBuilder text = new StringBuilder(lines.asText());
    lines.forEach(line -> text.append(line.asText()));
    return text.toString();
  }

  /** Executes with Jupyter's nbconvert; an exception in a cell is an error. */
  private static JsonNode execute(JsonNode notebook) throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("notebook");
    Path in = directory.resolve("in");
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    try {
      JSON.writeValue(in.toFile(), notebook);
      ProcessBuilder nbconvert =
          new ProcessBuilder(
                  "jupyter-nbconvert",
                  "--stdin",
                  "--stdout",
                  "--to",
                  "notebook",
                  "--execute",
                  "--ExecutePreprocessor.startup_timeout=20")
              .directory(DOCS.toFile())
              .redirectInput(in.toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      for (int attempt = 1; nbconvert.start().waitFor() != 0; attempt++) {
        String message = Files.readString(err);
        // rapaio-jupyter-kernel 3.0.1: a channel's thread ends if it begins too early.
        if (attempt == 10 || !message.contains("RuntimeError: Kernel ")) {
          throw new IOException(message);
        }
      }
      return read(out);
    } finally {
      SampleRun.delete(directory);
    }
  }

  /** Takes the executed cells' outputs, but for the list of this machine's libraries. */
  private static void takeOutputs(JsonNode notebook, JsonNode executed) throws IOException {
    for (int i = 0; i < notebook.get("cells").size(); i++) {
      if (!(notebook.at("/cells/" + i) instanceof ObjectNode cell) || !cell.has("outputs")) {
        continue;
      }
      JsonNode from = executed.at("/cells/" + i);
      cell.set("execution_count", from.get("execution_count"));
      if (text(cell.get("source")).startsWith("%dependency")) {
        continue;
      }
      ArrayNode outputs = cell.putArray("outputs");
      String printed = printed(from);
      if (!printed.isEmpty()) {
        outputs
            .addObject()
            .put("name", "stdout")
            .put("output_type", "stream")
            .set("text", lines(printed));
      }
      for (JsonNode output : from.get("outputs")) {
        if (output.has("data")) {
          ObjectNode data = JSON.createObjectNode();
          for (Map.Entry<String, JsonNode> entry : output.get("data").properties()) {
            String content = text(entry.getValue());
            if (entry.getKey().equals("image/svg+xml")) {
              data.put("image/png", Base64.getEncoder().encodeToString(png(content)));
            } else {
              data.set(entry.getKey(), lines(content));
            }
          }
          ObjectNode result = outputs.addObject();
          result.set("data", data);
          result.set("execution_count", cell.get("execution_count"));
          result.putObject("metadata");
          result.put("output_type", "execute_result");
        }
      }
    }
  }

  /** Web pages that show notebooks remove SVG. */
  private static byte[] png(String svg) throws IOException {
    Process rsvg = new ProcessBuilder("rsvg-convert").start();
    try (OutputStream in = rsvg.getOutputStream()) { // it writes only after it has read all
      in.write(svg.getBytes(StandardCharsets.UTF_8));
    }
    return rsvg.getInputStream().readAllBytes();
  }

  /** What a cell printed, to either stream. */
  private static String printed(JsonNode cell) {
    StringBuilder printed = new StringBuilder();
    cell.get("outputs").forEach(output -> printed.append(text(output.path("text"))));
    return printed.toString();
  }

  /** {@return the cells whose outputs are not those that the tutorial shows, and these outputs} */
  static List<String> otherOutputs(JsonNode notebook, String tutorial) {
    List<String> others = new ArrayList<>();
    List<Cell> shown = Notebook.CELL.matcher(tutorial).results().map(Cell::of).toList();
    int seen = 0;
    for (JsonNode cell : notebook.get("cells")) {
      if (seen < shown.size() && text(cell.get("source")).equals(shown.get(seen).code().strip())) {
        Cell expected = shown.get(seen++);
        String printed = printed(cell);
        if (!Output.of(printed)
            .isWithin(expected.tolerance(), Output.of(expected.shown().orElse("")))) {
          others.add(expected + "\n" + printed);
        }
      }
    }
    shown.subList(seen, shown.size()).forEach(cell -> others.add(cell + ": no such cell"));
    return others;
  }

  /** {@return the cells without outputs, and without the number in which they were executed} */
  static JsonNode withoutOutputs(JsonNode notebook) {
    JsonNode copy = notebook.deepCopy();
    for (JsonNode node : copy.get("cells")) {
      if (node instanceof ObjectNode cell && cell.has("outputs")) {
        cell.putNull("execution_count").putArray("outputs");
      }
    }
    return copy;
  }
}
