package io.github.lenet.cli.output;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Supplier;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * A file that a command writes. Its path is checked before any work is done. The file is written
 * under a temporary name and renamed.
 *
 * @param option the option that names the file, for messages
 * @param path the path of the file
 */
public record OutputFile(String option, Path path) {

  public OutputFile {
    Objects.requireNonNull(option, "option");
    Objects.requireNonNull(path, "path");
  }

  /**
   * Checks the path; changes nothing.
   *
   * @param ending the required ending, such as {@code .png}
   * @param force whether an existing file may be replaced
   * @throws ParameterException if the check finds that the file cannot be written
   */
  public void check(CommandSpec spec, String ending, boolean force) {
    if (!path.toString().toLowerCase(Locale.ROOT).endsWith(ending)) {
      throw wrong(spec, "expected a name that ends in %s, found '%s'".formatted(ending, path));
    }
    if (Files.isDirectory(path)) {
      throw wrong(spec, path + " is a directory");
    }
    if (Files.exists(path) && !force) {
      throw wrong(spec, path + " already exists; replace it with --force");
    }
    if (!Files.isDirectory(path.toAbsolutePath().getParent())) {
      throw wrong(spec, "no such directory: " + path.toAbsolutePath().getParent());
    }
  }

  private ParameterException wrong(CommandSpec spec, String what) {
    return new ParameterException(spec.commandLine(), option + ": " + what);
  }

  /** Writes text in UTF-8. */
  public void write(String text) throws IOException {
    write(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Draws an image with Java's fonts and writes it as PNG. */
  public BufferedImage write(Supplier<BufferedImage> drawing) throws IOException {
    BufferedImage drawn = draw(drawing);
    // Encodes in memory, because ImageIO prints a stack trace if it cannot write to a file.
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    try (ImageOutputStream encoded = new MemoryCacheImageOutputStream(png)) {
      if (!ImageIO.write(drawn, "png", encoded)) {
        throw new IllegalStateException("every Java platform writes PNG");
      }
    }
    write(png.toByteArray());
    return drawn;
  }

  private static BufferedImage draw(Supplier<BufferedImage> drawing) throws IOException {
    System.setProperty("java.awt.headless", "true"); // needs no display and no Dock icon
    try {
      return drawing.get();
    } catch (RuntimeException | InternalError | LinkageError e) {
      // Without fonts, the exception depends on the version of Java and on the system.
      throw new IOException(
          ("Java cannot draw text here (%s): install fontconfig and a font, such as the"
                  + " packages fontconfig and fonts-dejavu-core")
              .formatted(e),
          e);
    }
  }

  private void write(byte[] bytes) throws IOException {
    try {
      writeBeside(bytes);
    } catch (IOException e) {
      throw new IOException(path + ": cannot be written: " + Failures.reason(e), e);
    }
  }

  /** Writes a temporary file in the same directory and renames it: no reader sees half a file. */
  private void writeBeside(byte[] bytes) throws IOException {
    Path directory = path.toAbsolutePath().getParent();
    Path temporary = Files.createTempFile(directory, ".lenet-", ".tmp", permissions(directory));
    try {
      Files.write(temporary, bytes);
      try {
        Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(temporary, path, StandardCopyOption.REPLACE_EXISTING);
      }
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** {@return a new file's permissions; by default only the owner can read a temporary file} */
  private static FileAttribute<?>[] permissions(Path directory) {
    return directory.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-rw-rw-"))
        }
        : new FileAttribute<?>[0];
  }
}
