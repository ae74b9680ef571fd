package io.github.lenet.data;

import io.github.lenet.data.internal.Sha256;
import java.util.List;
import java.util.Objects;

/**
 * The origin of a data set. It names the data set in reports and identifies the exact bytes.
 *
 * @param id the short name: {@code fashion-mnist}, {@code mnist}, {@code sample}, or {@code idx}
 *     for files that are not catalogued
 * @param title the display name
 * @param licence the licence and the rights holder, in one line; "unknown" for files that are not
 *     catalogued
 * @param note a note for every result, for example that the sample set is not Fashion-MNIST and why
 *     it was used; may be empty
 * @param files the four files: training images and labels, test images and labels
 * @param isFallback whether this data set replaces the requested one
 */
public record Provenance(
    String id, String title, String licence, String note, List<File> files, boolean isFallback) {

  /**
   * A file that a data set was read from.
   *
   * @param name the file's name
   * @param location the absolute path of the file; for the sample set, how it was generated
   * @param sizeInBytes the size of the file as read, gzipped or plain, in bytes
   * @param sha256 the SHA-256 of the file as read, 64 lower-case hexadecimal digits
   * @param rawSha256 the SHA-256 of the decompressed bytes; equal to {@code sha256} for a plain
   *     file
   */
  public record File(
      String name, String location, long sizeInBytes, String sha256, String rawSha256) {

    /** Checks that nothing is null and that the hashes are valid. */
    public File {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(location, "location");
      Sha256.requireValid("sha256", sha256);
      Sha256.requireValid("rawSha256", rawSha256);
    }
  }

  /** Checks that nothing is null, and copies the list. */
  public Provenance {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(title, "title");
    Objects.requireNonNull(licence, "licence");
    Objects.requireNonNull(note, "note");
    files = List.copyOf(files);
  }

  /**
   * Creates the provenance of a requested data set, not of a fallback.
   *
   * @param id see {@link #id()}
   * @param title see {@link #title()}
   * @param licence see {@link #licence()}
   * @param note see {@link #note()}
   * @param files see {@link #files()}
   */
  public Provenance(String id, String title, String licence, String note, List<File> files) {
    this(id, title, licence, note, files, false);
  }

  /**
   * Marks the data set as a fallback.
   *
   * @param why the reason as a sentence, appended to the note
   * @return a copy that is a fallback
   */
  public Provenance asFallback(String why) {
    return new Provenance(id, title, licence, note + " " + why, files, true);
  }
}
