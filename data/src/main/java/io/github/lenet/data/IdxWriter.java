package io.github.lenet.data;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;

/** Writes gzipped IDX files of uint8 elements: same elements, same bytes. */
final class IdxWriter {
  private IdxWriter() {}

  /**
   * Writes a file.
   *
   * @param file the file, which must not exist yet
   * @param elements uint8, last dimension fastest
   * @param dimensions {@code n, height, width} for images, {@code n} for labels
   */
  static void write(Path file, byte[] elements, int... dimensions) throws IOException {
    long product = 1;
    for (int dimension : dimensions) {
      product = Math.multiplyExact(product, dimension);
    }
    if (product != elements.length) {
      throw new IllegalArgumentException(
          "elements (%d) must be as many as the dimensions say (%d)"
              .formatted(elements.length, product));
    }
    // Neither time stamp nor file name nor operating system: they would change from run to run.
    GzipParameters parameters = new GzipParameters();
    parameters.setModificationTime(0);
    parameters.setOperatingSystem(255);
    try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW);
        DataOutputStream idx =
            new DataOutputStream(new GzipCompressorOutputStream(out, parameters))) {
      idx.write(new byte[] {0, 0, 0x08, (byte) dimensions.length});
      for (int dimension : dimensions) {
        idx.writeInt(dimension);
      }
      idx.write(elements);
    }
  }
}
