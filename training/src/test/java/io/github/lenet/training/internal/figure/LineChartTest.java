package io.github.lenet.training.internal.figure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.training.internal.figure.LineChart.Axis;
import io.github.lenet.training.internal.figure.LineChart.Curve;
import io.github.lenet.training.internal.figure.LineChart.Point;
import io.github.lenet.training.internal.figure.LineChart.Row;
import io.github.lenet.training.internal.figure.LineChart.Table;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

class LineChartTest {
  /** Coordinates are written with one decimal. */
  private static final double ROUNDING = 0.051;

  @Test
  void drawsEveryCurveWithAllItsPoints() {
    Element svg = parse(LineChart.draw("A run", "of ten epochs", 10, tenEpochs()));

    assertEquals(
        List.of("train loss", "train acc", "test acc"),
        children(svg, "g", "curve").map(LineChartTest::name).toList());
    assertEquals(
        List.of("train loss", "train acc", "test acc"),
        texts(svg, "name").map(Element::getTextContent).toList());
    assertEquals(
        List.of(40, 40, 10), children(svg, "g", "curve").map(c -> line(c).size()).toList());
    assertEquals(List.of("loss", "accuracy", "epoch"), contents(svg, "label"));
  }

  @Test
  void putsPointsWhereTheGridLinesOfTheirEpochAndValueCross() {
    Curve loss = curve("train loss", Axis.LOSS, new Point(3, 1.5), new Point(7, 0.5));
    Curve accuracy = curve("test acc", Axis.ACCURACY, new Point(2, 0.4), new Point(10, 0.8));

    Element svg = parse(LineChart.draw("", "", 10, List.of(loss, accuracy)));

    List<Element> ticks = texts(svg, "tick").toList();
    List<Element> ofLoss = ticks.subList(0, 4);
    assertEquals(
        List.of("0", "0.5", "1.0", "1.5"), ofLoss.stream().map(Element::getTextContent).toList());
    List<Element> ofAccuracy = ticks.subList(4, 10);
    List<Element> ofEpochs = ticks.subList(10, 21);
    List<double[]> line = line(curve(svg, "train loss"));
    assertPixel(x(ofEpochs, "3"), y(ofLoss, "1.5"), line.get(0));
    assertPixel(x(ofEpochs, "7"), y(ofLoss, "0.5"), line.get(1));
    line = line(curve(svg, "test acc"));
    assertPixel(x(ofEpochs, "2"), y(ofAccuracy, "0.4"), line.get(0));
    assertPixel(x(ofEpochs, "10"), y(ofAccuracy, "0.8"), line.get(1));
  }

  @Test
  void putsHalfAnEpochAndHalfTheRangeInTheMiddleOfThePanel() {
    Curve middle = curve("test acc", Axis.ACCURACY, new Point(0.5, 0.5));

    Element svg = parse(LineChart.draw("", "", 1, List.of(middle)));

    // The frame goes from the upper left corner down and then to the right: MLEFT,TOPVBOTTOMHRIGHT.
    double[] frame = numbers(children(svg, "path", "frame").findFirst().orElseThrow());
    double[] point = line(curve(svg, "test acc")).get(0);
    assertPixel((frame[0] + frame[3]) / 2, (frame[1] + frame[2]) / 2, point);
  }

  @Test
  void reachesAsFarAsItsCurvesDo() {
    Curve high = curve("train loss", Axis.LOSS, new Point(1, 870), new Point(12.5, -3));

    Element svg = parse(LineChart.draw("", "", 10, List.of(high)));

    double[] frame = numbers(children(svg, "path", "frame").findFirst().orElseThrow());
    for (double[] point : line(curve(svg, "train loss"))) {
      assertTrue(frame[0] <= point[0] && point[0] <= frame[3], Arrays.toString(point));
      assertTrue(frame[1] <= point[1] && point[1] <= frame[2], Arrays.toString(point));
    }
  }

  @Test
  void sharesOnePanelAmongTheCurvesOfAnAxis() {
    Axis learningRate = new Axis("learning rate", 0, 0);
    List<Curve> curves = new ArrayList<>(tenEpochs());
    curves.add(curve("rate", learningRate, new Point(0, 0.0009), new Point(10, 0.00005)));

    Element svg = parse(LineChart.draw("", "", 10, curves));

    assertEquals(List.of("loss", "accuracy", "learning rate", "epoch"), contents(svg, "label"));
    assertEquals(3, children(svg, "path", "frame").count());
    assertEquals("5.00e-05 rate", contents(svg, "value").get(3));
  }

  @Test
  void keepsTheLastValuesApartAndOnThePanel() {
    List<Curve> curves =
        DoubleStream.of(0.001, 0.999, 0, 0.5, 0.501, 1)
            .mapToObj(last -> curve("run", Axis.ACCURACY, new Point(1, last)))
            .toList();

    Element svg = parse(LineChart.draw("", "", 1, curves));

    double[] frame = numbers(children(svg, "path", "frame").findFirst().orElseThrow());
    List<Element> labels =
        texts(svg, "value")
            .sorted(Comparator.comparingDouble(label -> number(label, "y")))
            .toList();
    assertEquals(
        List.of("1.000 run", "0.999 run", "0.501 run", "0.500 run", "1.00e-03 run", "0.000 run"),
        labels.stream().map(Element::getTextContent).toList());
    for (int i = 1; i < labels.size(); i++) {
      double gap = number(labels.get(i), "y") - number(labels.get(i - 1), "y");
      assertTrue(gap >= 12, "labels of 12 px lie " + gap + " px apart");
    }
    // Text stands on its y, so a label beside the frame's edge has it a little lower.
    assertTrue(number(labels.get(0), "y") >= frame[1]);
    assertTrue(number(labels.get(5), "y") <= frame[2] + 6);
  }

  @Test
  void drawsATableInPlaceOfTheLegend() {
    Axis other = new Axis("error", 0, 1);
    Curve first = curve("a", Axis.ACCURACY, new Point(1, 0.5));
    Curve second = curve("b", Axis.ACCURACY, new Point(1, 0.6));
    Curve again = curve("b", other, new Point(1, 0.4));
    Table table =
        new Table(
            List.of("data", "acc"),
            List.of(
                new Row("a", List.of("some", "0.5"), ""),
                new Row("b", List.of("other", "0.6"), "is <better>")));

    Element svg = parse(LineChart.draw("", "", 1, List.of(first, second, again), table));

    assertEquals(List.of("a", "b"), contents(svg, "name"));
    assertEquals(List.of("some", "0.5", "other", "0.6"), contents(svg, "cell"));
    assertEquals(List.of("is <better>"), contents(svg, "remark"));
    List<Element> cells = texts(svg, "cell").toList();
    List<Element> heads = texts(svg, "head").toList(); // from the right
    assertEquals(number(heads.get(0), "x"), number(cells.get(1), "x"));
    assertEquals(number(heads.get(1), "x"), number(cells.get(0), "x"));
    assertEquals(number(cells.get(0), "y"), number(cells.get(1), "y"));
    assertTrue(number(cells.get(0), "y") < number(cells.get(2), "y"));
    assertEquals(
        List.of("curve c0", "curve c1", "curve c1"), // those of a name look alike
        children(svg, "g", "curve").map(curve -> curve.getAttribute("class")).toList());
    double[] frame = numbers(children(svg, "path", "frame").findFirst().orElseThrow());
    assertTrue(number(texts(svg, "remark").findFirst().orElseThrow(), "y") < frame[1]);
  }

  @Test
  void keepsTextOutOfTheMarkup() {
    String title = "</title><script>alert(1)</script> & \"more\" 'than' \u0000\uD800 \uD83D\uDC5F";
    Curve curve = curve("<a&b>", new Axis("x < y", 0, 1), new Point(1, 0.5));

    Element svg = parse(LineChart.draw(title, "<b>%d %n &amp;</b>", 1, List.of(curve)));

    String shown = title.replace('\u0000', '\uFFFD').replace('\uD800', '\uFFFD');
    assertEquals(List.of(shown), contents(svg, "title"));
    assertEquals(List.of("<b>%d %n &amp;</b>"), contents(svg, "subtitle"));
    assertEquals(List.of("<a&b>"), contents(svg, "name"));
    assertEquals("x < y", contents(svg, "label").get(0));
    assertEquals(0, svg.getElementsByTagName("script").getLength());
  }

  @Test
  void tellsScreenReadersTheNumbers() {
    Curve accuracy = curve("test acc", Axis.ACCURACY, new Point(1, 0.1), new Point(2, 0.815));
    Curve loss = curve("train loss", Axis.LOSS);

    Element svg = parse(LineChart.draw("LeNet", "a run", 2, List.of(accuracy, loss)));

    assertEquals("LeNet", name(svg));
    assertEquals(
        "a run; test acc: 0.100 at epoch 1.00, then 0.815 at epoch 2.00;"
            + " train loss: no epoch finished",
        svg.getElementsByTagName("desc").item(0).getTextContent());
  }

  @Test
  void drawsTheAxesWhenNoEpochIsFinished() {
    List<Curve> curves = List.of(curve("train loss", Axis.LOSS), curve("train acc", Axis.ACCURACY));

    Element svg = parse(LineChart.draw("", "", 10, curves));

    assertEquals(List.of("no epoch finished", "no epoch finished"), contents(svg, "absence"));
    assertEquals(2, children(svg, "path", "frame").count());
    assertTrue(contents(svg, "tick").contains("10"));
    assertEquals(0, children(svg, "g", "curve").count());
    assertEquals(1, children(parse(LineChart.draw("", "", 1, List.of())), "path", "frame").count());
  }

  @Test
  void marksAPointThatHasNoSecondOneToBeJoinedWith() {
    Curve curve = curve("test acc", Axis.ACCURACY, new Point(1, 0.25));

    Element svg = parse(LineChart.draw("", "", 1, List.of(curve)));

    double[] point = line(curve(svg, "test acc")).get(0);
    Element marker = children(curve(svg, "test acc"), "path", "marker").findFirst().orElseThrow();
    assertEquals(point[0], numbers(marker)[0]);
    assertEquals(point[1], numbers(marker)[1]);
    assertEquals(List.of("0.250 test acc"), contents(svg, "value"));
  }

  @Test
  void leavesOutWhatIsNotFiniteAndSaysSo() {
    Curve some =
        curve(
            "train loss",
            Axis.LOSS,
            new Point(1, 2),
            new Point(2, Double.NaN),
            new Point(3, Double.POSITIVE_INFINITY),
            new Point(Double.NaN, 1),
            new Point(4, -Double.MAX_VALUE),
            new Point(5, 1));
    Curve none = curve("test acc", Axis.ACCURACY, new Point(1, Double.NaN));

    String text = LineChart.draw("", "", 10, List.of(some, none));

    Element svg = parse(text);
    assertEquals(2, line(curve(svg, "train loss")).size());
    assertEquals(
        List.of("train loss (4 not finite)", "test acc (1 not finite)"), contents(svg, "name"));
    assertEquals(List.of("no finite value"), contents(svg, "absence"));
    assertFalse(text.contains("NaN") || text.contains("Infinity"), text);
  }

  @Test
  void thinsAThousandEpochsToWhatCanBeSeen() {
    List<Point> points =
        IntStream.rangeClosed(1, 100_000)
            .mapToObj(i -> new Point(i / 100.0, i == 54_321 ? 0.9 : 0.5 + 0.1 * Math.sin(i)))
            .toList();
    List<Curve> curves = List.of(new Curve("train acc", Axis.ACCURACY, points));

    Element svg = parse(LineChart.draw("", "", 1000, curves));

    List<double[]> line = line(curve(svg, "train acc"));
    double[] frame = numbers(children(svg, "path", "frame").findFirst().orElseThrow());
    assertTrue(line.size() <= 2 * (frame[3] - frame[0]) + 4, line.size() + " points");
    assertEquals(frame[3], line.get(line.size() - 1)[0]);
    double height = frame[2] - frame[1];
    double highest = line.stream().mapToDouble(point -> point[1]).min().orElseThrow();
    assertEquals(frame[2] - 0.9 * height, highest, ROUNDING, "the outlier is still there");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 10, 12, 25, 100, 235, 1000, 1_000_000, Integer.MAX_VALUE})
  void labelsAnyNumberOfEpochsWithAHandfulOfTicks(int epochs) {
    Element svg = parse(LineChart.draw("", "", epochs, List.of(curve("loss", Axis.LOSS))));

    int ofLoss = 6;
    List<Element> ticks = texts(svg, "tick").skip(ofLoss).toList();
    assertTrue(ticks.size() >= 4 && ticks.size() <= 11, ticks.size() + " ticks");
    assertEquals("0", ticks.get(0).getTextContent());
    assertEquals(
        ticks.size(), ticks.stream().map(Element::getTextContent).distinct().count(), "distinct");
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-40, 1e-12, 3e-5, 0.02, 1, 2.33, 999, 1e5, 7e12, 3e38})
  void labelsAnyRangeOfValuesWithAHandfulOfTicks(double highest) {
    for (double lowest : new double[] {0, -highest / 3, highest}) {
      Curve curve = curve("loss", Axis.LOSS, new Point(0, lowest), new Point(1, highest));

      List<String> ticks = contents(parse(LineChart.draw("", "", 1, List.of(curve))), "tick");

      int ofEpochs = 6;
      List<String> ofValues = ticks.subList(0, ticks.size() - ofEpochs);
      assertTrue(ofValues.size() >= 3 && ofValues.size() <= 8, ofValues::toString);
      assertEquals(ofValues.size(), ofValues.stream().distinct().count(), ofValues::toString);
    }
  }

  @Test
  void drawsTheSameTextWhateverTheLocaleAndTheOrderOfThePoints() {
    String text = LineChart.draw("A run", "", 10, tenEpochs());
    List<Curve> backwards =
        tenEpochs().stream()
            .map(
                curve ->
                    new Curve(
                        curve.name(),
                        curve.axis(),
                        curve.points().stream()
                            .sorted(Comparator.comparingDouble(Point::epoch).reversed())
                            .toList()))
            .toList();

    assertEquals(text, LineChart.draw("A run", "", 10, backwards));
    Locale before = Locale.getDefault();
    try {
      for (Locale locale : List.of(Locale.GERMANY, Locale.forLanguageTag("ar-EG-u-nu-arab"))) {
        Locale.setDefault(locale);
        assertEquals(text, LineChart.draw("A run", "", 10, tenEpochs()), locale.toString());
      }
    } finally {
      Locale.setDefault(before);
    }
    assertTrue(contents(parse(text), "tick").contains("0.2"));
    assertFalse(text.contains("\r"), "lines end the same everywhere");
  }

  @Test
  void rejectsWhatIsNoTime() {
    Exception noEpochs =
        assertThrows(IllegalArgumentException.class, () -> LineChart.draw("", "", 0, List.of()));
    Exception before = assertThrows(IllegalArgumentException.class, () -> new Point(-1, 0));
    Exception empty = assertThrows(IllegalArgumentException.class, () -> new Axis("x", 1, 0));

    assertEquals("epochs (0) must be positive", noEpochs.getMessage());
    assertEquals("epoch (-1.0) must not be negative", before.getMessage());
    assertEquals("least (1.0) and most (0.0) must be finite and in this order", empty.getMessage());
  }

  private static List<Curve> tenEpochs() {
    List<Point> quarters =
        IntStream.rangeClosed(1, 40).mapToObj(i -> new Point(i / 4.0, 2.0 / i)).toList();
    List<Point> epochs =
        IntStream.rangeClosed(1, 10).mapToObj(i -> new Point(i, 0.08 * i)).toList();
    return List.of(
        new Curve("train loss", Axis.LOSS, quarters),
        new Curve(
            "train acc",
            Axis.ACCURACY,
            quarters.stream().map(p -> new Point(p.epoch(), 0.5 - p.value() / 5)).toList()),
        new Curve("test acc", Axis.ACCURACY, epochs));
  }

  private static Curve curve(String name, Axis axis, Point... points) {
    return new Curve(name, axis, List.of(points));
  }

  private static Element parse(String svg) {
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      return factory
          .newDocumentBuilder()
          .parse(new InputSource(new StringReader(svg)))
          .getDocumentElement();
    } catch (ParserConfigurationException | SAXException | IOException e) {
      throw new AssertionError("not well-formed:\n" + svg, e);
    }
  }

  /** The elements below with this tag whose class starts with this word. */
  private static Stream<Element> children(Element parent, String tag, String role) {
    NodeList nodes = parent.getElementsByTagName(tag);
    return IntStream.range(0, nodes.getLength())
        .mapToObj(i -> (Element) nodes.item(i))
        .filter(element -> element.getAttribute("class").split(" ")[0].equals(role));
  }

  private static Stream<Element> texts(Element svg, String role) {
    return children(svg, "text", role);
  }

  private static List<String> contents(Element svg, String role) {
    return texts(svg, role).map(Element::getTextContent).toList();
  }

  private static Element curve(Element svg, String name) {
    return children(svg, "g", "curve").filter(c -> name(c).equals(name)).findFirst().orElseThrow();
  }

  private static String name(Element element) {
    return element.getElementsByTagName("title").item(0).getTextContent();
  }

  /** The pixels that a curve goes through. */
  private static List<double[]> line(Element curve) {
    double[] numbers = numbers(children(curve, "path", "line").findFirst().orElseThrow());
    return IntStream.range(0, numbers.length / 2)
        .mapToObj(i -> new double[] {numbers[2 * i], numbers[2 * i + 1]})
        .toList();
  }

  private static double[] numbers(Element path) {
    return Arrays.stream(path.getAttribute("d").split("[^0-9.]+"))
        .filter(number -> !number.isEmpty())
        .mapToDouble(Double::parseDouble)
        .toArray();
  }

  private static double number(Element element, String attribute) {
    return Double.parseDouble(element.getAttribute(attribute));
  }

  private static Element tick(List<Element> ticks, String label) {
    return ticks.stream().filter(t -> t.getTextContent().equals(label)).findFirst().orElseThrow();
  }

  private static double x(List<Element> ticks, String label) {
    return number(tick(ticks, label), "x");
  }

  /** The grid line that a label belongs to comes right before it. */
  private static double y(List<Element> ticks, String label) {
    Element line = (Element) tick(ticks, label).getPreviousSibling().getPreviousSibling();
    assertEquals(number(line, "y1"), number(line, "y2"));
    return number(line, "y1");
  }

  private static void assertPixel(double x, double y, double[] point) {
    assertEquals(x, point[0], ROUNDING);
    assertEquals(y, point[1], ROUNDING);
  }
}
