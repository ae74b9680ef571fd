package io.github.lenet.data;

import io.github.lenet.data.internal.HashingStream;
import io.github.lenet.data.internal.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/** Tells whether a file is the publisher's. */
final class CachedFile {
  private static final String WHAT_TO_DO = "Delete it and fetch the data set again.";

  private CachedFile() {}

  /**
   * Checks a file by its hash. Right is the publisher's gzip file, and any other that holds the
   * same raw bytes: compressed anew by a mirror, or unpacked by a proxy.
   *
   * @return the hash of the file as it is
   * @throws ChecksumException if it is another file
   * @throws IOException if it cannot be read
   */
  static String verify(DatasetSource source, DatasetFile file, Path path) throws IOException {
    String sha256 = Sha256.of(path);
    if (sha256.equals(file.sha256()) || sha256.equals(file.rawSha256())) {
      return sha256;
    }
    Optional<String> rawSha256 = rawSha256(file, path);
    if (rawSha256.isPresent() && rawSha256.get().equals(file.rawSha256())) {
      return sha256;
    }
    throw ChecksumException.of(source, file, path, Files.size(path), sha256, rawSha256, WHAT_TO_DO);
  }

  /** The same as a report. */
  static FileStatus status(DatasetSource source, DatasetFile file, Path path) {
    if (!Files.exists(path)) {
      return new FileStatus(file, path, FileStatus.State.MISSING, 0, "", "");
    }
    long sizeInBytes = 0;
    try {
      sizeInBytes = Files.size(path);
      String sha256 = verify(source, file, path);
      return new FileStatus(file, path, FileStatus.State.OK, sizeInBytes, sha256, "");
    } catch (ChecksumException e) {
      return new FileStatus(
          file, path, FileStatus.State.CORRUPT, sizeInBytes, e.foundSha256(), e.getMessage());
    } catch (IOException e) {
      String detail = "%s: cannot be read: %s".formatted(path, e.getMessage());
      return new FileStatus(file, path, FileStatus.State.CORRUPT, sizeInBytes, "", detail);
    }
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
      // Not gzip, or corrupt: either way not the file, and the caller says so.
      return Optional.empty();
    }
  }
}
