package io.github.lenet.model.internal;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The SHA-256 of every file below a directory, in one of them, which {@code sha256sum -c} reads in
 * that directory. They tell what a disk or a copy has corrupted; not malice, since whoever can
 * write the files can write their sums.
 */
public final class Sha256Sums {

  /** What the file is called. */
  public static final String FILE = "SHA256SUMS";

  private Sha256Sums() {}

  /**
   * Writes the sums of all files in a directory, and below.
   *
   * @param directory where they are
   * @param file for the sums, in that directory
   * @throws IOException if a file can't be read or written
   */
  public static void write(Path directory, Path file) throws IOException {
    StringBuilder sums = new StringBuilder();
    hashes(directory, file).forEach((name, hash) -> sums.append(line(hash, name)));
    try {
      Files.writeString(file, sums);
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) { // Java names the file only where it could not be opened
      throw new IOException(file + ": cannot be written: " + e.getMessage(), e);
    }
  }

  /**
   * Compares all files of a directory with their sums.
   *
   * @param directory where they are
   * @param file with the sums
   * @return what does not agree, in words that begin with the file of the sums; empty if all does
   * @throws IOException if a file can't be read
   */
  public static Optional<String> findMismatch(Path directory, Path file) throws IOException {
    // Byte by byte: where the file is corrupt it may be no text.
    String sums = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    Map<String, String> found = hashes(directory, file);
    for (String line : sums.lines().toList()) {
      String[] parts = line.split("  ", 2);
      String hash = parts.length < 2 ? null : found.remove(parts[1]);
      if (!parts[0].equals(hash)) {
        return Optional.of(
            "%s: is corrupt: expected '%s', found %s."
                .formatted(file, line, hash == null ? "no such file" : "SHA-256 " + hash));
      }
    }
    if (!found.isEmpty()) {
      return Optional.of("%s: is corrupt: says nothing of %s.".formatted(file, found.keySet()));
    }
    return sums.endsWith("\n")
        ? Optional.empty()
        : Optional.of("%s: is corrupt: expected a line break at its end.".formatted(file));
  }

  /**
   * A line of the file.
   *
   * @param hash hexadecimal, in lower case
   * @param name of the file, relative to the directory, with slashes
   * @return as {@code sha256sum} writes it
   */
  public static String line(String hash, String name) {
    return hash + "  " + name + "\n";
  }

  /**
   * The SHA-256 of bytes.
   *
   * @param bytes any number of them
   * @return hexadecimal, in lower case
   */
  public static String of(byte[] bytes) {
    return HexFormat.of().formatHex(sha256().digest(bytes));
  }

  private static String of(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file);
        DigestInputStream digesting = new DigestInputStream(in, sha256())) {
      digesting.transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(digesting.getMessageDigest().digest());
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** By name; without the file that has them, and without what systems hide beside files. */
  private static Map<String, String> hashes(Path directory, Path except) throws IOException {
    Map<String, String> hashes = new TreeMap<>();
    // Links are followed, as TensorFlow does: a version may be one.
    try (Stream<Path> paths = Files.walk(directory, FileVisitOption.FOLLOW_LINKS)) {
      for (Path file : paths.filter(Files::isRegularFile).toList()) {
        if (!file.equals(except) && !file.getFileName().toString().startsWith(".")) {
          String name = directory.relativize(file).toString().replace(File.separatorChar, '/');
          hashes.put(name, of(file));
        }
      }
    } catch (UncheckedIOException e) {
      throw e.getCause(); // of a file that goes away meanwhile, say
    }
    return hashes;
  }
}
