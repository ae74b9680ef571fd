package io.github.lenet.cli.output;

import io.github.lenet.model.internal.LinkageErrors;
import java.io.File;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;

/** Finds TensorFlow's native library on the class path, without loading it. */
public final class TensorFlowNatives {

  private static final String ARTIFACT = "org.tensorflow:tensorflow-core-native";
  private static final List<String> PUBLISHED =
      List.of("linux-x86_64", "linux-x86_64-gpu", "linux-arm64", "macosx-arm64", "windows-x86_64");

  private TensorFlowNatives() {}

  /** {@return TensorFlow Java's name for this machine, such as {@code linux-x86_64}} */
  public static String platform() {
    return platform(System.getProperty("os.name"), System.getProperty("os.arch"));
  }

  /** {@return TensorFlow Java's name for a machine with these system properties} */
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

  /** {@return the classifier of the natives on the class path; the GPU's wins, as in loading} */
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
   * Explains why TensorFlow could not be loaded, and what to do.
   *
   * @param failure an UnsatisfiedLinkError of loading, or a consequence of an earlier one
   */
  public static String explain(LinkageError failure) {
    if (!LinkageErrors.isAboutNatives(failure)) {
      return "the class path has other versions than this program was built with (%s). Build it again: ./mvnw clean package"
          .formatted(failure);
    }
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

  /** Names the directory into which JavaCPP unpacks the library from the jar before loading it. */
  private static String cannotBeLoaded(LinkageError failure) {
    String found = "TensorFlow's native library cannot be loaded: ";
    String elsewhere = "LENET_JAVA_OPTS=-Dorg.bytedeco.javacpp.cachedir=DIR";
    try {
      File directory = Loader.getCacheDir();
      return String.format(
          Locale.ROOT,
          "%s%s. It is unpacked into %s (0.7 GB, or 1.3 GB for GPUs; %.1f GB are free). Free"
              + " space, delete the directory if it is corrupt, or set another one: %s",
          found,
          LinkageErrors.rootMessage(failure),
          directory,
          directory.getUsableSpace() / 1e9,
          elsewhere);
    } catch (IOException e) {
      return found + "there is no directory to unpack it into. Set one: " + elsewhere;
    }
  }
}
