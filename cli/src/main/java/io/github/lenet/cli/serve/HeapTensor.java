package io.github.lenet.cli.serve;

import java.lang.reflect.Array;
import java.util.List;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint8;

/**
 * A tensor on the Java heap, row by row: what travels between the threads that talk to clients and
 * those that compute. Nobody has to close it.
 *
 * @param type DT_UINT8, DT_FLOAT, DT_INT64 or DT_STRING
 * @param shape of at least one dimension, the first one counting the rows
 * @param values {@code byte[]}, {@code float[]}, {@code long[]} or {@code byte[][]}, not copied
 */
record HeapTensor(DataType type, Shape shape, Object values) {

  HeapTensor {
    if (shape.size() != Array.getLength(values)) {
      throw new IllegalArgumentException(
          "shape %s: expected %d values, found %d"
              .formatted(shape, shape.size(), Array.getLength(values)));
    }
  }

  /** An input of nothing but zeros; of numbers only. */
  static HeapTensor zeros(SignatureDef.TensorInfo port, int rows) {
    long[] sizes = port.shape().asArray();
    sizes[0] = rows;
    Shape shape = Shape.of(sizes);
    int size = (int) shape.size();
    return new HeapTensor(
        port.type(), shape, port.type() == DataType.DT_FLOAT ? new float[size] : new byte[size]);
  }

  /** A copy of what TensorFlow has computed. */
  static HeapTensor copyOf(Tensor tensor) {
    int size = (int) tensor.shape().size();
    Object values;
    if (tensor instanceof TFloat32 floats) {
      values = new float[size];
      floats.asRawTensor().data().asFloats().read((float[]) values);
    } else if (tensor instanceof TInt64 longs) {
      values = new long[size];
      longs.asRawTensor().data().asLongs().read((long[]) values);
    } else if (tensor instanceof TString strings) {
      byte[][] all = new byte[size][];
      int i = 0;
      for (NdArray<byte[]> each : strings.asBytes().scalars()) {
        all[i++] = each.getObject();
      }
      values = all;
    } else {
      throw new IllegalArgumentException("no output of a model has type " + tensor.dataType());
    }
    return new HeapTensor(tensor.dataType(), tensor.shape(), values);
  }

  /** A copy for TensorFlow; the caller closes it. */
  Tensor toTensor() {
    return switch (type) {
      case DT_UINT8 -> TUint8.tensorOf(shape, DataBuffers.of((byte[]) values));
      case DT_FLOAT -> TFloat32.tensorOf(shape, DataBuffers.of((float[]) values));
      case DT_STRING ->
          TString.tensorOfBytes(
              NdArrays.wrap(shape, DataBuffers.of((byte[][]) values, true, false)));
      default -> throw new IllegalStateException("no input of a model has type " + type);
    };
  }

  /** How many rows there are. */
  int rows() {
    return (int) shape.get(0);
  }

  /** How many values make a row. */
  int rowSize() {
    return rows() == 0 ? 0 : (int) (shape.size() / rows());
  }

  /** Some of the rows, copied, unless they are all. */
  HeapTensor rows(int from, int to) {
    if (from == 0 && to == rows()) {
      return this;
    }
    Object part = newArray((to - from) * rowSize());
    System.arraycopy(values, from * rowSize(), part, 0, Array.getLength(part));
    return new HeapTensor(type, withRows(to - from), part);
  }

  /** One below the other, in new arrays; they agree in all but the number of rows. */
  static HeapTensor concatenate(List<HeapTensor> tensors) {
    HeapTensor first = tensors.get(0);
    if (tensors.size() == 1) {
      return first;
    }
    int rows = tensors.stream().mapToInt(HeapTensor::rows).sum();
    Object all = first.newArray(rows * first.rowSize());
    int end = 0;
    for (HeapTensor tensor : tensors) {
      int length = Array.getLength(tensor.values);
      System.arraycopy(tensor.values, 0, all, end, length);
      end += length;
    }
    return new HeapTensor(first.type, first.withRows(rows), all);
  }

  private Object newArray(int length) {
    return Array.newInstance(values.getClass().getComponentType(), length);
  }

  private Shape withRows(int rows) {
    long[] sizes = shape.asArray();
    sizes[0] = rows;
    return Shape.of(sizes);
  }
}
