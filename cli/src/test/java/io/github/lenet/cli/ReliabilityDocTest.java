package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The tests that {@code docs/reliability.md} names are there, and so are all targets of fuzzing.
 */
class ReliabilityDocTest {

  private static final Path ROOT = Path.of("..");
  private static final Pattern NAMED = Pattern.compile("`(\\w+Test)(?:\\.(\\w+))?`");

  @Test
  void namesTestsThatAreThere() throws IOException {
    Map<String, String> sources = sourcesOfTests();
    Set<String> wrong = new TreeSet<>();
    Set<String> named = new TreeSet<>();
    for (MatchResult match : NAMED.matcher(document()).results().toList()) {
      String source = sources.getOrDefault(match.group(1), "");
      boolean isThere =
          match.group(2) == null ? !source.isEmpty() : source.contains(" " + match.group(2) + "(");
      (isThere ? named : wrong).add(match.group());
    }
    assertEquals(Set.of(), wrong);
    assertTrue(named.size() > 50, named::toString);
  }

  @Test
  void namesEveryTargetOfFuzzing() throws IOException {
    String document = document();
    Set<String> missing =
        sourcesOfTests().keySet().stream()
            .filter(name -> name.endsWith("FuzzTest") && !document.contains('`' + name + '`'))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(Set.of(), missing);
  }

  private static String document() throws IOException {
    return Files.readString(ROOT.resolve("docs/reliability.md"));
  }

  /** By the name of the class. */
  private static Map<String, String> sourcesOfTests() throws IOException {
    try (Stream<Path> files =
        Stream.of("data", "lenet-model", "training", "cli")
            .map(module -> ROOT.resolve(module + "/src/test/java"))
            .flatMap(ReliabilityDocTest::tree)) {
      return files
          .filter(file -> file.toString().endsWith("Test.java"))
          .collect(
              Collectors.toMap(
                  file -> file.getFileName().toString().replace(".java", ""),
                  ReliabilityDocTest::read,
                  (one, other) -> one + other)); // TensorFlowNativesTest is in two modules
    }
  }

  private static Stream<Path> tree(Path directory) {
    try {
      return Files.walk(directory);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
