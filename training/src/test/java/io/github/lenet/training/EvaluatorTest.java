package io.github.lenet.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.LeNetClassifier;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.PlainNetwork;
import io.github.lenet.model.RandomArchitectures;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

class EvaluatorTest {

  /**
   * 601 images of one row, whose pixels are the scores of three classes themselves: two whole
   * batches and a ragged one. Every image has loss = its first pixel.
   */
  @Test
  void countsEveryImageOnceAlsoThoseOfTheRaggedLastBatch() {
    int count = 601;
    byte[] pixels = new byte[3 * count];
    byte[] labels = new byte[count];
    int expectedCorrect = 0;
    long expectedLoss = 0;
    for (int i = 0; i < count; i++) {
      int answer = i % 3;
      labels[i] = (byte) (i % 2 == 0 ? answer : (answer + 1) % 3); // every other one is right
      expectedCorrect += i % 2 == 0 ? 1 : 0;
      for (int score = 0; score < 3; score++) {
        pixels[3 * i + score] = (byte) (score == answer ? 200 : i % 50);
      }
      expectedLoss += answer == 0 ? 200 : i % 50;
    }
    ImageDataset dataset = ImageDataset.of(1, 3, pixels, labels, List.of("a", "b", "c"));
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      ImageFeed images = new FedImages(tf, DeviceSelection.HOST, 1, 3);
      ImageFeed.Images batch = images.batches(tf, 1).get(0).whole();
      Operand<TFloat32> scores =
          tf.reshape(
              tf.dtypes.cast(batch.images(), TFloat32.class), tf.constant(new int[] {-1, 3}));
      Operand<TFloat32> losses =
          tf.gather(scores, tf.constant(0), tf.constant(1)); // the first column

      Metrics evaluation =
          new Evaluator(
                  images,
                  tf.stack(
                      List.of(
                          tf.math.mean(losses, tf.constant(0)),
                          Evaluator.correct(tf, batch.labels(), scores))))
              .evaluate(session, dataset);

      assertEquals(count, evaluation.total());
      assertEquals(expectedCorrect, evaluation.correct());
      assertEquals((double) expectedLoss / count, evaluation.meanLoss(), 1e-4); // float32
      assertEquals(301.0 / 601, evaluation.accuracy());
    }
  }

  static Stream<Arguments> sizes() {
    List<Integer> sizes = List.of(1, 2, 3, 97, 499, 500, 501, 1003);
    List<LeNetConfig> models = RandomArchitectures.draw(sizes.size(), 6).toList();
    return IntStream.range(0, sizes.size())
        .mapToObj(i -> Arguments.of(models.get(i), sizes.get(i), 1 + i % 4));
  }

  /**
   * Every class, one image and batches that are larger than the set, whole and ragged ones, with 1
   * to 4 replicas: against loops over arrays. What the exported network answers one by one, and the
   * confusion matrix of that, adds up to the same.
   */
  @ParameterizedTest
  @MethodSource("sizes")
  void countsAsPlainLoopsDo(LeNetConfig model, int size, int replicas) throws Exception {
    ImageDataset dataset =
        Images.noise(size, model.imageHeight(), model.imageWidth(), model.classes(), size);
    List<byte[]> images = IntStream.range(0, size).mapToObj(dataset::image).toList();
    int[] labels = IntStream.range(0, size).map(dataset::label).toArray();
    TrainingConfig config =
        TrainingConfigs.of(model, 1, 128, 0.1, 7, replicas).toBuilder()
            .standardization(new Standardization(0.5, 0.289))
            .build();
    assertEquals(replicas, config.replicas());
    try (Trainer trainer = new Trainer(config, DeviceSelection.cpu("test"));
        LeNetClassifier exported = trainer.model(dataset.classNames()).classifier()) {
      PlainNetwork plain = new PlainNetwork(model, TrainerTest.parameters(trainer), 0.5, 0.289);
      int[] counts = new int[model.classes()];
      int correct = 0;
      for (int i = 0; i < size; i++) {
        double[] logits = plain.logits(images.get(i));
        int answer = 0;
        for (int c = 1; c < logits.length; c++) {
          answer = logits[c] > logits[answer] ? c : answer;
        }
        correct += answer == labels[i] ? 1 : 0;
        counts[labels[i]]++;
      }
      Metrics evaluation = trainer.evaluate(dataset);
      ClassificationReport report =
          ClassificationReport.of(exported.probabilities(images), dataset);

      assertEquals(size, evaluation.total());
      assertEquals(correct, evaluation.correct());
      assertEquals(plain.loss(images, labels), evaluation.meanLoss(), 1e-5);
      assertEquals(size, report.confusionMatrix().total());
      assertEquals(correct, report.confusionMatrix().correct());
      assertEquals(evaluation.accuracy(), report.accuracy());
      assertEquals(evaluation.meanLoss(), report.meanLoss(), 1e-5);
      for (int c = 0; c < counts.length; c++) {
        assertEquals(counts[c], report.confusionMatrix().support(c));
      }
    }
  }

  /** Softmax cross-entropy of a network that has learned nothing is close to ln 10. */
  @Test
  void anUntrainedNetworkGuesses() {
    try (Trainer trainer =
        new Trainer(TrainingConfig.builder().build(), DeviceSelection.cpu("test"))) {
      Metrics evaluation = trainer.evaluate(Images.noise(777, 3));

      assertEquals(777, evaluation.total());
      assertEquals(Math.log(10), evaluation.meanLoss(), 0.4);
      assertTrue(evaluation.accuracy() < 0.3, evaluation.toString());
    }
  }
}
