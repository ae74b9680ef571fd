package io.github.lenet.data.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

class HomeDirectoryTest {

  @Test
  void noHomeIsNoHome() {
    String home = Path.of("home").toAbsolutePath().toString();
    String other = Path.of("other").toAbsolutePath().toString();
    String temporary = Path.of("temporary").toAbsolutePath().toString();
    assertEquals(Path.of(home), HomeDirectory.path(home, other, temporary));
    assertEquals(Path.of(other), HomeDirectory.path("", other, temporary));
    assertEquals(Path.of(temporary), HomeDirectory.path("", "relative", temporary));
  }

  /** No path on Windows, where Java has no such home. */
  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aQuestionMarkIsNoHome() {
    assertEquals(Path.of("/b"), HomeDirectory.path("?", "/b", "/tmp"));
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void theRestOfTheJvmKnowsIt() {
    String before = System.getProperty("user.home");
    try {
      System.setProperty("user.home", "?");
      HomeDirectory.settle();
      assertEquals(HomeDirectory.path().toString(), System.getProperty("user.home"));
      assertTrue(HomeDirectory.path().isAbsolute());
    } finally {
      System.setProperty("user.home", before);
    }
  }
}
