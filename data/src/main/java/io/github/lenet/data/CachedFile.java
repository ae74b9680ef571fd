package io.github.lenet.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/** Tells whether a file in the cache is the publisher's. */
final class CachedFile {
  private static final String WHAT_TO_DO = "Delete it and fetch the data set again.";

  private CachedFile() {}

  /**
   * Checks a file by its hash. Right is the publisher's gzip file, and any other that holds the
   * same raw bytes: compressed anew by a mirror, or unpacked by a proxy.
   *
   * @throws ChecksumException if it is another file
   * @throws IOException if it cannot be read
   */
  static void verify(DatasetSource source, DatasetFile file, Path path) throws IOException {
    String sha256 = Sha256.of(path);
    if (sha256.equals(file.sha256()) || sha256.equals(file.rawSha256())) {
      return;
    }
    Optional<String> rawSha256 = rawSha256(file, path);
    if (rawSha256.isPresent() && rawSha256.get().equals(file.rawSha256())) {
      return;
    }
    throw ChecksumException.of(source, file, path, Files.size(path), sha256, rawSha256, WHAT_TO_DO);
  }

  /** The hash of what a gzip file decompresses to, if it does, and to no more than expected. */
  private static Optional<String> rawSha256(DatasetFile file, Path path) throws IOException {
    try (InputStream in = Files.newInputStream(path);
        HashingStream raw =
            new HashingStream(
                GzipCompressorInputStream.builder()
                    .setInputStream(in)
                    .setDecompressConcatenated(true)
                    .get())) {
      byte[] buffer = new byte[1 << 16];
      while (raw.read(buffer, 0, buffer.length) >= 0) {
        if (raw.count() > file.rawSizeInBytes()) {
          return Optional.empty();
        }
      }
      return Optional.of(raw.sha256());
    } catch (IOException e) {
      // Not gzip, or damaged: either way not the file, and the caller says so.
      return Optional.empty();
    }
  }
}
