package io.github.lenet.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;

/** Which compiled half of TensorFlow Java is on the class path. Loads none of it. */
final class TensorFlowNatives {

  private static final String ARTIFACT = "org.tensorflow:tensorflow-core-native";
  private static final List<String> PUBLISHED =
      List.of("linux-x86_64", "linux-x86_64-gpu", "linux-arm64", "macosx-arm64", "windows-x86_64");

  /** What the natives take once they are unpacked; the GPU's take more. */
  private static final long UNPACKED_BYTES = 700_000_000;

  private TensorFlowNatives() {}

  /** This machine, in TensorFlow Java's words: {@code linux-x86_64}. */
  static String platform() {
    return platform(System.getProperty("os.name"), System.getProperty("os.arch"));
  }

  static String platform(String osName, String osArchitecture) {
    String os = osName.toLowerCase(Locale.ROOT);
    String system = os.startsWith("mac") ? "macosx" : os.split(" ")[0];
    String processor =
        switch (osArchitecture.toLowerCase(Locale.ROOT)) {
          case "amd64", "x86_64", "x64" -> "x86_64";
          case "aarch64", "arm64" -> "arm64";
          default -> osArchitecture;
        };
    return system + "-" + processor;
  }

  /** The classifier of the natives on the class path; the GPU's wins, as it does in loading. */
  static Optional<String> variant() {
    return Stream.of(platform() + "-gpu", platform())
        .filter(TensorFlowNatives::isOnClassPath)
        .findFirst();
  }

  private static boolean isOnClassPath(String classifier) {
    String folder = "/org/tensorflow/internal/c_api/" + classifier + "/";
    return Stream.of("libjnitensorflow.so", "libjnitensorflow.dylib", "jnitensorflow.dll")
        .anyMatch(library -> TensorFlowNatives.class.getResource(folder + library) != null);
  }

  /**
   * Says why TensorFlow could not be loaded, and what to do.
   *
   * @param failure what loading threw: an UnsatisfiedLinkError, or what follows from an earlier one
   */
  static String explain(LinkageError failure) {
    String platform = platform();
    if (variant().isPresent()) {
      return "TensorFlow's native library can't be loaded: " + rootMessage(failure) + room();
    }
    if (!PUBLISHED.contains(platform)) {
      return "TensorFlow Java has no natives for %s, only for %s"
          .formatted(platform, String.join(", ", PUBLISHED));
    }
    return "TensorFlow's natives for %s are not on the class path: add %s:%s, classifier %s"
        .formatted(platform, ARTIFACT, Versions.ofThisBuild().tensorFlowJava(), platform);
  }

  /** What JavaCPP leaves unsaid: that the library may not have fitted where it is unpacked to. */
  private static String room() {
    Path cache;
    long free;
    try {
      cache = Loader.getCacheDir().toPath();
      free = Files.getFileStore(cache).getUsableSpace();
    } catch (IOException e) {
      return "; there is no directory that it could be unpacked to: " + e.getMessage();
    }
    return free >= UNPACKED_BYTES
        ? ""
        : String.format(
            Locale.ROOT,
            "; it may not fit into %s, which has %.1f MB free where %.0f are needed. Make room, or"
                + " name another directory: -Dorg.bytedeco.javacpp.cachedir=DIR in LENET_JAVA_OPTS",
            cache,
            free / 1e6,
            UNPACKED_BYTES / 1e6);
  }

  private static String rootMessage(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage()).lines().findFirst().orElse("");
  }
}
