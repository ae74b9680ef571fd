package io.github.lenet.cli.output;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.cli.ChildJvm;
import io.github.lenet.cli.Cli;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

public final class TensorFlowNativesTest {

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
  void doesNotTakeEveryLinkageErrorForMissingNatives() {
    String message = TensorFlowNatives.explain(new NoSuchMethodError("org.tensorflow.Graph.x()"));
    assertTrue(message.contains("other versions than this program was built with"), message);
    assertTrue(message.contains("NoSuchMethodError: org.tensorflow.Graph.x()"), message);
  }

  @Test
  void tellsWhichArtifactIsMissing(@TempDir Path directory) throws Exception {
    Cli cli = train(directory, new ChildJvm(directory).withClassPath(classPathWithoutNatives()));

    assertTrue(cli.err().contains("org.tensorflow:tensorflow-core-native"), cli.err());
    assertTrue(cli.err().contains("classifier " + TensorFlowNatives.platform()), cli.err());
  }

  /** A jar that was fetched by half, say; or whose files were unpacked by half. */
  @Test
  void tellsWhatIsWrongWithTheLibraryAndWhereItIsUnpacked(@TempDir Path directory)
      throws Exception {
    String folder = "org/tensorflow/internal/c_api/" + TensorFlowNatives.platform() + "/";
    Path garbage = directory.resolve("natives");
    Files.createDirectories(garbage.resolve(folder));
    for (String library :
        List.of("libjnitensorflow.so", "libjnitensorflow.dylib", "jnitensorflow.dll")) {
      Files.writeString(garbage.resolve(folder).resolve(library), "no library\n".repeat(100));
    }
    Path cache = directory.resolve("javacpp");

    Cli cli =
        train(
            directory,
            new ChildJvm(directory)
                .withOption("-Dorg.bytedeco.javacpp.cachedir=" + cache)
                .withClassPath(classPathWithoutNatives() + File.pathSeparator + garbage));

    assertTrue(
        cli.err()
            .matches(
                "(?s)error: TensorFlow's native library cannot be loaded: .*jnitensorflow.*: .*"),
        cli.err());
    assertTrue(
        !cli.err().contains("java.library.path"), "where it was sought in vain: " + cli.err());
    assertTrue(cli.err().contains("It is unpacked into " + cache), cli.err());
    assertTrue(cli.err().contains("GB are free"), cli.err());
  }

  @Test
  void tellsThatThereIsNoPlaceToUnpackTheLibrary(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "");
    ChildJvm child = new ChildJvm(directory).withOption("-Djna.tmpdir=" + directory);
    for (String place : List.of("org.bytedeco.javacpp.cachedir", "user.home", "java.io.tmpdir")) {
      child.withOption("-D" + place + "=" + file.resolve("below"));
    }

    Cli cli = train(directory, child);

    assertTrue(cli.err().contains("there is no directory to unpack it into"), cli.err());
    assertTrue(cli.err().contains("LENET_JAVA_OPTS=-Dorg.bytedeco.javacpp.cachedir="), cli.err());
  }

  private static Cli train(Path directory, ChildJvm child) throws Exception {
    Cli cli = child.run("train", "--dataset", "sample", "--output", "run");
    assertEquals(ExitCode.FAILED, cli.status());
    assertEquals(1, cli.errLines().size(), cli.err());
    assertTrue(Files.notExists(directory.resolve("run")));
    return cli;
  }

  private static String classPathWithoutNatives() {
    String natives = "tensorflow-core-native-.*-" + TensorFlowNatives.platform() + ".*\\.jar";
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> !Path.of(entry).getFileName().toString().matches(natives))
        .collect(Collectors.joining(File.pathSeparator));
  }
}
