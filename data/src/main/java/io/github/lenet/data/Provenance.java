package io.github.lenet.data;

import io.github.lenet.data.internal.Sha256;
import java.util.List;
import java.util.Objects;

/**
 * Where a data set comes from: enough to name it in a report and to find the same bytes again.
 *
 * @param id the short name: {@code fashion-mnist}, {@code mnist}, {@code sample}, or {@code idx}
 *     for a directory of files that no catalogue knows
 * @param title the name in prose
 * @param licence the licence and the holder of the rights, in one line; "unknown" for files that no
 *     catalogue knows
 * @param note empty, or what must be said along with every result: that the sample set is not
 *     Fashion-MNIST, and why it was used
 * @param files the four files: training images and labels, test images and labels
 * @param isFallback true when another data set was asked for and this one took its place
 */
public record Provenance(
    String id, String title, String licence, String note, List<File> files, boolean isFallback) {

  /**
   * A file that a data set was read from.
   *
   * @param name the file's name
   * @param location the absolute path it was read from, or, for the sample set, how it was made
   * @param sizeInBytes the size of the file as read, gzipped or plain, in bytes
   * @param sha256 the SHA-256 of the file as read, 64 lower-case hexadecimal digits
   * @param rawSha256 the SHA-256 of the decompressed bytes; equal to {@code sha256} for a plain
   *     file
   */
  public record File(
      String name, String location, long sizeInBytes, String sha256, String rawSha256) {

    /** Checks that nothing is null and that the hashes are hashes. */
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
   * Makes the provenance of a data set that is the one that was asked for.
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
   * Says that the data set took another one's place.
   *
   * @param why in a sentence, which ends the note
   * @return this provenance, of a fallback
   */
  public Provenance asFallback(String why) {
    return new Provenance(id, title, licence, note + " " + why, files, true);
  }
}
