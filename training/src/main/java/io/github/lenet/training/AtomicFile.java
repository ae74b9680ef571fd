package io.github.lenet.training;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Files and directories that are there whole or not at all, also if the process dies or the disk is
 * full.
 */
final class AtomicFile {

  private AtomicFile() {}

  /** Fills a directory. */
  interface Contents {
    void writeTo(Path directory) throws IOException;
  }

  /** Writes beside, forces to the disk, renames over what was there. */
  static void write(Path file, String text) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    try {
      writeInPlace(temporary, text.getBytes(StandardCharsets.UTF_8));
      force(temporary);
      move(temporary, file);
    } catch (IOException e) {
      throw withoutLeaving(temporary, e);
    }
  }

  /**
   * Has a directory filled beside its place, forces its files to the disk, and renames it over what
   * was there.
   */
  static void writeDirectory(Path directory, Contents contents) throws IOException {
    Path temporary = directory.resolveSibling(directory.getFileName() + ".tmp");
    Path old = directory.resolveSibling(directory.getFileName() + ".old.tmp");
    delete(temporary);
    delete(old);
    try {
      Files.createDirectory(temporary);
      contents.writeTo(temporary);
      force(temporary);
      if (Files.exists(directory)) {
        move(directory, old);
        delete(old); // before there is a new one: whoever finds that does not look for this
      }
      move(temporary, directory);
    } catch (IOException e) {
      throw withoutLeaving(temporary, e);
    }
  }

  /** Deletes the partial file. */
  private static IOException withoutLeaving(Path temporary, IOException failure) {
    try {
      delete(temporary);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
    return failure;
  }

  /** Writes a file that only gets its final name later, or within its directory. */
  static void writeInPlace(Path file, byte[] bytes) throws IOException {
    try {
      Files.write(file, bytes);
    } catch (IOException e) {
      throw cannotBeWritten(file, e);
    }
  }

  /** Names the file, which Java does only where it could not be opened. */
  static IOException cannotBeWritten(Path file, IOException cause) {
    return cause instanceof FileSystemException
        ? cause
        : new IOException(file + ": cannot be written: " + cause.getMessage(), cause);
  }

  /** Forces the files of a directory to the disk, then renames it to one that does not exist. */
  static void publish(Path temporary, Path directory) throws IOException {
    force(temporary);
    move(temporary, directory);
  }

  /** Forces a file, or all files of a directory, to the disk. */
  private static void force(Path path) throws IOException {
    for (Path file : tree(path)) {
      if (Files.isRegularFile(file)) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
          channel.force(true);
        } catch (IOException e) {
          throw cannotBeWritten(file, e);
        }
      }
    }
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
