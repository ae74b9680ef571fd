package io.github.lenet.training.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lenet.data.ImageDataset;
import io.github.lenet.training.evaluation.ClassificationReport.Misclassified;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClassificationReportTest {

  private static final ImageDataset IMAGES =
      ImageDataset.of(1, 1, new byte[4], new byte[] {0, 1, 1, 0}, List.of("a", "b"));

  @Test
  void lossAccuracyAndMistakesAreThoseComputedByHand() {
    ClassificationReport report =
        ClassificationReport.of(
            new float[][] {{0.75f, 0.25f}, {0.625f, 0.375f}, {0.5f, 0.5f}, {0.125f, 0.875f}},
            IMAGES);

    // -(ln 3/4 + ln 3/8 + ln 1/2 + ln 1/8) / 4 = ln(512 / 9) / 4
    assertEquals(Math.log(512 / 9.0) / 4, report.meanLoss(), 1e-7);
    assertEquals(0.25, report.accuracy());
    assertEquals(
        List.of(
            new Misclassified(3, 0, 1, 0.875f),
            new Misclassified(1, 1, 0, 0.625f),
            new Misclassified(2, 1, 0, 0.5f)),
        report.misclassified());
    assertEquals(List.of(List.of(1, 1), List.of(2, 0)), report.confusionMatrix().counts());
  }

  @Test
  void aProbabilityThatFloatsCannotHoldIsNoInfiniteLoss() {
    ClassificationReport report =
        ClassificationReport.of(new float[][] {{0, 1}, {0, 1}, {0, 1}, {1, 0}}, IMAGES);

    assertEquals(149 * Math.log(2) / 4, report.meanLoss(), 1e-9); // 2^-149 is the smallest
  }

  @Test
  void refusesAnswersThatAreNotAboutTheseImages() {
    assertThrows(
        IllegalArgumentException.class, () -> ClassificationReport.of(new float[3][2], IMAGES));
    assertThrows(
        IllegalArgumentException.class, () -> ClassificationReport.of(new float[4][3], IMAGES));
  }
}
