package io.github.lenet.cli.output;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/**
 * The versions that the build recorded. Asking TensorFlow for its version would load it.
 *
 * @param lenet this project's version
 * @param tensorFlowJava the version of TensorFlow Java
 * @param tensorFlow the version of TensorFlow in its natives
 */
public record Versions(String lenet, String tensorFlowJava, String tensorFlow) {

  private static final String RESOURCE = "versions.properties";

  public Versions {
    Objects.requireNonNull(lenet, "lenet");
    Objects.requireNonNull(tensorFlowJava, "tensorFlowJava");
    Objects.requireNonNull(tensorFlow, "tensorFlow");
  }

  public static Versions ofThisBuild() {
    Properties properties = new Properties();
    try (InputStream resource = Versions.class.getResourceAsStream(RESOURCE)) {
      properties.load(Objects.requireNonNull(resource, RESOURCE));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Versions(
        properties.getProperty("lenet"),
        properties.getProperty("tensorflow-java"),
        properties.getProperty("tensorflow"));
  }

  /** {@return the version and vendor of the running Java, such as "17.0.15 (Debian)"} */
  public static String java() {
    return "%s (%s)"
        .formatted(System.getProperty("java.version"), System.getProperty("java.vendor"));
  }

  /** Provides the output of {@code lenet --version}. */
  public static final class Provider implements IVersionProvider {
    @Override
    public String[] getVersion() {
      Versions versions = ofThisBuild();
      return new String[] {
        "lenet " + versions.lenet(),
        "TensorFlow Java %s (TensorFlow %s)"
            .formatted(versions.tensorFlowJava(), versions.tensorFlow()),
        "Java " + java()
      };
    }
  }
}
