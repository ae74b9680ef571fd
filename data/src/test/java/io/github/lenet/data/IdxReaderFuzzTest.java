package io.github.lenet.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.GZIPOutputStream;
import java.util.zip.Inflater;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes as a user's file, plain or gzipped in several ways, are read as {@link PlainIdx} reads
 * them, or refused with an {@link IdxFormatException}.
 */
final class IdxReaderFuzzTest {

  private static final Path FILE = temporaryFile();
  private static final int SMALL = 64;

  private static Path temporaryFile() {
    try {
      File file = File.createTempFile("idx", ".fuzz");
      file.deleteOnExit();
      return file.toPath();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What becomes of the bytes before they are a file. */
  private enum Packing {
    AS_THEY_ARE,
    ONE_MEMBER,
    TWO_MEMBERS,
    A_MEMBER_AND_BYTES_BEHIND_IT
  }

  static Stream<byte[]> seeds() throws IOException {
    byte[] labels = {0, 0, 8, 1, 0, 0, 0, 3, 7, 0, 9};
    byte[] images = new byte[16 + 12];
    ByteBuffer.wrap(images).putInt(0x0803).putInt(2).putInt(3).putInt(2).put((byte) 200);
    return Stream.of(labels, images)
        .flatMap(
            raw -> {
              int kind = raw == labels ? 0 : 4;
              return Stream.of(
                  control(kind, raw),
                  control(kind, gzip(raw)),
                  control(kind, concatenated(gzip(raw), gzip(raw))),
                  control(kind, gzipWithEverything(raw)),
                  control(kind + 1, raw),
                  control(kind + 2, raw),
                  control(kind + 3, raw),
                  control(kind + 8, raw));
            });
  }

  /**
   * @param bytes the first one says in its lowest two bits how the others are packed, in the next
   *     ones whether they are images, and whether the file has to be small
   */
  @MethodSource("seeds")
  @Timeout(10)
  @FuzzTest
  void readsAnyFileAsASecondReaderDoesOrRefusesIt(byte[] bytes) throws IOException {
    if (bytes.length == 0) {
      return;
    }
    Packing packing = Packing.values()[bytes[0] & 3];
    int rank = (bytes[0] & 4) == 0 ? 1 : 3;
    long largest = (bytes[0] & 8) == 0 ? Long.MAX_VALUE : SMALL;
    byte[] content = Arrays.copyOfRange(bytes, 1, bytes.length);
    byte[] file = pack(content, packing);
    Files.write(FILE, file);

    Optional<byte[]> raw = unpack(file);
    Optional<PlainIdx> expected =
        raw.filter(all -> all.length <= largest).flatMap(all -> PlainIdx.read(all, rank));
    IdxFile read;
    try {
      read = rank == 1 ? IdxReader.readLabels(FILE, largest) : IdxReader.readImages(FILE, largest);
    } catch (IdxFormatException e) {
      assertTrue(e.getMessage().startsWith(FILE + ": "), e.getMessage());
      assertTrue(e.getMessage().matches("(?s).*: expected .*, found .*\\(at byte \\d+\\)\\. .*"));
      boolean mayHaveFields = packing == Packing.AS_THEY_ARE && raw.isPresent() && isGzip(file);
      assertTrue(expected.isEmpty() || mayHaveFields, e.getMessage());
      return;
    }
    assertTrue(expected.isPresent(), "read what is no IDX file");
    assertArrayEquals(expected.get().body(), read.body());
    assertArrayEquals(
        expected.get().dimensions(), Arrays.stream(read.dimensions()).asLongStream().toArray());
    assertEquals(file.length, read.sizeInBytes());
    assertEquals(sha256(file), read.sha256());
    assertEquals(sha256(raw.orElseThrow()), read.rawSha256());
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] pack(byte[] content, Packing packing) {
    int half = content.length / 2;
    return switch (packing) {
      case AS_THEY_ARE -> content;
      case ONE_MEMBER -> gzip(content);
      case TWO_MEMBERS ->
          concatenated(
              gzip(Arrays.copyOf(content, half)),
              gzip(Arrays.copyOfRange(content, half, content.length)));
      case A_MEMBER_AND_BYTES_BEHIND_IT ->
          concatenated(
              gzip(Arrays.copyOf(content, half)),
              Arrays.copyOfRange(content, half, content.length));
    };
  }

  private static boolean isGzip(byte[] file) {
    return file.length >= 2 && file[0] == 0x1f && file[1] == (byte) 0x8b;
  }

  /** What RFC 1952 makes of it; empty if it is a corrupt gzip file. */
  private static Optional<byte[]> unpack(byte[] file) {
    if (!isGzip(file)) {
      return Optional.of(file);
    }
    ByteArrayOutputStream raw = new ByteArrayOutputStream();
    ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    try {
      while (in.hasRemaining()) {
        unpackMember(in, raw);
      }
    } catch (DataFormatException | BufferUnderflowException e) {
      return Optional.empty();
    }
    return Optional.of(raw.toByteArray());
  }

  private static void unpackMember(ByteBuffer in, ByteArrayOutputStream raw)
      throws DataFormatException {
    int magic = in.getShort() & 0xffff;
    int method = in.get();
    int flags = in.get();
    if (magic != 0x8b1f || method != 8 || (flags & 0xe0) != 0) {
      throw new DataFormatException();
    }
    in.get(new byte[6]);
    // What follows in the header is checked by nobody but for its length: the data has a checksum.
    if ((flags & 4) != 0) {
      in.get(new byte[in.getShort() & 0xffff]);
    }
    for (int text = flags & 0x18; text != 0; text &= text - 1) {
      while (in.get() != 0) {}
    }
    if ((flags & 2) != 0) {
      in.getShort();
    }
    Inflater inflater = new Inflater(true);
    CRC32 checksum = new CRC32();
    byte[] buffer = new byte[4096];
    int size = 0;
    try {
      inflater.setInput(in);
      while (!inflater.finished()) {
        int some = inflater.inflate(buffer);
        if (some == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
          throw new DataFormatException();
        }
        checksum.update(buffer, 0, some);
        raw.write(buffer, 0, some);
        size += some;
      }
    } finally {
      inflater.end();
    }
    if (in.getInt() != (int) checksum.getValue() || in.getInt() != size) {
      throw new DataFormatException();
    }
  }

  private static byte[] control(int control, byte[] content) {
    return concatenated(new byte[] {(byte) control}, content);
  }

  private static byte[] gzip(byte[] raw) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(raw);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return bytes.toByteArray();
  }

  /** A header with an extra field, a name, a comment and its own checksum. */
  private static byte[] gzipWithEverything(byte[] raw) {
    byte[] plain = gzip(raw);
    byte[] start = {
      0x1f, (byte) 0x8b, 8, 0x1f, 0, 0, 0, 0, 0, 3, 6, 0, 'a', 'b', 2, 0, 1, 2, 'n', 0, 'c', 0
    };
    CRC32 checksum = new CRC32();
    checksum.update(start);
    int header = (int) checksum.getValue();
    return concatenated(
        concatenated(start, new byte[] {(byte) header, (byte) (header >> 8)}),
        Arrays.copyOfRange(plain, 10, plain.length));
  }

  private static byte[] concatenated(byte[] a, byte[] b) {
    byte[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }
}
