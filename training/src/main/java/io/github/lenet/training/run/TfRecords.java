package io.github.lenet.training.run;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Encodes <a
 * href="https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details">
 * TFRecord</a>, the format of TensorFlow's own files, such as TensorFlow Serving's warmup requests
 * and TensorBoard's events. A file is the concatenation of its records, which have checksums. A
 * file that ends within a record is readable up to there.
 */
final class TfRecords {

  private TfRecords() {}

  /**
   * Encodes a record.
   *
   * @param data any number of bytes; copied
   * @return length, checksum of the length, data, checksum of the data; little-endian
   */
  static byte[] record(byte[] data) {
    ByteBuffer record = ByteBuffer.allocate(8 + 4 + data.length + 4).order(ByteOrder.LITTLE_ENDIAN);
    record.putLong(data.length).putInt(maskedChecksum(record.array(), 8));
    record.put(data).putInt(maskedChecksum(data, data.length));
    return record.array();
  }

  /**
   * TFRecord rotates its CRC-32C and adds a constant. Otherwise data that contain checksums would
   * have weak ones.
   */
  private static int maskedChecksum(byte[] bytes, int length) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, 0, length);
    return Integer.rotateRight((int) checksum.getValue(), 15) + 0xa282ead8;
  }
}
