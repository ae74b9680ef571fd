package io.github.lenet.training.internal.figure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

class SvgTest {

  @Test
  void anyTextIsTextAndNothingElse() throws Exception {
    String hostile = "</text><script>alert('\u0001')</script> & \"%n\" 🧥";
    String svg =
        new Svg("chart", hostile).text("a", 1, 2, "start", hostile).document(10, 20, hostile);

    Element root =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)))
            .getDocumentElement();

    String expected = hostile.replace('\u0001', '\uFFFD');
    for (String name : new String[] {"title", "desc", "text"}) {
      assertEquals(expected, root.getElementsByTagName(name).item(0).getTextContent(), name);
    }
    assertEquals(0, root.getElementsByTagName("script").getLength());
  }

  /** Or two charts in one page would style each other. */
  @Test
  void everyRuleAppliesToItsOwnDocumentOnly() {
    String svg =
        new Svg("chart", "t")
            .style(".a,.b line{fill:red}\n", ".a{fill:blue}\n")
            .document(10, 20, "d");

    String style = svg.substring(svg.indexOf("<style>") + 8, svg.indexOf("</style>"));
    for (String line : style.lines().toList()) {
      assertTrue(line.startsWith(".chart") || line.startsWith("@media") || line.equals("}"), line);
    }
    assertTrue(style.contains(".chart .a,.chart .b line{fill:red}"), style);
  }
}
