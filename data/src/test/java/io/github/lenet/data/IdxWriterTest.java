package io.github.lenet.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxWriterTest {
  @TempDir Path directory;

  @Test
  void writesTheFormatThatTheJdkUnpacks() throws IOException {
    Path file = directory.resolve("images.gz");
    IdxWriter.write(file, new byte[] {1, 2, 3, 4, 5, 6}, 1, 2, 3);
    byte[] raw =
        new GZIPInputStream(new ByteArrayInputStream(Files.readAllBytes(file))).readAllBytes();
    assertArrayEquals(
        new byte[] {0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6}, raw);
  }

  @Test
  void writesNeitherTimeNorNameNorOperatingSystem() throws IOException {
    Path file = directory.resolve("labels.gz");
    IdxWriter.write(file, new byte[] {1, 2}, 2);
    byte[] bytes = Files.readAllBytes(file);
    assertEquals(0, bytes[3], "flags: no name, no comment");
    assertArrayEquals(new byte[4], java.util.Arrays.copyOfRange(bytes, 4, 8), "time stamp");
    assertEquals((byte) 255, bytes[9], "operating system");
  }

  @Test
  void rejectsDimensionsThatDoNotFit() {
    Path file = directory.resolve("images.gz");
    assertThrows(IllegalArgumentException.class, () -> IdxWriter.write(file, new byte[5], 1, 2, 3));
  }

  @Test
  void neverOverwrites() throws IOException {
    Path file = Files.createFile(directory.resolve("labels.gz"));
    assertThrows(
        FileAlreadyExistsException.class, () -> IdxWriter.write(file, new byte[] {1, 2}, 2));
  }
}
