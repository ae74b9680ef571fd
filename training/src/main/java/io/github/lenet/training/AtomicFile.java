package io.github.lenet.training;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Files and directories that are there whole or not at all, also if the process dies. */
final class AtomicFile {

  private AtomicFile() {}

  /** Writes beside, forces to the disk, renames over what was there. */
  static void write(Path file, String text) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    move(temporary, file);
  }

  /** Forces the files of a directory to the disk, then renames it to one that does not exist. */
  static void publish(Path temporary, Path directory) throws IOException {
    for (Path file : tree(temporary)) {
      if (Files.isRegularFile(file)) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
          channel.force(true);
        }
      }
    }
    move(temporary, directory);
  }

  /** Removes a file or a directory with all it holds, if it is there. */
  static void delete(Path path) throws IOException {
    List<Path> paths = tree(path);
    for (Path inside : paths.stream().sorted(Comparator.reverseOrder()).toList()) {
      Files.deleteIfExists(inside);
    }
  }

  private static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }

  private static List<Path> tree(Path path) throws IOException {
    if (!Files.exists(path)) {
      return List.of();
    }
    try (Stream<Path> paths = Files.walk(path)) {
      return paths.toList();
    }
  }
}
