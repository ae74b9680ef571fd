package io.github.lenet.data;

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
    String id,
    String title,
    String licence,
    String note,
    List<ProvenanceFile> files,
    boolean isFallback) {

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
  public Provenance(
      String id, String title, String licence, String note, List<ProvenanceFile> files) {
    this(id, title, licence, note, files, false);
  }

  /** This provenance, of a data set that took another one's place. */
  Provenance asFallback(String why) {
    return new Provenance(id, title, licence, note + " " + why, files, true);
  }
}
