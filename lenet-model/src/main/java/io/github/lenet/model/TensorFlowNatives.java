package io.github.lenet.model;

import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Properties;
import org.bytedeco.javacpp.Loader;
import org.tensorflow.Operand;

/** Explains why TensorFlow's native library can't be loaded. Does not load it. */
final class TensorFlowNatives {

  private static final String POM_PROPERTIES =
      "/META-INF/maven/org.tensorflow/tensorflow-core-api/pom.properties";

  private TensorFlowNatives() {}

  /**
   * Creates an exception that names the missing artifact.
   *
   * @param failure the error of the first use, or of a later one, which has fewer details
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

  /** {@return the platform's classifier among TensorFlow Java's artifacts: {@code linux-x86_64}} */
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

  /** {@return the version of TensorFlow's Java API, which the native library must share} */
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

  /** {@return the directory into which JavaCPP unpacks the library from the jar} */
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
