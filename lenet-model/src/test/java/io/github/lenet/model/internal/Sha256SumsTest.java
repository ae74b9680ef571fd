package io.github.lenet.model.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Sha256SumsTest {

  /** Of "abc" and of nothing: examples of FIPS 180-2, and of NIST's test vectors. */
  private static final String GOOD =
      """
      ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  abc.txt
      e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  below/empty
      """;

  @TempDir Path directory;

  private Path sums;

  @BeforeEach
  void write() throws IOException {
    Files.writeString(directory.resolve("abc.txt"), "abc");
    Files.createFile(Files.createDirectory(directory.resolve("below")).resolve("empty"));
    sums = directory.resolve("below").resolve(Sha256Sums.FILE);
    Sha256Sums.write(directory, sums);
  }

  @Test
  void writesWhatSha256sumWrites() throws Exception {
    assertEquals(GOOD, Files.readString(sums));
    assertEquals(Optional.empty(), Sha256Sums.findMismatch(directory, sums));
  }

  @Test
  void findsWhatDoesNotAgree() throws Exception {
    assertFinds("expected '%s', found no such file.", GOOD.replace("abc.txt", "abd.txt"), 0);
    assertFinds("expected '%s', found SHA-256 " + GOOD.substring(0, 64), "0" + GOOD, 0);
    assertFinds("expected '%s', found no such file.", GOOD + GOOD, 2);
    assertFinds(
        "expected a checksum of [below/empty], found none.",
        GOOD.lines().findFirst().get() + "\n",
        0);
    assertFinds("expected a checksum of [abc.txt, below/empty], found none.", "", 0);
    assertFinds("expected a line break at its end.", GOOD.strip(), 0);
    Files.delete(sums);
    assertThrows(NoSuchFileException.class, () -> Sha256Sums.findMismatch(directory, sums));
  }

  /** The line that is meant is in the message where it says %s. */
  private void assertFinds(String expected, String text, int line) throws IOException {
    Files.writeString(sums, text);
    String found = Sha256Sums.findMismatch(directory, sums).orElseThrow();
    String meant = text.lines().skip(line).findFirst().orElse("");
    String start = sums + ": is corrupt: " + expected.formatted(meant);
    assertEquals(start, found.substring(0, Math.min(start.length(), found.length())));
  }

  @Test
  void whatSystemsHideBesideFilesIsNotTheirs() throws Exception {
    Files.writeString(directory.resolve("below").resolve(".DS_Store"), "where windows were");
    assertEquals(Optional.empty(), Sha256Sums.findMismatch(directory, sums));
  }
}
