package io.github.lenet.data.internal;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/**
 * Counts and hashes what is read through it, so that the bytes that were verified are the bytes
 * that were decoded, whatever happens to the file in between.
 */
public final class HashingStream extends FilterInputStream {
  private final MessageDigest digest = Sha256.newDigest();
  private long count;
  private boolean failed;

  public HashingStream(InputStream in) {
    super(in);
  }

  /** The number of bytes read so far. */
  public long count() {
    return count;
  }

  /** True when reading from below failed: a fault of the disk, not of the format. */
  public boolean failed() {
    return failed;
  }

  /** The hash of everything read so far; to be asked once, at the end. */
  public String sha256() {
    return Sha256.hex(digest);
  }

  /** Reads to the end, for the hash's sake. */
  public void drain() throws IOException {
    byte[] buffer = new byte[1 << 16];
    while (read(buffer, 0, buffer.length) >= 0) {
      // The reading itself is what is wanted.
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    try {
      int read = in.read(bytes, offset, length);
      if (read > 0) {
        digest.update(bytes, offset, read);
        count += read;
      }
      return read;
    } catch (IOException e) {
      failed = true;
      throw e;
    }
  }

  @Override
  public long skip(long n) throws IOException {
    // Bytes that are skipped would be missing in the hash.
    return readNBytes((int) Math.min(n, 1 << 16)).length;
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
