package io.github.lenet.data.internal;

import java.nio.file.Path;

/**
 * The user's home directory, also where Java finds none: for a user without an entry in the
 * system's list, as in many containers, Java 17 has {@code ?}.
 */
public final class HomeDirectory {

  private static final String PROPERTY = "user.home";

  private HomeDirectory() {}

  /** {@return the home directory; without one {@code $HOME}, else the temporary directory} */
  public static Path path() {
    return path(
        System.getProperty(PROPERTY, ""),
        System.getenv().getOrDefault("HOME", ""),
        System.getProperty("java.io.tmpdir"));
  }

  static Path path(String... candidates) {
    for (String candidate : candidates) {
      if (Path.of(candidate).isAbsolute()) {
        return Path.of(candidate);
      }
    }
    return Path.of("").toAbsolutePath();
  }

  /** Lets the rest of this JVM know it: libraries unpack their natives there. */
  public static void settle() {
    System.setProperty(PROPERTY, path().toString());
  }
}
