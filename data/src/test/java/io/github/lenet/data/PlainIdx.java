package io.github.lenet.data;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * The IDX format read a second time, as plainly as can be, for tests that compare.
 *
 * @param dimensions as the header has them, unsigned
 * @param body the elements
 */
record PlainIdx(long[] dimensions, byte[] body) {

  /** Reads decompressed bytes; empty if they are no IDX file of uint8 with that many dimensions. */
  static Optional<PlainIdx> read(byte[] raw, int rank) {
    int header = 4 + 4 * rank;
    if (raw.length < header || !Arrays.equals(raw, 0, 4, new byte[] {0, 0, 8, (byte) rank}, 0, 4)) {
      return Optional.empty();
    }
    BigInteger size = BigInteger.ONE;
    long[] dimensions = new long[rank];
    for (int i = 0; i < rank; i++) {
      dimensions[i] = Integer.toUnsignedLong(ByteBuffer.wrap(raw).getInt(4 + 4 * i));
      size = size.multiply(BigInteger.valueOf(dimensions[i]));
    }
    // A header without elements is no data set.
    return size.signum() > 0 && size.equals(BigInteger.valueOf(raw.length - header))
        ? Optional.of(new PlainIdx(dimensions, Arrays.copyOfRange(raw, header, raw.length)))
        : Optional.empty();
  }
}
