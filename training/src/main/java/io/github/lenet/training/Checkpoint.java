package io.github.lenet.training;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What a run needs to go on after an epoch as if it had not stopped there, in a directory:
 *
 * <pre>
 * variables.*   what is trained, and what the update rule remembers, as TensorFlow writes it
 * parameters.*  the network that comes of it, likewise
 * history.json  how the run went so far
 * SHA256SUMS    of all other files, for sha256sum -c
 * </pre>
 */
final class Checkpoint {

  /** The prefix of the files that {@link Trainer#restore} takes. */
  static final String VARIABLES = "variables";

  /** The prefix of the files that a network for serving is made of. */
  static final String PARAMETERS = "parameters";

  private static final String HISTORY = "history.json";
  private static final String SUMS = "SHA256SUMS";

  private Checkpoint() {}

  /** Writes all files; the directory exists and is empty. */
  static void write(Path directory, Trainer trainer, RunHistory history) throws IOException {
    trainer.save(directory);
    writeText(directory.resolve(HISTORY), history.toJson());
    StringBuilder sums = new StringBuilder();
    hashes(directory).forEach((name, hash) -> sums.append(hash + "  " + name + "\n"));
    writeText(directory.resolve(SUMS), sums.toString());
  }

  private static void writeText(Path file, String text) throws IOException {
    AtomicFile.writeInPlace(file, text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Reads the history, once all files are known to be as they were written.
   *
   * @throws RunFormatException if one is not, is missing, or is one too many
   */
  static RunHistory read(Path directory) throws IOException {
    check(directory);
    Path history = directory.resolve(HISTORY);
    try {
      return RunHistory.fromJson(Files.readString(history));
    } catch (IllegalArgumentException e) {
      throw new RunFormatException(history + ": is damaged: " + e.getMessage(), e);
    }
  }

  /** Compares all files with their SHA-256. */
  static void check(Path directory) throws IOException {
    Path file = directory.resolve(SUMS);
    Map<String, String> found = hashes(directory);
    String text;
    try {
      // Byte by byte: where the file is damaged it may be no text.
      text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      throw new RunFormatException(directory + ": is damaged: expected SHA256SUMS, found none.", e);
    }
    if (!text.endsWith("\n")) {
      throw new RunFormatException(file + ": is damaged: expected whole lines, found one cut off.");
    }
    for (String line : text.lines().toList()) {
      String[] parts = line.split("  ", 2);
      String hash = parts.length < 2 ? null : found.remove(parts[1]);
      if (!parts[0].equals(hash)) {
        throw new RunFormatException(
            "%s: is damaged: expected '%s', found %s."
                .formatted(file, line, hash == null ? "no such file" : "SHA-256 " + hash));
      }
    }
    if (!found.isEmpty()) {
      throw new RunFormatException(
          "%s: is damaged: says nothing of %s.".formatted(file, found.keySet()));
    }
  }

  /** By file name; without the file that has them. */
  private static Map<String, String> hashes(Path directory) throws IOException {
    Map<String, String> hashes = new TreeMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (!name.equals(SUMS)) {
          hashes.put(name, sha256(file));
        }
      }
    }
    return hashes;
  }

  private static String sha256(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file);
        DigestInputStream digesting =
            new DigestInputStream(in, MessageDigest.getInstance("SHA-256"))) {
      digesting.transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(digesting.getMessageDigest().digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
