package io.github.lenet.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file with the first bytes of a shared library for 64-bit x86 Linux, and nothing behind them.
 */
final class FakeLibrary {

  /** ELF, 64 bits, little endian, version 1; a shared object (3) for x86-64 (62). */
  private static final byte[] HEADER = {
    0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 62, 0
  };

  private FakeLibrary() {}

  static Path in(Path directory, String name) throws IOException {
    return Files.write(directory.resolve(name), HEADER);
  }

  /** As they are installed: a file with the whole version, and a link with the major one. */
  static Path in(Path directory, String name, String version) throws IOException {
    String target = name.substring(0, name.indexOf(".so")) + ".so." + version;
    in(directory, target);
    return Files.createSymbolicLink(directory.resolve(name), Path.of(target));
  }
}
