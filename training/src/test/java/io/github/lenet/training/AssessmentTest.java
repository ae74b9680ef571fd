package io.github.lenet.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lenet.data.ImageDataset;
import io.github.lenet.training.Assessment.Mistake;
import java.util.List;
import org.junit.jupiter.api.Test;

class AssessmentTest {

  private static final ImageDataset IMAGES =
      ImageDataset.of(1, 1, new byte[4], new byte[] {0, 1, 1, 0}, List.of("a", "b"));

  @Test
  void lossAccuracyAndMistakesAreThoseComputedByHand() {
    Assessment assessment =
        Assessment.of(
            new float[][] {{0.75f, 0.25f}, {0.625f, 0.375f}, {0.5f, 0.5f}, {0.125f, 0.875f}},
            IMAGES);

    // -(ln 3/4 + ln 3/8 + ln 1/2 + ln 1/8) / 4 = ln(512 / 9) / 4
    assertEquals(Math.log(512 / 9.0) / 4, assessment.meanLoss(), 1e-7);
    assertEquals(0.25, assessment.accuracy());
    assertEquals(
        List.of(
            new Mistake(3, 0, 1, 0.875f), new Mistake(1, 1, 0, 0.625f), new Mistake(2, 1, 0, 0.5f)),
        assessment.mistakes());
    assertEquals(List.of(List.of(1, 1), List.of(2, 0)), assessment.confusion().counts());
  }

  @Test
  void aProbabilityThatFloatsCannotHoldIsNoInfiniteLoss() {
    Assessment assessment = Assessment.of(new float[][] {{0, 1}, {0, 1}, {0, 1}, {1, 0}}, IMAGES);

    assertEquals(149 * Math.log(2) / 4, assessment.meanLoss(), 1e-9); // 2^-149 is the smallest
  }

  @Test
  void refusesAnswersThatAreNotAboutTheseImages() {
    assertThrows(IllegalArgumentException.class, () -> Assessment.of(new float[3][2], IMAGES));
    assertThrows(IllegalArgumentException.class, () -> Assessment.of(new float[4][3], IMAGES));
  }
}
