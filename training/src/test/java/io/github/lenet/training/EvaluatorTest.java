package io.github.lenet.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.data.ImageDataset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

class EvaluatorTest {

  /**
   * 601 pictures of one row, whose pixels are the scores of three classes themselves: two whole
   * batches and a ragged one. Every picture has loss = its first pixel.
   */
  @Test
  void countsEveryPictureOnceAlsoThoseOfTheRaggedLastBatch() {
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
      PictureFeed pictures = new FedPictures(tf, 1, 3);
      PictureFeed.Batch batch = pictures.batches(tf, 1).get(0);
      Operand<TFloat32> scores =
          tf.reshape(
              tf.dtypes.cast(batch.images(), TFloat32.class), tf.constant(new int[] {-1, 3}));
      Operand<TFloat32> losses =
          tf.gather(scores, tf.constant(0), tf.constant(1)); // the first column

      Evaluation evaluation =
          new Evaluator(
                  pictures,
                  tf.math.mean(losses, tf.constant(0)),
                  Evaluator.correct(tf, batch.labels(), scores))
              .evaluate(session, dataset);

      assertEquals(count, evaluation.total());
      assertEquals(expectedCorrect, evaluation.correct());
      assertEquals((double) expectedLoss / count, evaluation.meanLoss(), 1e-4); // float32
      assertEquals(301.0 / 601, evaluation.accuracy());
    }
  }

  /** Softmax cross-entropy of a network that has learned nothing is close to ln 10. */
  @Test
  void anUntrainedNetworkGuesses() {
    try (Trainer trainer = new Trainer(TrainingConfig.defaults(), DeviceSelection.cpu("test"))) {
      Evaluation evaluation = trainer.evaluate(Pictures.noise(777, 3));

      assertEquals(777, evaluation.total());
      assertEquals(Math.log(10), evaluation.meanLoss(), 0.4);
      assertTrue(evaluation.accuracy() < 0.3, evaluation.toString());
    }
  }
}
