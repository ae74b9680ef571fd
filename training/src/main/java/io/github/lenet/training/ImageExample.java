package io.github.lenet.training;

import com.google.protobuf.ByteString;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.Feature;
import org.tensorflow.proto.Features;
import org.tensorflow.proto.Int64List;

/** A picture as the signature {@link ServingSignature#CLASSIFY_KEY} takes it. */
final class ImageExample {

  private ImageExample() {}

  /**
   * Puts pixels into a {@code tf.Example}.
   *
   * @param pixels of one or several pictures, one after another
   * @param picture which of them
   * @param size how many pixels a picture has
   * @return the serialized example
   */
  static ByteString of(byte[] pixels, int picture, int size) {
    Int64List.Builder numbers = Int64List.newBuilder();
    for (int i = picture * size; i < (picture + 1) * size; i++) {
      numbers.addValue(Byte.toUnsignedInt(pixels[i]));
    }
    Feature image = Feature.newBuilder().setInt64List(numbers).build();
    return Example.newBuilder()
        .setFeatures(Features.newBuilder().putFeature(ServingSignature.IMAGE_FEATURE, image))
        .build()
        .toByteString();
  }
}
