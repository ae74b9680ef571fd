package io.github.lenet.cli.output;

import java.io.File;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;

/** Which compiled half of TensorFlow Java is on the class path. Loads none of it. */
public final class TensorFlowNatives {

  private static final String ARTIFACT = "org.tensorflow:tensorflow-core-native";
  private static final List<String> PUBLISHED =
      List.of("linux-x86_64", "linux-x86_64-gpu", "linux-arm64", "macosx-arm64", "windows-x86_64");

  private TensorFlowNatives() {}

  /** This machine, in TensorFlow Java's words: {@code linux-x86_64}. */
  public static String platform() {
    return platform(System.getProperty("os.name"), System.getProperty("os.arch"));
  }

  public static String platform(String osName, String osArchitecture) {
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
  public static Optional<String> variant() {
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
  public static String explain(LinkageError failure) {
    String platform = platform();
    if (variant().isPresent()) {
      return cannotBeLoaded(failure);
    }
    if (!PUBLISHED.contains(platform)) {
      return "TensorFlow Java has no natives for %s, only for %s"
          .formatted(platform, String.join(", ", PUBLISHED));
    }
    return "TensorFlow's natives for %s are not on the class path: add %s:%s, classifier %s"
        .formatted(platform, ARTIFACT, Versions.ofThisBuild().tensorFlowJava(), platform);
  }

  /** The library is loaded from a file, which JavaCPP takes out of the jar. */
  private static String cannotBeLoaded(LinkageError failure) {
    String found = "TensorFlow's native library can't be loaded: ";
    String elsewhere = "LENET_JAVA_OPTS=-Dorg.bytedeco.javacpp.cachedir=DIR";
    try {
      File directory = Loader.getCacheDir();
      return String.format(
          Locale.ROOT,
          "%s%s. It is unpacked into %s (0.7 GB, for GPUs 1.3 GB; %.1f GB are free there): make room,"
              + " or delete what is there if it is corrupt, or name another directory: %s",
          found,
          rootMessage(failure),
          directory,
          directory.getUsableSpace() / 1e9,
          elsewhere);
    } catch (IOException e) {
      return found + "there is no directory that it can be unpacked into. Name one: " + elsewhere;
    }
  }

  private static String rootMessage(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage()).lines().findFirst().orElse("");
  }
}
