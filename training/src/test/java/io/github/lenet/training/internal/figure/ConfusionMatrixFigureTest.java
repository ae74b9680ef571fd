package io.github.lenet.training.internal.figure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.training.evaluation.ConfusionMatrix;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

final class ConfusionMatrixFigureTest {

  private static final ConfusionMatrix MATRIX =
      new ConfusionMatrix(
          List.of("<cat> & \"co\"", "dog", "owl"),
          List.of(List.of(75, 25, 0), List.of(0, 10, 0), List.of(0, 0, 0)));

  private static Document parse(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
  }

  private static List<Element> elements(Document svg, String name, String style) {
    NodeList all = svg.getElementsByTagName(name);
    return IntStream.range(0, all.getLength())
        .mapToObj(i -> (Element) all.item(i))
        .filter(element -> element.getAttribute("class").equals(style))
        .toList();
  }

  @Test
  void coloursCellsByTheShareOfTheirRow() throws Exception {
    Document svg = parse(ConfusionMatrixFigure.svg("title", "subtitle", MATRIX));

    List<Element> right = elements(svg, "rect", "correct");
    List<Element> wrong = elements(svg, "rect", "misclassified");
    assertEquals(9, elements(svg, "rect", "empty").size());
    assertEquals(2, right.size());
    assertEquals(1, wrong.size());
    assertEquals("0.770", right.get(0).getAttribute("fill-opacity")); // 0.08 + 0.92 · 75 %
    assertEquals("1.000", right.get(1).getAttribute("fill-opacity"));
    assertEquals("0.540", wrong.get(0).getAttribute("fill-opacity")); // ... · the root of 25 %
    assertEquals(
        "true <cat> & \"co\", predicted dog: 25 (25.0 %)", wrong.get(0).getTextContent().strip());
    assertEquals(right.get(0).getAttribute("y"), wrong.get(0).getAttribute("y"));
    assertEquals(right.get(1).getAttribute("x"), wrong.get(0).getAttribute("x"));
  }

  @Test
  void namesRecallAndPrecision() throws Exception {
    Document svg = parse(ConfusionMatrixFigure.svg("title", "subtitle", MATRIX));

    assertEquals(
        List.of("0.75", "1.00", "-", "1.00", "0.29", "-"), // recalls; then 75/75, 10/35, none
        elements(svg, "text", "metric").stream().map(Element::getTextContent).toList());
  }

  @Test
  void leavesTheNumbersOutWhereManyClassesHaveNoRoomForThem() throws Exception {
    int classes = 100;
    List<String> names = IntStream.range(0, classes).mapToObj(i -> "class " + i).toList();
    List<List<Integer>> counts = new ArrayList<>();
    for (int label = 0; label < classes; label++) {
      int row = label;
      counts.add(IntStream.range(0, classes).mapToObj(i -> i == row ? 5 : 0).toList());
    }
    String svg = ConfusionMatrixFigure.svg("t", "s", new ConfusionMatrix(names, counts));

    assertEquals(100, elements(parse(svg), "rect", "correct").size());
    assertEquals(0, elements(parse(svg), "text", "count strong").size());
    assertTrue(Integer.parseInt(parse(svg).getDocumentElement().getAttribute("width")) < 2000);
    assertFalse(svg.contains("NaN"), svg);
  }

  /** Cells of 46 pixels, two pixels of paper between them; the colours mixed by hand. */
  @Test
  void theImageHasTheSameColours() {
    BufferedImage image =
        ConfusionMatrixFigure.image(
            new ConfusionMatrix(
                List.of("a", "b", "c"),
                List.of(List.of(4, 0, 0), List.of(1, 3, 0), List.of(0, 0, 0))));

    assertEquals(0x0067A5, rgb(image, 0, 0)); // all of it: the blue itself
    assertEquals(0xF3F5F7, rgb(image, 0, 1));
    // 0.08 + 0.92 · ¾ = 0.77 of blue; 0.08 + 0.92 · √¼ = 0.54 of orange, on F3F5F7
    assertEquals(0x3888B8, rgb(image, 1, 1));
    assertEquals(0xD79972, rgb(image, 1, 0));
    assertEquals(0xF3F5F7, rgb(image, 2, 2)); // no image of it
    assertEquals(0xFFFFFF, image.getRGB(98 + 45, 20 + 20) & 0xFFFFFF);
    assertEquals(0x0067A5, image.getRGB(98 + 43, 20 + 43) & 0xFFFFFF);
  }

  /** Ten characters of 6.6 pixels and two margins are left of the cells. */
  private static int rgb(BufferedImage image, int label, int predicted) {
    return image.getRGB(98 + predicted * 46 + 4, 20 + label * 46 + 4) & 0xFFFFFF;
  }

  @Test
  void theImageHasTheSameWordsAndNothingIsCutOff() {
    BufferedImage image =
        ConfusionMatrixFigure.image(
            new ConfusionMatrix(
                List.of("shirt", "ankle boot", "bag"),
                List.of(List.of(9, 1, 0), List.of(0, 8, 0), List.of(0, 0, 7))));

    assertTrue(ink(image, 0, 20, 98, 46) > 20, "shirt");
    assertTrue(ink(image, 0, 66, 98, 46) > 20, "ankle boot");
    assertTrue(ink(image, 98 + 138, 20, 60, 46) > 20, "recall");
    assertTrue(ink(image, 98, 20 + 138 + 24, 138, image.getHeight() - 182) > 40, "columns");
    assertTrue(ink(image, 98 + 10, 20 + 10, 26, 26, 0x1674AD) > 10, "9, on 0.908 of blue");
    assertEquals(0, ink(image, 98 + 92, 20, 44, 44, 0xF3F5F7), "no 0");
    assertEquals(0, ink(image, 0, 0, image.getWidth(), 2));
    assertEquals(0, ink(image, 0, 0, 2, image.getHeight()));
    assertEquals(0, ink(image, image.getWidth() - 2, 0, 2, image.getHeight()));
    assertEquals(0, ink(image, 0, image.getHeight() - 2, image.getWidth(), 2));
  }

  private static int ink(BufferedImage image, int left, int top, int width, int height) {
    return ink(image, left, top, width, height, 0xFFFFFF);
  }

  private static int ink(BufferedImage image, int left, int top, int width, int height, int paper) {
    return (int)
        IntStream.of(image.getRGB(left, top, width, height, null, 0, width))
            .filter(rgb -> (rgb & 0xFFFFFF) != paper)
            .count();
  }

  @Test
  void manyClassesWithLongNamesStillMakeAChart() throws Exception {
    List<String> names = IntStream.range(0, 256).mapToObj(i -> i + " " + "x".repeat(80)).toList();
    ConfusionMatrix matrix =
        new ConfusionMatrix(names, Collections.nCopies(256, Collections.nCopies(256, 1)));
    BufferedImage image = ConfusionMatrixFigure.image(matrix);
    int width =
        Integer.parseInt(
            parse(ConfusionMatrixFigure.svg("t", "s", matrix))
                .getDocumentElement()
                .getAttribute("width"));

    assertEquals(image.getWidth(), width);
    assertTrue(width > 256 * 14 && width < 256 * 14 + 330, width + " wide");
    assertTrue(image.getHeight() > 256 * 14 && image.getHeight() < 256 * 14 + 220);
  }
}
