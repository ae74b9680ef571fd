package io.github.lenet.training;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.types.TUint8;

/**
 * The requests that TensorFlow Serving sends to a model before it lets others ask, so that no
 * client waits for what the first run of a graph costs: one for each signature.
 *
 * <p>The file consists of {@link TfRecords} of {@code tensorflow.serving.PredictionLog}. TensorFlow
 * Java does not have the classes of these messages, so they are written field by field, numbered as
 * in TensorFlow Serving's <a
 * href="https://github.com/tensorflow/serving/tree/master/tensorflow_serving/apis">{@code
 * prediction_log.proto}, {@code predict.proto}, {@code classification.proto}, {@code input.proto}
 * and {@code model.proto}</a>.
 */
final class WarmUpRequests {

  /** The name that TensorFlow Serving looks for in {@code assets.extra}. */
  static final String FILE = "tf_serving_warmup_requests";

  private static final int CLASSIFY_LOG = 1; // of PredictionLog
  private static final int PREDICT_LOG = 6;
  private static final int REQUEST = 1; // of ClassifyLog and PredictLog
  private static final int MODEL_SPEC = 1; // of ClassificationRequest and PredictRequest
  private static final int INPUT = 2; // of ClassificationRequest
  private static final int EXAMPLE_LIST = 1; // of Input
  private static final int EXAMPLES = 1; // of ExampleList
  private static final int INPUTS = 2; // of PredictRequest
  private static final int NAME = 1; // of ModelSpec
  private static final int SIGNATURE_NAME = 3;
  private static final int KEY = 1; // of every map
  private static final int VALUE = 2;

  private WarmUpRequests() {}

  /**
   * Writes the file.
   *
   * @param file does not exist
   * @param images uint8 {@code [n, height, width]}, what to ask about; stays the caller's
   */
  static void write(Path file, TUint8 images) throws IOException {
    byte[] pixels = new byte[(int) images.size()];
    images.asRawTensor().data().read(pixels);
    TensorProto bytes = tensor(DataType.DT_UINT8, images.shape(), ByteString.copyFrom(pixels));
    ByteBuffer floats = ByteBuffer.allocate(4 * pixels.length).order(ByteOrder.LITTLE_ENDIAN);
    for (byte pixel : pixels) {
      floats.putFloat(Byte.toUnsignedInt(pixel) / 255f);
    }
    TensorProto scaled =
        tensor(DataType.DT_FLOAT, images.shape().append(1), ByteString.copyFrom(floats.flip()));
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    records.write(TfRecords.record(predictionLog(Signature.DEFAULT_KEY, bytes)));
    records.write(TfRecords.record(predictionLog(ServingSignature.SCALED, scaled)));
    records.write(TfRecords.record(predictionLog(ServingSignature.LAYERS, bytes)));
    records.write(TfRecords.record(classifyLog(pixels, (int) images.shape().get(0))));
    AtomicFile.writeInPlace(file, records.toByteArray());
  }

  private static TensorProto tensor(DataType type, Shape shape, ByteString content) {
    TensorShapeProto.Builder sizes = TensorShapeProto.newBuilder();
    for (long size : shape.asArray()) {
      sizes.addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
    }
    return TensorProto.newBuilder()
        .setDtype(type)
        .setTensorShape(sizes)
        .setTensorContent(content)
        .build();
  }

  private static byte[] predictionLog(String signature, TensorProto images) throws IOException {
    byte[] input =
        message(
            out -> {
              out.writeString(KEY, "images");
              out.writeMessage(VALUE, images);
            });
    byte[] request =
        message(
            out -> {
              out.writeByteArray(MODEL_SPEC, modelSpec(signature));
              out.writeByteArray(INPUTS, input);
            });
    byte[] predictLog = message(out -> out.writeByteArray(REQUEST, request));
    return message(out -> out.writeByteArray(PREDICT_LOG, predictLog));
  }

  private static byte[] classifyLog(byte[] pixels, int images) throws IOException {
    byte[] examples =
        message(
            out -> {
              for (int i = 0; i < images; i++) {
                out.writeBytes(EXAMPLES, ImageExample.of(pixels, i, pixels.length / images));
              }
            });
    byte[] input = message(out -> out.writeByteArray(EXAMPLE_LIST, examples));
    byte[] request =
        message(
            out -> {
              out.writeByteArray(MODEL_SPEC, modelSpec(ServingSignature.CLASSIFY_KEY));
              out.writeByteArray(INPUT, input);
            });
    byte[] classifyLog = message(out -> out.writeByteArray(REQUEST, request));
    return message(out -> out.writeByteArray(CLASSIFY_LOG, classifyLog));
  }

  private static byte[] modelSpec(String signature) throws IOException {
    return message(
        out -> {
          out.writeString(NAME, "lenet");
          out.writeString(SIGNATURE_NAME, signature);
        });
  }

  /** Writes the fields of a message; one inside another is encoded as its bytes. */
  private interface Fields {
    void write(CodedOutputStream out) throws IOException;
  }

  private static byte[] message(Fields fields) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    fields.write(out);
    out.flush();
    return bytes.toByteArray();
  }
}
