package io.github.lenet.training.internal.figure;

import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Writes an SVG document, element by element. It has a page and follows the reader's light or dark
 * mode. It describes itself in {@code <title>} and {@code <desc>} for screen readers, and is the
 * same text for the same calls on every machine.
 */
public final class Svg {

  /** The approximate width of a character, in pixels; text has a size of 12 pixels. */
  public static final double CHARACTER = 6.6;

  private static final String FONT =
      "font-family:system-ui,-apple-system,\"Segoe UI\",Roboto,\"Helvetica Neue\",Arial,sans-serif;"
          + "font-size:12px";

  private static final String LIGHT =
      """
      .page{fill:#ffffff;stroke:#d0d7de}
      text{fill:#57606a}
      .title{fill:#1f2328;font-size:16px;font-weight:600}
      .name,.cell,.count{fill:#1f2328}
      """;

  private static final String DARK =
      """
      .page{fill:#0d1117;stroke:#30363d}
      text{fill:#9da7b1}
      .title,.name,.cell,.count{fill:#e6edf3}
      """;

  private final String name;
  private final String title;
  private final StringBuilder light = new StringBuilder(LIGHT);
  private final StringBuilder dark = new StringBuilder(DARK);
  private final StringBuilder body = new StringBuilder();

  /**
   * Creates an empty document.
   *
   * @param name the class of its root; its style sheet applies only in there
   * @param title its title, any text
   */
  public Svg(String name, String title) {
    this.name = Objects.requireNonNull(name, "name");
    this.title = Objects.requireNonNull(title, "title");
  }

  /**
   * Adds rules to the style sheet.
   *
   * @param light rules for both modes, one per line
   * @param dark rules for the dark mode, one per line
   * @return this document
   */
  public Svg style(String light, String dark) {
    this.light.append(light);
    this.dark.append(dark);
    return this;
  }

  /**
   * Adds elements.
   *
   * @param elements the format of some lines of SVG, as for {@link #format}
   * @param values its values; the caller {@linkplain #escape escapes} text among them
   * @return this document
   */
  public Svg add(String elements, Object... values) {
    body.append(format(elements, values)).append('\n');
    return this;
  }

  /**
   * Adds text.
   *
   * @param style its class
   * @param x of the anchor, in pixels
   * @param y of the baseline, in pixels
   * @param anchor start, middle or end
   * @param text any text
   * @return this document
   */
  public Svg text(String style, double x, double y, String anchor, String text) {
    return add(
        "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>",
        style, x, y, anchor, escape(text));
  }

  /**
   * Adds text that is turned about its anchor.
   *
   * @param style its class
   * @param x of the anchor, in pixels
   * @param y of the baseline there, in pixels
   * @param degrees clockwise
   * @param anchor start, middle or end
   * @param text any text
   * @return this document
   */
  public Svg turnedText(String style, double x, double y, int degrees, String anchor, String text) {
    return add(
        "<text class=\"%s\" transform=\"translate(%.1f %.1f) rotate(%d)\" text-anchor=\"%s\">%s</text>",
        style, x, y, degrees, anchor, escape(text));
  }

  /**
   * Returns the whole document.
   *
   * @param width in pixels
   * @param height in pixels
   * @param description a description in words
   * @return SVG, to be written in UTF-8
   */
  public String document(int width, int height, String description) {
    String head =
        format(
            """
            <svg xmlns="http://www.w3.org/2000/svg" class="%1$s" role="img" width="%2$d" height="%3$d" \
            viewBox="0 0 %2$d %3$d">
            <title>%4$s</title>
            <desc>%5$s</desc>
            <style>
            .%1$s{%6$s}
            %7$s@media (prefers-color-scheme:dark){
            %8$s}
            </style>
            <rect class="page" x="0.5" y="0.5" width="%9$d" height="%10$d" rx="6"/>
            """,
            name,
            width,
            height,
            escape(title),
            escape(description),
            FONT,
            scoped(light),
            scoped(dark),
            width - 1,
            height - 1);
    return head + body + "</svg>\n";
  }

  /** Limits rules to the root, because a page may contain several documents. */
  private String scoped(CharSequence rules) {
    return rules
        .toString()
        .lines()
        .map(
            rule -> {
              int brace = rule.indexOf('{');
              String selectors =
                  Arrays.stream(rule.substring(0, brace).split(","))
                      .map(selector -> "." + name + " " + selector)
                      .collect(Collectors.joining(","));
              return selectors + rule.substring(brace) + "\n";
            })
        .collect(Collectors.joining());
  }

  /**
   * Formats with decimal points and {@code \n} for {@code %n}, in every locale.
   *
   * @param format as for {@link String#format}
   * @param values its values
   * @return the text
   */
  public static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format.replace("%n", "\n"), values);
  }

  /**
   * Shortens text.
   *
   * @param text any text
   * @param most maximum number of code points, at least 1
   * @return the text, or its beginning and an ellipsis
   */
  public static String shorten(String text, int most) {
    if (text.codePointCount(0, text.length()) <= most) {
      return text;
    }
    return text.substring(0, text.offsetByCodePoints(0, most - 1)).strip() + "…";
  }

  /**
   * Escapes text for XML.
   *
   * @param text any text
   * @return the text with XML's special characters escaped, and invalid characters replaced by
   *     U+FFFD
   */
  public static String escape(String text) {
    StringBuilder escaped = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                default -> escaped.appendCodePoint(isXml(c) ? c : 0xFFFD);
              }
            });
    return escaped.toString();
  }

  /** {@return whether XML 1.0 allows the character} */
  private static boolean isXml(int c) {
    return c == '\t'
        || c == '\n'
        || c == '\r'
        || (c >= 0x20 && c <= 0xD7FF)
        || (c >= 0xE000 && c <= 0xFFFD)
        || c >= 0x10000;
  }
}
