package io.github.lenet.model;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LeNetConfigTest {

  private static final LeNetConfig CLASSIC = LeNetConfig.classic();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          conv1  | [n, 28, 28, 6]  | [n, 6, 28, 28]  | 156
          pool1  | [n, 14, 14, 6]  | [n, 6, 14, 14]  | 0
          conv2  | [n, 10, 10, 16] | [n, 16, 10, 10] | 2416
          pool2  | [n, 5, 5, 16]   | [n, 16, 5, 5]   | 0
          dense1 | [n, 120]        | [n, 120]        | 48120
          dense2 | [n, 84]         | [n, 84]         | 10164
          logits | [n, 10]         | [n, 10]         | 850
          """)
  void classicLayersAreTheChapters(String name, String nhwc, String nchw, long parameters) {
    Layer layer =
        CLASSIC.layers().stream().filter(l -> l.name().equals(name)).findFirst().orElseThrow();

    assertEquals(nhwc, layer.outputShape(DataFormat.NHWC));
    assertEquals(nchw, layer.outputShape(DataFormat.NCHW));
    assertEquals(parameters, layer.parameterCount());
  }

  @Test
  void classicHasSevenLayersAnd61706Parameters() {
    assertEquals(7, CLASSIC.layers().size());
    assertEquals(61_706, CLASSIC.parameterCount());
  }

  @Test
  void countsWhatAnImageCosts() {
    long conv1 = 28 * 28 * 25 * 6;
    long conv2 = 10 * 10 * 25 * 6 * 16;
    long dense = 400 * 120 + 120 * 84 + 84 * 10;

    assertEquals(conv1 + conv2 + dense, CLASSIC.forwardMultiplyAdds());
    assertEquals(2 * conv1 + 3 * (conv2 + dense), CLASSIC.trainingMultiplyAdds());
  }

  @Test
  void summaryIsATableThatAddsUp() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.GERMANY); // digits are grouped the same way everywhere
      String summary = CLASSIC.summary(DataFormat.NHWC);

      assertEquals(9, summary.lines().count(), summary);
      assertTrue(summary.contains("conv2     [n, 10, 10, 16]         2,416\n"), summary);
      assertTrue(summary.endsWith("61,706\n"), summary);
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void depthIsAParameter() {
    LeNetConfig three =
        LeNetConfig.builder()
            .imageSize(32, 20)
            .kernelSize(3)
            .channels(4, 8, 12)
            .pooling(Pooling.MAX)
            .denseUnits()
            .activation(Activation.RELU)
            .classes(3)
            .build();

    assertEquals(
        List.of("conv1", "pool1", "conv2", "pool2", "conv3", "pool3", "logits"),
        three.layers().stream().map(Layer::name).toList());
    // 32x20 -> 16x10 -> (14x8) 7x4 -> (5x2) 2x1
    assertEquals("[n, 2, 1, 12]", three.layers().get(5).outputShape(DataFormat.NHWC));
    assertEquals(
        (9 * 4 + 4) + (9 * 4 * 8 + 8) + (9 * 8 * 12 + 12) + (24 * 3 + 3), three.parameterCount());
  }

  @Test
  void namesTheLayerForWhichTheImageIsTooSmall() {
    assertMessage(
        "conv2: its 15×15 window does not fit into the 14×14 pixels",
        () -> config(28, 15, List.of(6, 16), List.of(120), 10));
    assertMessage(
        "pool1: its 2×2 window does not fit into the 1×1 pixels",
        () -> config(1, 5, List.of(6), List.of(120), 10));
  }

  @Test
  void namesTheValueThatDoesNotFit() {
    assertMessage(
        "imageHeight (0) must be positive", () -> config(0, 5, List.of(6), List.of(), 10));
    assertMessage(
        "kernelSize (-1) must be positive", () -> config(28, -1, List.of(6), List.of(), 2));
    assertMessage("channels ([]) must name", () -> config(28, 5, List.of(), List.of(), 10));
    assertMessage(
        "channels (0) must be positive", () -> config(28, 5, List.of(6, 0), List.of(), 2));
    assertMessage("denseUnits (-3) must be", () -> config(28, 5, List.of(6), List.of(-3), 10));
    assertMessage("classes (1) must be at least 2", () -> config(28, 5, List.of(6), List.of(), 1));
    assertMessage(
        "more than 100,000,000", () -> config(28, 5, List.of(6), List.of(2_000_000_000), 10));
  }

  @Test
  void textHasALineForEveryField() {
    assertEquals(
        """
        image_height=28
        image_width=28
        kernel_size=5
        channels=6,16
        pooling=avg
        dense_units=120,84
        activation=sigmoid
        classes=10
        """,
        CLASSIC.toText());
    assertEquals(LeNetConfig.class.getRecordComponents().length, CLASSIC.toText().lines().count());
  }

  @Test
  void textIsReadBack() {
    LeNetConfig other =
        LeNetConfig.builder()
            .imageSize(32, 20)
            .kernelSize(3)
            .channels(4)
            .pooling(Pooling.MAX)
            .denseUnits()
            .activation(Activation.TANH)
            .classes(3)
            .build();

    assertEquals(CLASSIC, LeNetConfig.fromText(CLASSIC.toText()));
    assertEquals(other, LeNetConfig.fromText(other.toText()));
    assertEquals(
        CLASSIC,
        LeNetConfig.fromText(
            """
            classes = 10\r
            activation=SIGMOID\r

            dense_units=120, 84\r
            pooling=Avg\r
            channels= 6,16\r
            kernel_size=5\r
            image_width=28\r
            image_height=28\r
            """));
  }

  @Test
  void saysWhatIsWrongWithAText() {
    String text = CLASSIC.toText();
    assertMessage(
        "architecture: unknown line 'dropout=0.5': expected one of [image_height,",
        () -> LeNetConfig.fromText(text + "dropout=0.5\n"));
    assertMessage("unknown line '<html>'", () -> LeNetConfig.fromText("<html>"));
    assertMessage("classes is there twice", () -> LeNetConfig.fromText(text + "classes=10"));
    assertMessage(
        "architecture: pooling is missing",
        () -> LeNetConfig.fromText(text.replace("pooling=avg", "")));
    assertMessage(
        "channels: expected a whole number, found 'x'",
        () -> LeNetConfig.fromText(text.replace("6,16", "6,x")));
    assertMessage(
        "channels: expected a whole number, found ''",
        () -> LeNetConfig.fromText(text.replace("6,16", "6,")));
    assertMessage(
        "activation: expected one of [SIGMOID, TANH, RELU], found 'elu'",
        () -> LeNetConfig.fromText(text.replace("sigmoid", "elu")));
    assertMessage(
        "classes (1) must be at least 2",
        () -> LeNetConfig.fromText(text.replace("classes=10", "classes=1")));
  }

  private static LeNetConfig config(
      int side, int kernelSize, List<Integer> channels, List<Integer> dense, int classes) {
    return LeNetConfig.builder()
        .imageSize(side, side)
        .kernelSize(kernelSize)
        .channels(channels)
        .denseUnits(dense)
        .classes(classes)
        .build();
  }

  private static void assertMessage(String part, Runnable construction) {
    String message = assertThrows(IllegalArgumentException.class, construction::run).getMessage();
    assertTrue(message.contains(part), message);
  }

  /** (2^31 - 1)^2 · 4 is negative in 64 bits, and 2^29 · 2^29 · 64 is 0. */
  @Test
  void refusesWhatIsTooLargeForTheCountItself() {
    for (List<Integer> sizes :
        List.of(List.of(28, Integer.MAX_VALUE, 4), List.of(1 << 30, 1, 64))) {
      int side = sizes.get(0);
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  LeNetConfig.builder()
                      .imageSize(side, side)
                      .kernelSize(sizes.get(1))
                      .channels(sizes.get(2))
                      .pooling(Pooling.MAX)
                      .denseUnits()
                      .activation(Activation.RELU)
                      .build());
      assertTrue(e.getMessage().contains(" parameters, more than 100,000,000"), e.getMessage());
    }
  }

  /** Two rows are what pooling needs, and what it makes one of; 2×2 kernels take one before. */
  @ParameterizedTest
  @CsvSource({"2, 1, true", "1, 1, false", "6, 2, true", "5, 2, false"})
  void anImageMayShrinkToAPixelAndNoFurther(int side, int convolutions, boolean fits) {
    Executable create =
        () -> {
          LeNetConfig config =
              LeNetConfig.builder()
                  .imageSize(side, side)
                  .kernelSize(2)
                  .channels(Collections.nCopies(convolutions, 3))
                  .denseUnits()
                  .activation(Activation.RELU)
                  .classes(2)
                  .build();
          Layer last = config.layers().get(2 * convolutions - 1);
          assertEquals("[n, 1, 1, 3]", last.outputShape(DataFormat.NHWC));
        };
    if (fits) {
      assertDoesNotThrow(create);
    } else {
      assertThrows(IllegalArgumentException.class, create);
    }
  }
}
