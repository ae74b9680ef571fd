package io.github.lenet.data.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HashingStreamTest {
  private static final byte[] BYTES = new byte[200_000];

  static {
    new Random(1).nextBytes(BYTES);
  }

  @Test
  void whatIsSkippedIsHashedAndCountedToo() throws IOException {
    HashingStream stream = new HashingStream(new ByteArrayInputStream(BYTES));
    assertEquals(Byte.toUnsignedInt(BYTES[0]), stream.read());
    assertEquals(10, stream.skip(10));
    assertEquals(Byte.toUnsignedInt(BYTES[11]), stream.read());
    assertEquals(65_536, stream.skip(100_000), "not more than one buffer at a time");
    assertEquals(12 + 65_536, stream.count());
    stream.drain();
    assertEquals(BYTES.length, stream.count());
    assertEquals(-1, stream.read());
    assertEquals(0, stream.skip(1));
    assertEquals(Sha256.of(BYTES), stream.sha256());
    assertFalse(stream.failed());
  }

  @Test
  void tellsAFailureBelow() {
    HashingStream stream =
        new HashingStream(
            new InputStream() {
              @Override
              public int read() throws IOException {
                throw new IOException("the disk is broken");
              }
            });
    assertThrows(IOException.class, stream::drain);
    assertTrue(stream.failed());
  }
}
