package io.github.lenet.data;

import io.github.lenet.data.internal.HashingStream;
import io.github.lenet.data.internal.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/** Checks whether a file has the publisher's content. */
final class CachedFile {
  private static final String WHAT_TO_DO = "Delete it and download the data set again.";

  private CachedFile() {}

  /**
   * Checks a file by its hash. Accepts the publisher's gzip file and any other file with the same
   * raw bytes, such as one that a mirror compressed again or a proxy unpacked.
   *
   * @return the SHA-256 of the file on the disk
   * @throws ChecksumException if the checksum does not match
   * @throws IOException if the file cannot be read
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

  /** Checks a file like {@link #verify}, but returns the result as a status. */
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

  /**
   * {@return the SHA-256 of the decompressed bytes; empty if the file is not gzip, is corrupt or is
   * larger than expected}
   */
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
      // Not gzip, or corrupt. The caller reports it.
      return Optional.empty();
    }
  }
}
