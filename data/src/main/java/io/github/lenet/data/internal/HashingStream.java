package io.github.lenet.data.internal;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/**
 * Counts and hashes the bytes read through it. The verified bytes are then the decoded bytes, even
 * if the file changes meanwhile.
 */
public final class HashingStream extends FilterInputStream {
  private final MessageDigest digest = Sha256.newDigest();
  private long count;
  private boolean failed;

  public HashingStream(InputStream in) {
    super(in);
  }

  /** {@return the number of bytes read so far} */
  public long count() {
    return count;
  }

  /** {@return whether the underlying stream failed: a fault of the disk, not of the format} */
  public boolean failed() {
    return failed;
  }

  /** {@return the hash of all bytes read so far; called once, at the end} */
  public String sha256() {
    return Sha256.hex(digest);
  }

  /** Reads to the end, to complete the hash. */
  public void drain() throws IOException {
    byte[] buffer = new byte[1 << 16];
    while (read(buffer, 0, buffer.length) >= 0) {
      // Reading updates the hash.
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
    // Skipped bytes would be missing in the hash.
    return readNBytes((int) Math.min(n, 1 << 16)).length;
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
