package io.github.lenet.training;

import io.github.lenet.model.internal.AtomicFile;
import io.github.lenet.model.internal.Sha256Sums;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The SHA-256 of those files of a {@link RunDirectory} that are read back, by name: {@code
 * SHA256SUMS}.
 *
 * <p>The configuration is in it from beginning to end. While the metrics are written they are not,
 * so that a process may die at any instruction: what is in it is as it says.
 *
 * @param hashes none for a run of an older version, which has no such file
 */
record RunChecksums(SortedMap<String, String> hashes) {

  static final String FILE = Sha256Sums.FILE;

  static final RunChecksums NONE = new RunChecksums(new TreeMap<>());

  private static final Pattern LINE = Pattern.compile("([0-9a-f]{64})  ([A-Za-z0-9._-]+)");

  RunChecksums {
    hashes = Collections.unmodifiableSortedMap(new TreeMap<>(hashes));
  }

  /** Of a run whose configuration is all there is. */
  static RunChecksums ofConfig(String text) {
    return NONE.with(RunConfig.FILE, text);
  }

  /** These, and that of one more file. */
  RunChecksums with(String name, String text) {
    SortedMap<String, String> more = new TreeMap<>(hashes);
    more.put(name, Sha256Sums.of(text.getBytes(StandardCharsets.UTF_8)));
    return new RunChecksums(more);
  }

  /** Writes the file. */
  void write(Path directory) throws IOException {
    AtomicFile.write(directory.resolve(FILE), toText());
  }

  /** The configuration, which is in each, is last: a file that has lost its end lacks it. */
  private String toText() {
    StringBuilder text = new StringBuilder();
    hashes.forEach((name, hash) -> text.insert(0, Sha256Sums.line(hash, name)));
    return text.toString();
  }

  /**
   * Reads the file.
   *
   * @throws RunFormatException if it is corrupt
   */
  static RunChecksums read(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    SortedMap<String, String> hashes = new TreeMap<>();
    String text;
    try {
      text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      return NONE;
    }
    for (String line : text.lines().toList()) {
      Matcher matcher = LINE.matcher(line);
      if (!matcher.matches()) {
        throw corrupt(file, "a SHA-256 and a name", "'" + line + "'");
      }
      hashes.put(matcher.group(2), matcher.group(1));
    }
    RunChecksums sums = new RunChecksums(hashes);
    if (!sums.toText().equals(text) || !text.endsWith("  " + RunConfig.FILE + "\n")) {
      throw corrupt(file, "lines in order, that of config.json last", "others");
    }
    for (String name : hashes.keySet()) {
      if (Files.notExists(directory.resolve(name))) {
        throw corrupt(file, name + " beside it", "none");
      }
    }
    return sums;
  }

  /**
   * Reads one of the run's files, once it is known to be as it was written.
   *
   * @return its text; nothing if there is no such file
   * @throws RunFormatException if it is corrupt
   */
  Optional<String> text(Path file) throws IOException {
    try {
      byte[] bytes = Files.readAllBytes(file);
      String found = Sha256Sums.of(bytes);
      String expected = hashes.getOrDefault(file.getFileName().toString(), found);
      if (!found.equals(expected)) {
        throw corrupt(file, "SHA-256 " + expected + " as in " + FILE, found);
      }
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (CharacterCodingException e) {
      throw new RunFormatException(file + ": is corrupt: expected text.", e);
    }
  }

  private static RunFormatException corrupt(Path file, String expected, String found) {
    return new RunFormatException(
        "%s: is corrupt: expected %s, found %s. Put back what was there, or train again."
            .formatted(file, expected, found));
  }
}
