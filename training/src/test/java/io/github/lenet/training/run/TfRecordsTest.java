package io.github.lenet.training.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.EagerSession;
import org.tensorflow.Operand;
import org.tensorflow.exceptions.TFOutOfRangeException;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TString;

class TfRecordsTest {

  @TempDir Path directory;

  /**
   * From TensorFlow's own <a
   * href="https://github.com/tensorflow/tensorflow/blob/v1.0.0/tensorflow/python/summary/impl/event_file_loader_test.py">
   * event_file_loader_test.py</a>.
   */
  @Test
  void areThoseOfAPublishedFile() {
    byte[] record =
        HexFormat.of()
            .parseHex(
                "1800000000000000"
                    + "a37f4b22"
                    + ("09" + "0000c025dd75d541" + "1a0d" + hex("brain.Event:1"))
                    + "ecf3328d");

    assertArrayEquals(record, TfRecords.record(Arrays.copyOfRange(record, 12, 12 + 24)));
  }

  private static String hex(String text) {
    return HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** CRC-32C of RFC 3720, B.4; masked by the formula of the TFRecord format. */
  @Test
  void haveTheChecksumsOfTheRfc() {
    assertEquals(masked(0x8a9136aaL), checksum(new byte[32]));
    byte[] ones = new byte[32];
    Arrays.fill(ones, (byte) 0xff);
    assertEquals(masked(0x62a8ab43L), checksum(ones));
    byte[] rising = new byte[32];
    for (int i = 0; i < 32; i++) {
      rising[i] = (byte) i;
    }
    assertEquals(masked(0x46dd794eL), checksum(rising));
  }

  private static long masked(long crc) {
    return ((crc >> 15 | crc << 17) + 0xa282ead8L) & 0xffffffffL;
  }

  private static long checksum(byte[] data) {
    ByteBuffer record = ByteBuffer.wrap(TfRecords.record(data)).order(ByteOrder.LITTLE_ENDIAN);
    return Integer.toUnsignedLong(record.getInt(8 + 4 + data.length));
  }

  @Test
  void areReadByTensorFlow() throws IOException {
    Random random = new Random(3);
    List<byte[]> written = new ArrayList<>();
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    for (int length : new int[] {0, 1, 24, 100_000}) {
      byte[] data = new byte[length];
      random.nextBytes(data);
      written.add(data);
      file.write(TfRecords.record(data));
    }
    List<byte[]> read = read(Files.write(directory.resolve("records"), file.toByteArray()));

    assertEquals(4, read.size());
    for (int i = 0; i < 4; i++) {
      assertArrayEquals(written.get(i), read.get(i));
    }
  }

  /** Else the test above would not have looked at the checksums. */
  @Test
  void aWrongBitAnywhereIsNoticedByTensorFlow() throws IOException {
    byte[] record = TfRecords.record(new byte[] {1, 2, 3});
    for (int place : new int[] {0, 9, 13, record.length - 1}) {
      byte[] wrong = record.clone();
      wrong[place] ^= 4;
      Path file = Files.write(directory.resolve("wrong"), wrong);

      assertThrows(TensorFlowException.class, () -> read(file));
    }
  }

  /**
   * TensorFlow's own reader, which checks both checksums of each record.
   *
   * @throws TensorFlowException if a record is corrupt, or the last one ends behind its length
   */
  static List<byte[]> read(Path file) {
    List<byte[]> records = new ArrayList<>();
    readInto(records, file);
    return records;
  }

  /** The same; what was read before something is wrong is in the list. */
  static void readInto(List<byte[]> records, Path file) {
    try (EagerSession session = EagerSession.create()) {
      Ops tf = Ops.create(session);
      // The op's newer form, which DataOps has, can't be iterated over in an eager session.
      Operand<?> dataset =
          tf.scope()
              .opBuilder("TFRecordDataset", "records")
              .addInput(tf.array(file.toString()).asOutput())
              .addInput(tf.constant("").asOutput())
              .addInput(tf.constant(0L).asOutput())
              .build()
              .output(0);
      var iterator = tf.data.anonymousIterator(List.of(TString.class), List.of(Shape.scalar()));
      tf.data.makeIterator(dataset, iterator.handle());
      while (true) {
        var next =
            tf.data.iteratorGetNext(
                iterator.handle(), List.of(TString.class), List.of(Shape.scalar()));
        records.add(((TString) next.components().get(0).asTensor()).asBytes().getObject());
      }
    } catch (TFOutOfRangeException e) {
      return; // the end of the file
    }
  }
}
