package io.github.lenet.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * Thrown when a file's checksum does not match. If the file is another known one, the message names
 * it. HTTP caches that compare only file names have served MNIST as Fashion-MNIST (<a
 * href="https://github.com/zalandoresearch/fashion-mnist/issues/107">fashion-mnist#107</a>). Both
 * have the same file names, shapes and dtypes.
 */
public final class ChecksumException extends IOException {
  private static final long serialVersionUID = 1;

  private final String foundSha256;

  private ChecksumException(String message, String foundSha256) {
    super(message);
    this.foundSha256 = foundSha256;
  }

  /** {@return the SHA-256 of the file found} */
  String foundSha256() {
    return foundSha256;
  }

  /**
   * Creates the exception for a file with unexpected content.
   *
   * @param sizeInBytes the size of the file found
   * @param sha256 the SHA-256 of the file found
   * @param rawSha256 the SHA-256 of its decompressed bytes, if it can be decompressed
   */
  static ChecksumException of(
      DatasetSource source,
      DatasetFile file,
      Path path,
      long sizeInBytes,
      String sha256,
      Optional<String> rawSha256,
      String whatToDo) {
    String found =
        Catalogue.identify(sha256)
            .or(() -> rawSha256.flatMap(Catalogue::identify))
            .map(
                other ->
                    sameDataset(source, other) ? other : other + ", not " + source.title() + "'s")
            .orElse(
                String.format(
                    Locale.ROOT, "an unknown file of %,d bytes, SHA-256 %s", sizeInBytes, sha256));
    return new ChecksumException(
        String.format(
            Locale.ROOT,
            "%s: wrong file: expected %s's %s (%,d bytes, SHA-256 %s), found %s. %s",
            path,
            source.title(),
            file.name(),
            file.sizeInBytes(),
            file.sha256(),
            found,
            whatToDo),
        sha256);
  }

  private static boolean sameDataset(DatasetSource source, String name) {
    return name.startsWith(source.title() + "'s ");
  }
}
