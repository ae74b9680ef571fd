package io.github.lenet.model;

import com.google.protobuf.ByteString;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.Feature;
import org.tensorflow.proto.Features;
import org.tensorflow.proto.Int64List;

/** Encodes images for the signature {@link ModelSignature#CLASSIFY_KEY}. */
final class ImageExample {

  private ImageExample() {}

  /**
   * Encodes an image as a {@code tf.Example}.
   *
   * @param pixels the pixels of one or several images, one after another
   * @param image the index of the image
   * @param size the number of pixels per image
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
