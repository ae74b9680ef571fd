package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.model.LeNetModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The documentation's Java compiles and runs, and its tables are what the commands print. */
class ReadmeExamplesTest {

  private static final Path ROOT = Path.of("..");
  private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern CLASS = Pattern.compile("public class (\\w+)");

  private static final Path TROUSERS =
      ROOT.resolve("docs/examples/embedding/src/main/resources/example/trousers.png");

  @TempDir Path directory;

  static Stream<String> examples() {
    return Stream.of("README.md", "docs/embedding.md", "docs/images.md")
        .flatMap(ReadmeExamplesTest::examples);
  }

  private static Stream<String> examples(String document) {
    try {
      String text = Files.readString(ROOT.resolve(document));
      return JAVA.matcher(text).results().map(MatchResult::group);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void thereIsAnExampleForEachWayToUseIt() throws IOException {
    assertEquals(2, examples("README.md").count());
    assertEquals(5, examples("docs/embedding.md").count());
    assertEquals(1, examples("docs/images.md").count());
  }

  @ParameterizedTest
  @MethodSource("examples")
  void compilesAndRuns(String block) throws Exception {
    String code = asClass(block.substring(block.indexOf('\n') + 1, block.lastIndexOf("```")));
    compile(code);
    DrawnPhotos.draw(directory.resolve("photos"), 5);
    // Not run as they are: a download, ten epochs, a file below the working directory.
    String className =
        compile(
            code.replace("io.github.lenet.data.FashionMnist", "io.github.lenet.data.SampleGarments")
                .replace("FashionMnist.load()", "SampleGarments.load()")
                .replace("shoe.jpg", TROUSERS.toAbsolutePath().toString())
                .replace("epochs(10)", "epochs(1)")
                .replace("\"photos\"", "\"" + directory.resolve("photos") + "\"")
                .replace("lenet.onnx", directory.resolve("lenet.onnx").toString())
                .replace("models/lenet/1", directory.resolve("models/lenet/1").toString()));
    try (URLClassLoader loader = new URLClassLoader(new URL[] {directory.toUri().toURL()})) {
      loader
          .loadClass(className)
          .getMethod("main", String[].class)
          .invoke(null, (Object) new String[0]);
    }
    if (code.contains("models/lenet/1")) {
      LeNetModel.load(directory.resolve("models/lenet/1"));
    }
  }

  /** Statements, as a reader would put them into a method of their own. */
  private static String asClass(String code) {
    if (CLASS.matcher(code).find()) {
      return code;
    }
    return """
        import io.github.lenet.data.*;
        import io.github.lenet.model.*;
        import io.github.lenet.training.*;
        import io.github.lenet.training.images.*;
        import io.github.lenet.training.onnx.*;
        import java.nio.file.Path;

        public class Example {
          public static void main(String[] args) throws Exception {
        %s  }
        }
        """
        .formatted(code);
  }

  /** Returns the name of the class. */
  private String compile(String code) throws IOException {
    var className = CLASS.matcher(code);
    assertTrue(className.find(), code);
    Path source = Files.writeString(directory.resolve(className.group(1) + ".java"), code);
    int compiled =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-Xlint:all,-path",
                "-Werror",
                "-proc:none",
                "-d",
                directory.toString(),
                source.toString());
    assertEquals(0, compiled, code);
    return className.group(1);
  }

  @Test
  void summaryIsWhatTheCommandPrints() throws IOException {
    String document = Files.readString(ROOT.resolve("docs/training.md"));
    Cli summary = Cli.run("summary");

    List<String> missing =
        summary.out().lines().filter(line -> !document.contains("    " + line + "\n")).toList();
    assertEquals(List.of(), missing);
  }
}
