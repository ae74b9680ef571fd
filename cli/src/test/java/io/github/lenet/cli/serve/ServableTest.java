package io.github.lenet.cli.serve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lenet.data.ImageDataset;
import io.github.lenet.data.SampleGarments;
import io.github.lenet.model.LeNetClassifier;
import io.github.lenet.model.Prediction;
import io.github.lenet.training.evaluation.Activations;
import io.github.lenet.training.evaluation.FeatureMaps;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.Feature;
import org.tensorflow.proto.Features;
import org.tensorflow.proto.Int64List;

final class ServableTest {

  private static final ImageDataset GARMENTS = SampleGarments.load().test();

  private static LeNetClassifier classifier;
  private static Servable servable;

  @BeforeAll
  static void build() throws Exception {
    classifier = LeNetClassifier.pretrained();
    servable = new Servable(7, classifier.model());
  }

  @AfterAll
  static void close() {
    servable.close();
    classifier.close();
  }

  /** Test images of the sample set, uint8 {@code [n, 28, 28]}. */
  static HeapTensor images(int... which) {
    byte[] pixels = new byte[which.length * 784];
    for (int i = 0; i < which.length; i++) {
      System.arraycopy(GARMENTS.image(which[i]), 0, pixels, i * 784, 784);
    }
    return new HeapTensor(DataType.DT_UINT8, Shape.of(which.length, 28, 28), pixels);
  }

  /** A test image of the sample set as a serialized {@code tf.Example}. */
  static HeapTensor example(int which) {
    Int64List.Builder numbers = Int64List.newBuilder();
    for (byte pixel : GARMENTS.image(which)) {
      numbers.addValue(Byte.toUnsignedInt(pixel));
    }
    Feature image = Feature.newBuilder().setInt64List(numbers).build();
    Features features = Features.newBuilder().putFeature("image", image).build();
    byte[] example = Example.newBuilder().setFeatures(features).build().toByteArray();
    return new HeapTensor(DataType.DT_STRING, Shape.of(1), new byte[][] {example});
  }

  private static List<byte[]> garments(int count) {
    return IntStream.range(0, count).mapToObj(GARMENTS::image).toList();
  }

  @Test
  void theDefaultSignatureAnswersAsTheClassifier() throws Exception {
    Map<String, HeapTensor> answer =
        servable.run("serving_default", Map.of("images", images(0, 1, 2, 3)));

    assertEquals(List.of("probabilities", "classes", "labels"), List.copyOf(answer.keySet()));
    float[] probabilities = (float[]) answer.get("probabilities").values();
    for (int i = 0; i < 4; i++) {
      byte[] image = garments(4).get(i);
      float[] expected = classifier.probabilities(List.of(image))[0];
      for (int c = 0; c < 10; c++) {
        assertEquals(expected[c], probabilities[i * 10 + c], 1e-5);
      }
      Prediction best = classifier.predict(image, 1).get(0);
      assertEquals(best.classIndex(), ((long[]) answer.get("classes").values())[i]);
      byte[] label = ((byte[][]) answer.get("labels").values())[i];
      assertEquals(best.className(), new String(label, StandardCharsets.UTF_8));
    }
  }

  @Test
  void scaledPixelsAreAnsweredAlike() throws Exception {
    byte[] bytes = (byte[]) images(5, 6).values();
    float[] scaled = new float[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      scaled[i] = Byte.toUnsignedInt(bytes[i]) / 255f;
    }
    HeapTensor floats = new HeapTensor(DataType.DT_FLOAT, Shape.of(2, 28, 28, 1), scaled);

    assertArrayEquals(
        (float[])
            servable
                .run("serving_default", Map.of("images", images(5, 6)))
                .get("probabilities")
                .values(),
        (float[]) servable.run("scaled", Map.of("images", floats)).get("probabilities").values(),
        1e-6f);
  }

  @Test
  void layersAreThoseThatActivationsShow() throws Exception {
    Map<String, HeapTensor> answer = servable.run("layers", Map.of("images", images(8)));

    List<FeatureMaps> expected =
        Activations.of(classifier.model(), List.of(garments(9).get(8))).images().get(0);
    assertEquals(List.of("conv1", "pool1", "conv2", "pool2"), List.copyOf(answer.keySet()));
    FeatureMaps conv2 = expected.get(2);
    float[] found = (float[]) answer.get("conv2").values();
    assertEquals(Shape.of(1, 10, 10, 16), answer.get("conv2").shape());
    for (int row = 0; row < 10; row++) {
      for (int channel = 0; channel < 16; channel++) {
        assertEquals(conv2.value(row, 3, channel), found[(row * 10 + 3) * 16 + channel], 1e-5);
      }
    }
  }

  @Test
  void examplesAreRankedAsTheClassifierRanksThem() throws Exception {
    byte[] image = garments(10).get(9);

    Map<String, HeapTensor> answer = servable.run("classify", Map.of("inputs", example(9)));

    List<Prediction> expected = classifier.predict(image, 10);
    for (int i = 0; i < 10; i++) {
      byte[] name = ((byte[][]) answer.get("classes").values())[i];
      assertEquals(expected.get(i).className(), new String(name, StandardCharsets.UTF_8));
      assertEquals(
          expected.get(i).probability(), ((float[]) answer.get("scores").values())[i], 1e-5);
    }
  }

  @Test
  void whatIsNoExampleIsTheClientsMistake() {
    HeapTensor garbage = new HeapTensor(DataType.DT_STRING, Shape.of(1), new byte[][] {{1, 2, 3}});

    StatusException refused =
        assertThrows(
            StatusException.class, () -> servable.run("classify", Map.of("inputs", garbage)));

    assertEquals(StatusException.Code.INVALID_ARGUMENT, refused.code());
  }
}
