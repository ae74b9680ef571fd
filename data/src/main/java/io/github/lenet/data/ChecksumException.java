package io.github.lenet.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * Thrown when a file is not the one it claims to be. If its hash is that of another known file, the
 * message says so: an HTTP cache that goes by file names alone has served MNIST as Fashion-MNIST to
 * whole networks (<a
 * href="https://github.com/zalandoresearch/fashion-mnist/issues/107">fashion-mnist#107</a>), and
 * the two differ in nothing but the pixels.
 */
public final class ChecksumException extends IOException {
  private static final long serialVersionUID = 1;

  private final String foundSha256;

  private ChecksumException(String message, String foundSha256) {
    super(message);
    this.foundSha256 = foundSha256;
  }

  /** The hash of the file as it was found. */
  String foundSha256() {
    return foundSha256;
  }

  /**
   * Makes the exception for a file with the wrong content.
   *
   * @param sizeInBytes the file's size as found
   * @param sha256 the file's hash as found
   * @param rawSha256 the hash of what it decompresses to, if it does
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
