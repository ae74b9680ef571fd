package io.github.lenet.model;

import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Properties;
import org.bytedeco.javacpp.Loader;
import org.tensorflow.Operand;

/** Says what is missing where TensorFlow's compiled half can't be loaded. Loads none of it. */
final class TensorFlowNatives {

  private static final String POM_PROPERTIES =
      "/META-INF/maven/org.tensorflow/tensorflow-core-api/pom.properties";

  private TensorFlowNatives() {}

  /**
   * Explains why nothing of TensorFlow can be used.
   *
   * @param failure what the first use threw, or a later one, which tells less
   */
  static IllegalStateException explain(LinkageError failure) {
    return new IllegalStateException(
        ("TensorFlow's native library cannot be loaded: expected"
                + " org.tensorflow:tensorflow-core-native:%s:%s among the application's libraries,"
                + " found none that works (%s). Add it; if it is there, see to"
                + " the directory that it is unpacked into, %s.")
            .formatted(
                version(),
                classifier(System.getProperty("os.name"), System.getProperty("os.arch")),
                rootMessage(failure),
                unpackedInto()),
        failure);
  }

  /** A platform in the words of TensorFlow Java's artifacts: {@code linux-x86_64}. */
  static String classifier(String osName, String osArchitecture) {
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

  /** The version of the Java half, which the native one must have too. */
  static String version() {
    try (InputStream properties = Operand.class.getResourceAsStream(POM_PROPERTIES)) {
      Properties values = new Properties();
      if (properties != null) {
        values.load(properties);
      }
      return values.getProperty("version", "<version of tensorflow-core-api>");
    } catch (IOException e) {
      return "<version of tensorflow-core-api>";
    }
  }

  /** The library is loaded from a file, which JavaCPP takes out of the jar. */
  private static String unpackedInto() {
    try {
      return Loader.getCacheDir() + " (0.7 GB)";
    } catch (IOException e) {
      return e.getMessage();
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
