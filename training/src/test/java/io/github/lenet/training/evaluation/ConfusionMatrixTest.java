package io.github.lenet.training.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class ConfusionMatrixTest {

  /** Ten images: 4 cats (3 taken for cats, 1 for a dog), 5 dogs (2 for cats), 1 that is a fox. */
  private static final ConfusionMatrix MATRIX =
      ConfusionMatrix.of(
          List.of("cat", "dog", "fox", "owl"),
          new int[] {0, 0, 0, 0, 1, 1, 1, 1, 1, 2},
          new int[] {0, 0, 0, 1, 1, 1, 1, 0, 0, 0});

  @Test
  void countsRowsByLabelAndColumnsByAnswer() {
    assertEquals(
        List.of(List.of(3, 1, 0, 0), List.of(2, 3, 0, 0), List.of(1, 0, 0, 0), List.of(0, 0, 0, 0)),
        MATRIX.counts());
    assertEquals(10, MATRIX.total());
    assertEquals(6, MATRIX.correct());
    assertEquals(5, MATRIX.support(1));
    assertEquals(4, MATRIX.predictions(1));
  }

  @Test
  void measuresAreThoseComputedByHand() {
    assertEquals(3 / 6.0, MATRIX.precision(0));
    assertEquals(3 / 4.0, MATRIX.recall(0));
    assertEquals(0.6, MATRIX.f1(0), 1e-12); // 2 · 0.5 · 0.75 / 1.25
    assertEquals(3 / 4.0, MATRIX.precision(1));
    assertEquals(3 / 5.0, MATRIX.recall(1));
    assertEquals(2 / 3.0, MATRIX.f1(1), 1e-12); // 2 · 0.75 · 0.6 / 1.35
  }

  @Test
  void whatCannotBeMeasuredIsNotANumber() {
    assertEquals(Double.NaN, MATRIX.precision(2)); // nothing was taken for a fox
    assertEquals(0, MATRIX.recall(2));
    assertEquals(0, MATRIX.f1(2));
    assertEquals(Double.NaN, MATRIX.precision(3)); // and there is no owl at all
    assertEquals(Double.NaN, MATRIX.recall(3));
    assertEquals(Double.NaN, MATRIX.f1(3));
  }

  @Test
  void refusesWhatIsNoMatrix() {
    List<String> names = List.of("a", "b");
    assertThrows(
        IllegalArgumentException.class,
        () -> ConfusionMatrix.of(names, new int[] {0, 1}, new int[] {0}));
    assertThrows(
        IllegalArgumentException.class,
        () -> new ConfusionMatrix(names, List.of(List.of(1, 2), List.of(3))));
    assertThrows(
        IllegalArgumentException.class,
        () -> new ConfusionMatrix(names, List.of(List.of(1, 2), List.of(3, -1))));
  }
}
