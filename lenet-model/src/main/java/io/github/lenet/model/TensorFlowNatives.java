package io.github.lenet.model;

import io.github.lenet.model.internal.LinkageErrors;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import org.bytedeco.javacpp.Loader;

/** Explains why TensorFlow Java, or its native library, can't be loaded. Does not load it. */
final class TensorFlowNatives {

  private static final String POM_PROPERTIES =
      "META-INF/maven/org.tensorflow/tensorflow-core-api/pom.properties";

  private TensorFlowNatives() {}

  /**
   * Creates an exception that names the missing artifact, or the one that is too much.
   *
   * @param failure the error of the first use, or of a later one, which has fewer details
   */
  static IllegalStateException explain(LinkageError failure) {
    List<String> found = found();
    boolean isAnother =
        found.size() > 1 || found.stream().anyMatch(each -> !each.startsWith(version() + " "));
    if (isAnother || !LinkageErrors.isAboutNatives(failure)) {
      return new IllegalStateException(
          "TensorFlow Java does not fit (%s): expected tensorflow-core-api %s and what it depends on, found %s. Leave only these versions among the application's libraries."
              .formatted(
                  LinkageErrors.rootMessage(failure),
                  version(),
                  found.isEmpty() ? "another" : String.join(", then ", found)),
          failure);
    }
    return new IllegalStateException(
        ("TensorFlow's native library cannot be loaded: expected"
                + " org.tensorflow:tensorflow-core-native:%s:%s among the application's libraries,"
                + " found none that works (%s). Add it; if it is there, see to"
                + " the directory that it is unpacked into, %s.")
            .formatted(
                version(),
                classifier(System.getProperty("os.name"), System.getProperty("os.arch")),
                LinkageErrors.rootMessage(failure),
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

  /** {@return the version of TensorFlow Java that this library was built with} */
  static String version() {
    try (InputStream file = TensorFlowNatives.class.getResourceAsStream("tensorflow.properties")) {
      return version(file);
    } catch (IOException e) {
      throw new IllegalStateException("the library's jar is corrupt", e);
    }
  }

  private static String version(InputStream file) throws IOException {
    Properties values = new Properties();
    values.load(file);
    return values.getProperty("version");
  }

  /** {@return the versions and places of TensorFlow's Java API, in the order of the class path} */
  private static List<String> found() {
    List<String> found = new ArrayList<>();
    try {
      for (URL each :
          Collections.list(TensorFlowNatives.class.getClassLoader().getResources(POM_PROPERTIES))) {
        try (InputStream file = each.openStream()) {
          String place = each.toString().replaceFirst("^jar:", "").replaceFirst("!.*", "");
          found.add("%s (%s)".formatted(version(file), place));
        }
      }
    } catch (IOException e) {
      found.add("an unreadable one (%s)".formatted(e.getMessage()));
    }
    return found;
  }

  /** {@return the directory into which JavaCPP unpacks the library from the jar} */
  private static String unpackedInto() {
    try {
      return Loader.getCacheDir() + " (0.7 GB)";
    } catch (IOException e) {
      return e.getMessage();
    }
  }
}
