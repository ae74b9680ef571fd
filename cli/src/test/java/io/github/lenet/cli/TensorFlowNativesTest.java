package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TensorFlowNativesTest {

  @Test
  void namesPlatformsAsTheArtifactsDo() {
    assertEquals("linux-x86_64", TensorFlowNatives.platform("Linux", "amd64"));
    assertEquals("linux-arm64", TensorFlowNatives.platform("Linux", "aarch64"));
    assertEquals("macosx-arm64", TensorFlowNatives.platform("Mac OS X", "aarch64"));
    assertEquals("windows-x86_64", TensorFlowNatives.platform("Windows Server 2022", "amd64"));
  }

  @Test
  void findsTheNativesOfTheTests() {
    assertTrue(TensorFlowNatives.variant().orElseThrow().startsWith(TensorFlowNatives.platform()));
  }

  @Test
  void tellsWhichArtifactIsMissing(@TempDir Path directory) throws Exception {
    String natives = "tensorflow-core-native-.*-" + TensorFlowNatives.platform() + ".*\\.jar";
    String without =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !Path.of(entry).getFileName().toString().matches(natives))
            .collect(Collectors.joining(File.pathSeparator));

    Cli cli =
        new ChildJvm(directory)
            .withClassPath(without)
            .run("train", "--dataset", "sample", "--output", "run");

    assertEquals(ExitStatus.FAILED, cli.status());
    assertEquals(1, cli.errLines().size(), cli.err());
    assertTrue(Files.notExists(directory.resolve("run")));
    assertTrue(cli.err().contains("org.tensorflow:tensorflow-core-native"), cli.err());
    assertTrue(cli.err().contains("classifier " + TensorFlowNatives.platform()), cli.err());
  }
}
