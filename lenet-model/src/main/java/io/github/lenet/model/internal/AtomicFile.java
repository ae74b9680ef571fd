package io.github.lenet.model.internal;

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
 * Writes files and directories completely or not at all, even if the process dies or the disk is
 * full.
 */
public final class AtomicFile {

  private AtomicFile() {}

  /** Fills a directory. */
  public interface Contents {
    /**
     * Writes the files.
     *
     * @param directory an existing, empty directory
     * @throws IOException if one cannot be written
     */
    void writeTo(Path directory) throws IOException;
  }

  /**
   * Writes a temporary file, forces it to the disk, and renames it over an earlier file.
   *
   * @param file the file to write
   * @param text its content, written as UTF-8
   * @throws IOException if it cannot be written; an earlier file does not change
   */
  public static void write(Path file, String text) throws IOException {
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
   * Fills a temporary directory, forces its files to the disk, and replaces an earlier directory.
   *
   * @param directory the directory to write; its parent exists
   * @param contents writes the files
   * @throws IOException if one cannot be written
   */
  public static void writeDirectory(Path directory, Contents contents) throws IOException {
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
        delete(old); // before the move: nothing cleans it up afterwards
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

  /**
   * Writes a file in a directory that is renamed later.
   *
   * @param file the file to write
   * @param bytes its content
   * @throws IOException if it cannot be written; the message names the file
   */
  public static void writeInPlace(Path file, byte[] bytes) throws IOException {
    try {
      Files.write(file, bytes);
    } catch (IOException e) {
      throw cannotBeWritten(file, e);
    }
  }

  /**
   * Names the file in an exception. Java does so only if the file cannot be opened.
   *
   * @param file the file to be written
   * @param cause the exception of the write
   * @return the cause itself if it names the file, else a new exception
   */
  public static IOException cannotBeWritten(Path file, IOException cause) {
    return cause instanceof FileSystemException
        ? cause
        : new IOException(file + ": cannot be written: " + cause.getMessage(), cause);
  }

  /**
   * Forces a file, or the files of a directory, to the disk and renames it.
   *
   * @param temporary the file or directory
   * @param directory its new name; a directory must not exist, an earlier file is replaced
   * @throws IOException if it cannot be renamed
   */
  public static void publish(Path temporary, Path directory) throws IOException {
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

  /**
   * Deletes a file, or a directory with its files.
   *
   * @param path the path to delete, which need not exist
   * @throws IOException if it cannot be deleted
   */
  public static void delete(Path path) throws IOException {
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
