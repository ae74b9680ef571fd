package io.github.lenet.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.LeNetClassifier;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.PlainNetwork;
import io.github.lenet.model.RandomArchitectures;
import io.github.lenet.training.device.DeviceSelection;
import io.github.lenet.training.evaluation.ClassificationReport;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class EvaluationTest {

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
