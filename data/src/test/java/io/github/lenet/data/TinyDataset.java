package io.github.lenet.data;

import io.github.lenet.data.internal.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** A data set of 20 + 10 images of noise, made in memory, the same in every process. */
record TinyDataset(DatasetSource source, Map<String, byte[]> gzip, Map<String, byte[]> raw) {
  static final int TRAIN_SIZE = 20;
  static final int TEST_SIZE = 10;
  static final int HEIGHT = 28;
  static final int WIDTH = 28;

  static TinyDataset at(URI... mirrors) {
    return named("tiny", "Tiny", mirrors);
  }

  static TinyDataset named(String id, String title, URI... mirrors) {
    Random random = new Random(42);
    Map<String, byte[]> raw = new LinkedHashMap<>();
    raw.put("train-images-idx3-ubyte.gz", images(random, TRAIN_SIZE));
    raw.put("train-labels-idx1-ubyte.gz", labels(TRAIN_SIZE));
    raw.put("t10k-images-idx3-ubyte.gz", images(random, TEST_SIZE));
    raw.put("t10k-labels-idx1-ubyte.gz", labels(TEST_SIZE));
    Map<String, byte[]> gzip = new LinkedHashMap<>();
    raw.forEach((name, bytes) -> gzip.put(name, gzip(bytes, Deflater.DEFAULT_COMPRESSION)));
    List<DatasetFile> files =
        raw.keySet().stream()
            .map(
                name ->
                    new DatasetFile(
                        name,
                        gzip.get(name).length,
                        Sha256.of(gzip.get(name)),
                        raw.get(name).length,
                        Sha256.of(raw.get(name))))
            .toList();
    return new TinyDataset(
        new DatasetSource(
            id,
            title,
            FashionMnist.SOURCE.classNames(),
            "none",
            List.of(mirrors),
            files.get(0),
            files.get(1),
            files.get(2),
            files.get(3),
            false),
        gzip,
        raw);
  }

  /** A header of dimensions, with the given element type, and the elements. */
  static byte[] idx(int type, byte[] elements, int... dimensions) {
    ByteBuffer buffer = ByteBuffer.allocate(4 + 4 * dimensions.length + elements.length);
    buffer.put(new byte[] {0, 0, (byte) type, (byte) dimensions.length});
    for (int dimension : dimensions) {
      buffer.putInt(dimension);
    }
    return buffer.put(elements).array();
  }

  static byte[] gzip(byte[] bytes, int level) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream stream =
        new GZIPOutputStream(out) {
          {
            def.setLevel(level);
          }
        }) {
      stream.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** Writes the four gzip files. */
  void writeTo(Path directory) throws IOException {
    Files.createDirectories(directory);
    for (Map.Entry<String, byte[]> file : gzip.entrySet()) {
      Files.write(directory.resolve(file.getKey()), file.getValue());
    }
  }

  private static byte[] images(Random random, int size) {
    byte[] pixels = new byte[size * HEIGHT * WIDTH];
    random.nextBytes(pixels);
    return idx(8, pixels, size, HEIGHT, WIDTH);
  }

  private static byte[] labels(int size) {
    byte[] labels = new byte[size];
    for (int i = 0; i < size; i++) {
      labels[i] = (byte) (i % 10);
    }
    return idx(8, labels, size);
  }
}
