package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.training.ConfusionMatrix;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

final class ConfusionMatrixSvgTest {

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
    Document svg = parse(ConfusionMatrixSvg.draw("title", "subtitle", MATRIX));

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
    Document svg = parse(ConfusionMatrixSvg.draw("title", "subtitle", MATRIX));

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
    String svg = ConfusionMatrixSvg.draw("t", "s", new ConfusionMatrix(names, counts));

    assertEquals(100, elements(parse(svg), "rect", "correct").size());
    assertEquals(0, elements(parse(svg), "text", "count strong").size());
    assertTrue(Integer.parseInt(parse(svg).getDocumentElement().getAttribute("width")) < 2000);
    assertFalse(svg.contains("NaN"), svg);
  }
}
