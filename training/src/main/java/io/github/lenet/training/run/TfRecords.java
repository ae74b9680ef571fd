package io.github.lenet.training.run;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * The format of TensorFlow's own files, such as TensorFlow Serving's warm-up requests and
 * TensorBoard's events: <a
 * href="https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details">
 * TFRecord</a>, records with checksums, one behind the other. A file is the concatenation of its
 * records; one that ends within a record is readable up to there.
 */
final class TfRecords {

  private TfRecords() {}

  /**
   * A record.
   *
   * @param data any number of bytes; copied
   * @return length, its checksum, data, their checksum; little-endian
   */
  static byte[] record(byte[] data) {
    ByteBuffer record = ByteBuffer.allocate(8 + 4 + data.length + 4).order(ByteOrder.LITTLE_ENDIAN);
    record.putLong(data.length).putInt(maskedChecksum(record.array(), 8));
    record.put(data).putInt(maskedChecksum(data, data.length));
    return record.array();
  }

  /** TFRecord turns and shifts its CRC-32C, lest data with checksums in it have weak ones. */
  private static int maskedChecksum(byte[] bytes, int length) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, 0, length);
    return Integer.rotateRight((int) checksum.getValue(), 15) + 0xa282ead8;
  }
}
