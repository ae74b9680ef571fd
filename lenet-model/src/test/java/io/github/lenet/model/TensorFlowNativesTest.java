package io.github.lenet.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Operand;

class TensorFlowNativesTest {

  private static final String CLASS_PATH = System.getProperty("java.class.path");

  @TempDir Path directory;

  @Test
  void namesPlatformsAsTheArtifactsDo() {
    assertEquals("linux-x86_64", TensorFlowNatives.classifier("Linux", "amd64"));
    assertEquals("linux-arm64", TensorFlowNatives.classifier("Linux", "aarch64"));
    assertEquals("macosx-arm64", TensorFlowNatives.classifier("Mac OS X", "aarch64"));
    assertEquals("windows-x86_64", TensorFlowNatives.classifier("Windows 11", "amd64"));
  }

  @Test
  void knowsTheVersionOfTheJavaHalf() {
    Path api = Path.of(Operand.class.getProtectionDomain().getCodeSource().getLocation().getPath());

    assertEquals(
        "tensorflow-core-api-" + TensorFlowNatives.version() + ".jar",
        api.getFileName().toString());
  }

  /** Each time: the first failure of a class's initialiser differs from the later ones. */
  @Test
  void saysEachTimeWhichArtifactIsMissing() throws Exception {
    String without =
        entries(
            entry ->
                !entry.getFileName().toString().matches("tensorflow-core-native-[\\d.]+-.*\\.jar"));
    ChildJvm child = new ChildJvm(directory);
    String printed = child.run(List.of("-cp", without), AskTwice.class.getName());

    assertEquals(0, child.exitValue(), child.errors());
    assertEquals(2, printed.lines().count(), printed);
    String artifact =
        "org.tensorflow:tensorflow-core-native:%s:%s"
            .formatted(
                TensorFlowNatives.version(),
                TensorFlowNatives.classifier(
                    System.getProperty("os.name"), System.getProperty("os.arch")));
    printed.lines().forEach(line -> assertTrue(line.contains(artifact), line));
    printed.lines().forEach(line -> assertTrue(line.endsWith(" true"), line));
  }

  /** A jar of another version, with a class of it, before the one that fits. */
  @Test
  void saysWhichVersionsAreThereAndWhichIsWanted() throws Exception {
    Path other = directory.resolve("tensorflow-core-api-0.5.0.jar");
    try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(other))) {
      jar.putNextEntry(
          new JarEntry("META-INF/maven/org.tensorflow/tensorflow-core-api/pom.properties"));
      jar.write("version=0.5.0".getBytes(StandardCharsets.US_ASCII));
      jar.putNextEntry(new JarEntry("org/tensorflow/Graph.class"));
      jar.write(1);
    }
    ChildJvm child = new ChildJvm(directory);
    String printed =
        child.run(
            List.of("-cp", other + File.pathSeparator + CLASS_PATH), AskTwice.class.getName());

    assertEquals(0, child.exitValue(), child.errors());
    String line = printed.lines().findFirst().orElseThrow();
    assertTrue(line.startsWith("TensorFlow Java does not fit ("), line);
    assertTrue(
        line.contains(
            ": expected tensorflow-core-api %s and what it depends on, found 0.5.0 (%s), then %s ("
                .formatted(
                    TensorFlowNatives.version(),
                    other.toFile().toURI(),
                    TensorFlowNatives.version())),
        line);
  }

  /** Such as of another protobuf. */
  @Test
  void doesNotTakeEveryLinkageErrorForMissingNatives() {
    String message =
        TensorFlowNatives.explain(new NoSuchMethodError("com.google.protobuf.X.y()")).getMessage();
    assertTrue(
        message.startsWith("TensorFlow Java does not fit (com.google.protobuf.X.y()): "), message);
  }

  /** Prints the messages, and whether they have a cause. */
  static final class AskTwice {
    public static void main(String[] arguments) throws IOException {
      for (int i = 0; i < 2; i++) {
        try (LeNetClassifier classifier = LeNetClassifier.pretrained()) {
          System.out.println("has loaded " + classifier);
        } catch (IllegalStateException e) {
          System.out.println(e.getMessage() + " " + (e.getCause() instanceof LinkageError));
        }
      }
    }
  }

  private static String entries(Predicate<Path> wanted) {
    return Arrays.stream(CLASS_PATH.split(File.pathSeparator))
        .filter(entry -> wanted.test(Path.of(entry)))
        .collect(Collectors.joining(File.pathSeparator));
  }
}
