package io.github.lenet.data;

import io.github.lenet.data.internal.HashingStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.commons.io.input.BoundedInputStream;

/**
 * Reads an IDX file, gzipped or plain. The decoded bytes are the hashed bytes.
 *
 * <p>The format is: two zero bytes, the element type, the number of dimensions, each dimension as a
 * big-endian 32-bit number, and then the elements. Source: <a
 * href="https://web.archive.org/web/20220331130319/https://yann.lecun.com/exdb/mnist/">LeCun's page
 * on MNIST</a>. Only uint8 is supported.
 *
 * <p>A corrupt header cannot cause a large allocation. The size of the file and {@link
 * #LARGEST_BODY} limit the body that a header may claim. If a compressed file of unknown size
 * claims more than {@link #LARGEST_UNCOUNTED}, a first pass counts its elements without storing
 * them. Then one array of the exact size is allocated and filled.
 */
final class IdxReader {
  /** The largest body of a file, 1 GiB of elements. */
  static final long LARGEST_BODY = 1L << 30;

  /** The largest body that is allocated without a first pass, 64 MiB of elements. */
  private static final long LARGEST_UNCOUNTED = 1L << 26;

  /**
   * The largest compression ratio of deflate. Source: <a
   * href="https://zlib.net/zlib_tech.html">zlib</a>.
   */
  private static final long DEFLATE_MAXIMUM_RATIO = 1_032;

  /** A gzip file ends with its length in 4 bytes, the lowest first, and it is not zero. */
  private static final int MOST_OWN_ZEROS = 3;

  private static final byte[] GZIP = {0x1f, (byte) 0x8b};
  private static final int UINT8 = 0x08;
  private static final int IMAGES_RANK = 3;
  private static final int LABELS_RANK = 1;
  private static final String REPLACE = "Replace the file with a complete copy of the original.";

  private final Path path;
  private final int rank;
  private final long largestRawSize;

  private IdxReader(Path path, int rank, long largestRawSize) {
    this.path = path;
    this.rank = rank;
    this.largestRawSize = largestRawSize;
  }

  /** Reads images, uint8 {@code [n, height, width]}. */
  static IdxFile readImages(Path path) throws IOException {
    return readImages(path, Long.MAX_VALUE);
  }

  /** Reads images of a file that has at most {@code largestRawSize} bytes when decompressed. */
  static IdxFile readImages(Path path, long largestRawSize) throws IOException {
    return new IdxReader(path, IMAGES_RANK, largestRawSize).read();
  }

  /** Reads labels, uint8 {@code [n]}. */
  static IdxFile readLabels(Path path) throws IOException {
    return readLabels(path, Long.MAX_VALUE);
  }

  /** Reads labels of a file that has at most {@code largestRawSize} bytes when decompressed. */
  static IdxFile readLabels(Path path, long largestRawSize) throws IOException {
    return new IdxReader(path, LABELS_RANK, largestRawSize).read();
  }

  private IdxFile read() throws IOException {
    // One channel serves all passes, so a replacement of the file is not mixed in.
    try (FileChannel channel = FileChannel.open(path)) {
      long fileSize = channel.size();
      if (!isGzip(channel)) {
        HashingStream file = new HashingStream(Channels.newInputStream(channel));
        return decode(file, file, fileSize, fileSize);
      }
      return readPaddedGzip(channel, fileSize);
    }
  }

  /** Zeros after a gzip file are padding, as for GNU gzip. Some of them may be its own. */
  private IdxFile readPaddedGzip(FileChannel channel, long fileSize) throws IOException {
    try {
      return readGzip(channel, fileSize, fileSize);
    } catch (IdxFormatException e) {
      long end = endOfData(channel);
      for (long own = Math.min(MOST_OWN_ZEROS, fileSize - end - 1); own >= 0; own--) {
        try {
          return readGzip(channel, fileSize, end + own);
        } catch (IdxFormatException another) {
          // It does not end there, or is corrupt.
        }
      }
      throw e;
    }
  }

  private IdxFile readGzip(FileChannel channel, long fileSize, long end) throws IOException {
    long largest = Math.multiplyExact(fileSize, DEFLATE_MAXIMUM_RATIO);
    if (largestRawSize == Long.MAX_VALUE && largest > LARGEST_UNCOUNTED) {
      gunzip(channel, end, (file, raw) -> count(raw, fileSize, largest));
    }
    return gunzip(
        channel, end, (file, raw) -> decode(file, new HashingStream(raw), fileSize, largest));
  }

  /** {@return where a file's last byte ends that is not zero} */
  private static long endOfData(FileChannel channel) throws IOException {
    ByteBuffer block = ByteBuffer.allocate(1 << 16);
    for (long begin = channel.size(); begin > 0; ) {
      begin = Math.max(0, begin - block.capacity());
      int read = channel.read(block.clear(), begin);
      for (int i = read - 1; i >= 0; i--) {
        if (block.get(i) != 0) {
          return begin + i + 1;
        }
      }
    }
    return 0;
  }

  /** A pass over a gzipped file. */
  private interface Pass<T> {
    /**
     * Reads the file.
     *
     * @param file the bytes of the file; {@code raw} reads from it
     * @param raw the decompressed bytes
     */
    T read(HashingStream file, InputStream raw) throws IOException;
  }

  /** Executes a pass over the whole file. Distinguishes a corrupt file from a failing disk. */
  private <T> T gunzip(FileChannel channel, long end, Pass<T> pass) throws IOException {
    channel.position(0);
    HashingStream file = new HashingStream(Channels.newInputStream(channel));
    try {
      return pass.read(
          file,
          GzipCompressorInputStream.builder()
              .setInputStream(
                  BoundedInputStream.builder().setInputStream(file).setMaxCount(end).get())
              .setDecompressConcatenated(true)
              .get());
    } catch (IdxFormatException e) {
      throw e;
    } catch (IOException e) {
      if (file.failed()) {
        throw e;
      }
      throw corruptGzip(file.count(), e);
    }
  }

  /** Checks the content, because browsers and proxies unpack files but keep {@code .gz}. */
  private static boolean isGzip(FileChannel channel) throws IOException {
    ByteBuffer start = ByteBuffer.allocate(2);
    int read = channel.read(start, 0);
    return read == 2 && Arrays.equals(start.array(), GZIP);
  }

  /**
   * Decodes the raw stream.
   *
   * @param file the bytes of the file; the same as {@code raw} for a plain file
   * @param raw the decompressed bytes
   * @param fileSize the size of the file in bytes
   * @param largest the most bytes that {@code raw} can have
   */
  private IdxFile decode(HashingStream file, HashingStream raw, long fileSize, long largest)
      throws IOException {
    int[] dimensions = readHeader(raw);
    long bodySize = plausibleBodySize(dimensions, fileSize, largest);
    byte[] body = allocate((int) bodySize);
    int read = raw.readNBytes(body, 0, body.length);
    // Reading to the end makes the gzip stream check its CRC.
    requireBody(bodySize, read, read == body.length && raw.read() >= 0);
    file.drain();
    String rawSha256 = raw.sha256();
    String sha256 = file == raw ? rawSha256 : file.sha256();
    return new IdxFile(path, dimensions, body, file.count(), sha256, rawSha256);
  }

  /** Checks that the body is as long as the header says, without storing it. */
  private long count(InputStream raw, long fileSize, long largest) throws IOException {
    long bodySize = plausibleBodySize(readHeader(raw), fileSize, largest);
    if (bodySize > LARGEST_UNCOUNTED) {
      byte[] buffer = new byte[1 << 16];
      long read = 0;
      int some;
      while (read <= bodySize && (some = raw.read(buffer)) >= 0) {
        read += some;
      }
      requireBody(bodySize, Math.min(read, bodySize), read > bodySize);
    }
    return bodySize;
  }

  /** {@return the body size that the header claims, if a file of this size can hold it} */
  private long plausibleBodySize(int[] dimensions, long fileSize, long largest) throws IOException {
    long bodySize = bodySize(dimensions);
    long allowed = Math.min(LARGEST_BODY, largestRawSize - headerSize());
    if (bodySize > allowed) {
      throw wrong(
          "the header claims too much",
          "at most " + bytes(allowed) + " of elements",
          shape(dimensions) + ", " + bytes(bodySize),
          4,
          REPLACE);
    }
    if (bodySize > largest - headerSize()) {
      throw wrong(
          "the body is too short for the header",
          bytes(bodySize) + " of elements, as the header says",
          "a file of " + bytes(fileSize) + " that cannot hold them",
          headerSize() + Math.max(0, largest - headerSize()),
          REPLACE);
    }
    return bodySize;
  }

  private void requireBody(long bodySize, long read, boolean goesOn) throws IdxFormatException {
    if (read < bodySize) {
      throw wrong(
          "the body is too short for the header",
          bytes(bodySize) + " of elements, as the header says",
          bytes(read),
          headerSize() + read,
          REPLACE);
    }
    if (goesOn) {
      throw wrong(
          "bytes are left over",
          "the end of the file after " + bytes(bodySize) + " of elements",
          "more",
          headerSize() + bodySize,
          REPLACE);
    }
  }

  private byte[] allocate(int bodySize) throws IdxFormatException {
    try {
      return new byte[bodySize];
    } catch (OutOfMemoryError e) {
      IdxFormatException tooLarge =
          wrong(
              "the elements do not fit into Java's memory",
              "room for " + bytes(bodySize),
              "too little in a heap of at most " + bytes(Runtime.getRuntime().maxMemory()),
              headerSize(),
              "Give Java more memory: -Xmx4g.");
      tooLarge.initCause(e);
      throw tooLarge;
    }
  }

  private long headerSize() {
    return 4 + 4L * rank;
  }

  private int[] readHeader(InputStream raw) throws IOException {
    byte[] magic = raw.readNBytes(4);
    if (magic.length < 4) {
      throw wrong(
          "the header is too short",
          "4 bytes of magic number",
          bytes(magic.length),
          magic.length,
          REPLACE);
    }
    if (magic[0] == GZIP[0] && magic[1] == GZIP[1]) {
      throw wrong(
          "the file is gzipped twice", "00 00", "1f 8b again", 0, "Unpack it once, with gunzip.");
    }
    if (magic[0] != 0 || magic[1] != 0) {
      throw wrong(
          "this is not an IDX file",
          "00 00 (or 1f 8b, gzip)",
          HexFormat.ofDelimiter(" ").formatHex(magic, 0, 2)
              + (magic[0] == '<' ? ", the start of a web page" : ""),
          0,
          REPLACE);
    }
    if (magic[2] != UINT8) {
      throw wrong(
          "the element type is not uint8",
          "08",
          HexFormat.of().toHexDigits(magic[2]),
          2,
          "Convert the elements to uint8.");
    }
    if (magic[3] != rank) {
      throw wrong(
          "the number of dimensions is wrong",
          rank == IMAGES_RANK ? "3 for images [n, height, width]" : "1 for labels [n]",
          String.valueOf(magic[3] & 0xff),
          3,
          advice(magic[3]));
    }
    byte[] sizes = raw.readNBytes(4 * rank);
    if (sizes.length < 4 * rank) {
      throw wrong(
          "the header is too short",
          rank + " dimensions of 4 bytes",
          bytes(sizes.length),
          4 + sizes.length,
          REPLACE);
    }
    int[] dimensions = new int[rank];
    ByteBuffer.wrap(sizes).asIntBuffer().get(dimensions);
    for (int i = 0; i < rank; i++) {
      if (dimensions[i] == 0) {
        throw wrong("a dimension is zero", "at least 1", shape(dimensions), 4 + 4L * i, REPLACE);
      }
    }
    return dimensions;
  }

  /** What another number of dimensions mostly is. */
  private String advice(int found) {
    if (rank == IMAGES_RANK) {
      return switch (found) {
        case 1 -> "These may be the labels: check that they are not interchanged.";
        case 2 -> "These may be flat rows: store them with their height and width.";
        case 4 -> "These may have colours: convert them to grey, one byte a pixel.";
        default -> REPLACE;
      };
    }
    return switch (found) {
      case 2 -> "These may be one-hot rows: store the number of the class, one byte an image.";
      case 3 -> "These may be the images: check that they are not interchanged.";
      default -> REPLACE;
    };
  }

  private long bodySize(int[] dimensions) throws IOException {
    long size = 1;
    for (int i = 0; i < dimensions.length; i++) {
      try {
        size = Math.multiplyExact(size, Integer.toUnsignedLong(dimensions[i]));
      } catch (ArithmeticException e) {
        throw wrong(
            "the product of the dimensions overflows",
            "at most " + bytes(LARGEST_BODY),
            shape(dimensions),
            4 + 4L * i,
            REPLACE);
      }
    }
    return size;
  }

  private IdxFormatException corruptGzip(long offset, IOException cause) {
    boolean isEnd = cause instanceof EOFException || cause.getMessage() == null;
    IdxFormatException corrupt =
        new IdxFormatException(
            path,
            "the gzip stream is corrupt or cut off",
            "a whole gzip file",
            isEnd ? "the end of the file" : cause.getMessage(),
            offset,
            REPLACE);
    corrupt.initCause(cause);
    return corrupt;
  }

  private IdxFormatException wrong(
      String wrong, String expected, String found, long offset, String whatToDo) {
    return new IdxFormatException(path, wrong, expected, found, offset, whatToDo);
  }

  private static String bytes(long count) {
    return String.format(Locale.ROOT, "%,d %s", count, count == 1 ? "byte" : "bytes");
  }

  private static String shape(int[] dimensions) {
    return Arrays.toString(Arrays.stream(dimensions).mapToLong(Integer::toUnsignedLong).toArray());
  }
}
