package io.github.lenet.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any four files in a directory are the data set that {@link PlainIdx} makes of them, or are
 * refused with an {@link IdxFormatException}.
 */
final class IdxDirectoryFuzzTest {

  private static final List<String> NAMES =
      List.of(
          "train-images-idx3-ubyte",
          "train-labels-idx1-ubyte",
          "t10k-images-idx3-ubyte",
          "t10k-labels-idx1-ubyte");

  private static final Path DIRECTORY = temporaryDirectory();

  private static Path temporaryDirectory() {
    try {
      Path directory = Files.createTempDirectory("idx-fuzz");
      // In the order of their names backwards: what is deleted last is registered first.
      directory.toFile().deleteOnExit();
      NAMES.forEach(name -> directory.resolve(name).toFile().deleteOnExit());
      return directory;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  static Stream<byte[]> seeds() {
    byte[] two = images(2, 2, 3);
    byte[] one = images(1, 2, 3);
    return Stream.of(
        joined(two, labels(0, 1), one, labels(2)),
        joined(two, labels(0, 0), one, labels(0)), // only one class
        joined(two, labels(0, 1, 2), one, labels(2)), // too many labels
        joined(two, labels(0, 1), images(1, 3, 2), labels(255))); // other images
  }

  /**
   * @param bytes four times: the length of a file in a byte, and the file
   */
  @MethodSource("seeds")
  @Timeout(10)
  @FuzzTest
  void readsAnyFourFilesAsASecondReaderDoesOrRefusesThem(byte[] bytes) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    List<Optional<PlainIdx>> plain = new ArrayList<>();
    for (String name : NAMES) {
      byte[] file = new byte[in.hasRemaining() ? Math.min(in.get() & 0xff, in.remaining()) : 0];
      in.get(file);
      Files.write(DIRECTORY.resolve(name), file);
      plain.add(PlainIdx.read(file, name.contains("idx3") ? 3 : 1));
    }
    DatasetSplits read;
    try {
      read = IdxDirectory.load(DIRECTORY);
    } catch (IdxFormatException e) {
      assertTrue(e.getMessage().startsWith(DIRECTORY.toString()), e.getMessage());
      assertFalse(isDataset(plain), e.getMessage());
      return;
    }
    assertTrue(isDataset(plain), "read what is no data set");
    assertSame(plain.get(0), plain.get(1), read.train());
    assertSame(plain.get(2), plain.get(3), read.test());
  }

  private static boolean isDataset(List<Optional<PlainIdx>> files) {
    if (files.stream().anyMatch(Optional::isEmpty)) {
      return false;
    }
    List<PlainIdx> all = files.stream().map(Optional::orElseThrow).toList();
    boolean severalClasses = false;
    for (int i = 1; i < 4; i += 2) {
      for (byte label : all.get(i).body()) {
        severalClasses |= label != 0;
      }
    }
    return severalClasses
        && all.get(0).dimensions()[0] == all.get(1).dimensions()[0]
        && all.get(2).dimensions()[0] == all.get(3).dimensions()[0]
        && all.get(0).dimensions()[1] == all.get(2).dimensions()[1]
        && all.get(0).dimensions()[2] == all.get(2).dimensions()[2];
  }

  private static void assertSame(
      Optional<PlainIdx> images, Optional<PlainIdx> labels, ImageDataset read) {
    byte[] pixels = images.orElseThrow().body();
    byte[] classes = labels.orElseThrow().body();
    assertEquals(classes.length, read.size());
    ByteArrayOutputStream found = new ByteArrayOutputStream();
    for (int i = 0; i < read.size(); i++) {
      found.writeBytes(read.image(i));
      assertEquals(classes[i] & 0xff, read.label(i));
      assertTrue(read.label(i) < read.classCount());
    }
    assertArrayEquals(pixels, found.toByteArray());
  }

  private static byte[] images(int count, int height, int width) {
    ByteBuffer file = ByteBuffer.allocate(16 + count * height * width);
    file.putInt(0x0803).putInt(count).putInt(height).putInt(width).put((byte) 200);
    return file.array();
  }

  private static byte[] labels(int... labels) {
    ByteBuffer file = ByteBuffer.allocate(8 + labels.length).putInt(0x0801).putInt(labels.length);
    for (int label : labels) {
      file.put((byte) label);
    }
    return file.array();
  }

  private static byte[] joined(byte[]... files) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (byte[] file : files) {
      bytes.write(file.length);
      bytes.writeBytes(file);
    }
    return bytes.toByteArray();
  }
}
