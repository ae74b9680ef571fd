package io.github.lenet.data.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Absolute paths begin otherwise on Windows. */
@DisabledOnOs(OS.WINDOWS)
class HomeDirectoryTest {

  @Test
  void noHomeIsNoHome() {
    assertEquals(Path.of("/home/a"), HomeDirectory.path("/home/a", "/b", "/tmp"));
    assertEquals(Path.of("/b"), HomeDirectory.path("?", "/b", "/tmp"));
    assertEquals(Path.of("/tmp"), HomeDirectory.path("?", "", "/tmp"));
    assertEquals(Path.of("/tmp"), HomeDirectory.path("", "relative", "/tmp"));
  }

  @Test
  void theRestOfTheJvmKnowsIt() {
    String before = System.getProperty("user.home");
    try {
      System.setProperty("user.home", "?");
      HomeDirectory.settle();
      assertEquals(HomeDirectory.path().toString(), System.getProperty("user.home"));
      assertEquals(true, HomeDirectory.path().isAbsolute());
    } finally {
      System.setProperty("user.home", before);
    }
  }
}
