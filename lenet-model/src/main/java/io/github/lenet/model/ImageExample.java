package io.github.lenet.model;

import com.google.protobuf.ByteString;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.Feature;
import org.tensorflow.proto.Features;
import org.tensorflow.proto.Int64List;

/** An image as the signature {@link ModelSignature#CLASSIFY_KEY} takes it. */
final class ImageExample {

  private ImageExample() {}

  /**
   * Puts pixels into a {@code tf.Example}.
   *
   * @param pixels of one or several images, one after another
   * @param image which of them
   * @param size how many pixels an image has
   * @return the serialized example
   */
  static ByteString of(byte[] pixels, int image, int size) {
    Int64List.Builder numbers = Int64List.newBuilder();
    for (int i = image * size; i < (image + 1) * size; i++) {
      numbers.addValue(Byte.toUnsignedInt(pixels[i]));
    }
    Feature feature = Feature.newBuilder().setInt64List(numbers).build();
    return Example.newBuilder()
        .setFeatures(Features.newBuilder().putFeature(ModelSignature.IMAGE_FEATURE, feature))
        .build()
        .toByteString();
  }
}
