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
 * The SHA-256 checksums of all files below a directory, in a file in the format of {@code sha256sum
 * -c}. They detect corruption by a disk or a copy. They do not detect an attacker, who can rewrite
 * the checksums.
 */
public final class Sha256Sums {

  /** The name of the file. */
  public static final String FILE = "SHA256SUMS";

  private Sha256Sums() {}

  /**
   * Writes the checksums of all files below a directory.
   *
   * @param directory the directory of the files
   * @param file the file for the checksums, in that directory
   * @throws IOException if a file can't be read or written
   */
  public static void write(Path directory, Path file) throws IOException {
    StringBuilder sums = new StringBuilder();
    hashes(directory, file).forEach((name, hash) -> sums.append(line(hash, name)));
    try {
      Files.writeString(file, sums);
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) { // Java names the file only if it cannot be opened
      throw new IOException(file + ": cannot be written: " + e.getMessage(), e);
    }
  }

  /**
   * Compares all files below a directory with their checksums.
   *
   * @param directory the directory of the files
   * @param file the file with the checksums
   * @return a message about the first mismatch, which begins with the name of {@code file}; empty
   *     if all match
   * @throws IOException if a file can't be read
   */
  public static Optional<String> findMismatch(Path directory, Path file) throws IOException {
    // Decodes any bytes: a corrupt file may not be text.
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
      return Optional.of(
          "%s: is corrupt: expected a checksum of %s, found none.".formatted(file, found.keySet()));
    }
    return sums.endsWith("\n")
        ? Optional.empty()
        : Optional.of("%s: is corrupt: expected a line break at its end.".formatted(file));
  }

  /**
   * Formats a line of the file.
   *
   * @param hash hexadecimal, in lower case
   * @param name the file's name, relative to the directory, with slashes
   * @return the line, as {@code sha256sum} writes it
   */
  public static String line(String hash, String name) {
    return hash + "  " + name + "\n";
  }

  /**
   * {@return the SHA-256 of bytes, hexadecimal, in lower case}
   *
   * @param bytes the bytes to hash
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

  /** {@return the hashes by file name, without the file of the checksums and hidden files} */
  private static Map<String, String> hashes(Path directory, Path except) throws IOException {
    Map<String, String> hashes = new TreeMap<>();
    // Follows links, as TensorFlow does: a version may be one.
    try (Stream<Path> paths = Files.walk(directory, FileVisitOption.FOLLOW_LINKS)) {
      for (Path file : paths.filter(Files::isRegularFile).toList()) {
        if (!file.equals(except) && !file.getFileName().toString().startsWith(".")) {
          String name = directory.relativize(file).toString().replace(File.separatorChar, '/');
          hashes.put(name, of(file));
        }
      }
    } catch (UncheckedIOException e) {
      throw e.getCause(); // for example, a file was deleted meanwhile
    }
    return hashes;
  }
}
