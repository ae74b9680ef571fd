package io.github.lenet.cli;

import io.github.lenet.model.Layer;
import io.github.lenet.model.LeNetConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The figures of docs/tutorial.md, drawn from the variables that its own code leaves behind. They
 * follow light and dark mode.
 */
final class TutorialFigures {

  private static final Path DOCS = Path.of("docs");
  private static final Pattern NUMBER = Pattern.compile("-?\\d+(?:\\.\\d+)?(?:E-?\\d+)?");

  private static final String STYLE =
      """
      <style>
      .tutorial{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-size:12px}
      .tutorial .page{fill:#ffffff;stroke:#d0d7de}
      .tutorial text{fill:#57606a;text-anchor:middle}
      .tutorial .name{fill:#1f2328;font-weight:600}
      .tutorial .ink{fill:#1f2328}
      .tutorial .frame{fill:none;stroke:#8c959f}
      .tutorial .box{fill:#ddebf5;stroke:#0067a5}
      .tutorial .plus{fill:#bf4b00}
      .tutorial .minus{fill:#0067a5}
      .tutorial .window{fill:none;stroke:#00775a;stroke-width:2}
      .tutorial .guide{fill:none;stroke:#00775a;stroke-dasharray:3 3}
      .tutorial .line{fill:none;stroke:#0067a5;stroke-width:2;stroke-linejoin:round}
      .tutorial .tangent{fill:none;stroke:#bf4b00;stroke-width:1.5;stroke-dasharray:6 4}
      .tutorial .step{fill:none;stroke:#00775a;stroke-width:2}
      .tutorial .dot{fill:#00775a}
      .tutorial .left{text-anchor:start}
      @media (prefers-color-scheme:dark){
      .tutorial .page{fill:#0d1117;stroke:#30363d}
      .tutorial text{fill:#9da7b1}
      .tutorial .name,.tutorial .ink{fill:#e6edf3}
      .tutorial .frame{stroke:#6e7681}
      .tutorial .box{fill:#13293a;stroke:#5ab8f0}
      .tutorial .plus{fill:#ff9d57}
      .tutorial .minus{fill:#5ab8f0}
      .tutorial .window,.tutorial .guide,.tutorial .step{stroke:#3fcf9f}
      .tutorial .line{stroke:#5ab8f0}
      .tutorial .tangent{stroke:#ff9d57}
      .tutorial .dot{fill:#3fcf9f}
      }
      </style>
      """;

  private final StringBuilder svg = new StringBuilder();

  private TutorialFigures(int width, int height, String title) {
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"tutorial\" role=\"img\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">",
        width, height, width, height);
    add("<title>%s</title>", title);
    svg.append(STYLE);
    add(
        "<rect class=\"page\" x=\"0.5\" y=\"0.5\" width=\"%d\" height=\"%d\" rx=\"6\"/>",
        width - 1, height - 1);
  }

  /**
   * Writes them to docs/images; to be run in the project's directory.
   *
   * @param arguments none
   */
  public static void main(String[] arguments) throws IOException {
    try (Notebook notebook = new Notebook()) {
      for (Notebook.Cell cell : Notebook.cells(DOCS.resolve("tutorial.md"))) {
        notebook.run(cell.code());
        if (cell.code().contains("Slope after")) {
          break;
        }
      }
      for (var figure : draw(notebook).entrySet()) {
        Files.writeString(DOCS.resolve("images").resolve(figure.getKey()), figure.getValue());
      }
    }
    System.exit(0); // the notebook's threads are no daemons
  }

  /** All figures by file name. */
  static Map<String, String> draw(Notebook notebook) {
    Map<String, String> figures = new LinkedHashMap<>();
    figures.put("tutorial-convolution.svg", convolution(notebook));
    figures.put("tutorial-layers.svg", layers(LeNetConfig.classic()));
    figures.put("tutorial-slope.svg", slope(notebook));
    return figures;
  }

  /** The image, one place of the kernel on it, and all outputs. */
  private static String convolution(Notebook notebook) {
    double[][] boot = matrix(notebook, "boot", 28);
    double[][] kernel = matrix(notebook, "kernel", 3);
    double[][] edges = matrix(notebook, "edges", 26);
    int row = 8;
    int column = 13;
    int scale = 9;
    int top = 56;
    int left = 24;
    int right = 462;
    int middle = 360;
    TutorialFigures figure =
        new TutorialFigures(
            720, 348, "A convolution: a boot, a kernel for upright edges, its outputs");
    figure.text(left + 14 * scale, 32, "name", "image, 28 × 28");
    figure.text(middle, 32, "name", "one place");
    figure.text(right + 13 * scale, 32, "name", "outputs, 26 × 26");
    figure.shades(boot, "ink", 1, left, top, scale);
    figure.shades(edges, "plus", 3, right, top, scale);
    figure.shades(edges, "minus", -3, right, top, scale);
    figure.box("frame", left, top, 28 * scale, 28 * scale);
    figure.box("frame", right, top, 26 * scale, 26 * scale);

    int cell = 36;
    int patchLeft = middle - 3 * cell / 2;
    int kernelTop = top + 3 * cell + 28;
    double sum = 0;
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        double pixel = boot[row + i][column + j];
        double weight = kernel[i][j];
        sum += pixel * weight;
        int x = patchLeft + j * cell;
        figure.box("frame", x, top + i * cell, cell, cell);
        figure.text(x + cell / 2, top + i * cell + 22, "", "%.2f", pixel);
        figure.box("frame", x, kernelTop + i * cell, cell, cell);
        figure.text(x + cell / 2, kernelTop + i * cell + 22, "", "%.0f", weight);
      }
    }
    figure.text(middle, top + 3 * cell + 19, "name", "times");
    int below = kernelTop + 3 * cell + 22;
    figure.text(middle, below, "name", "adds up to %.1f", sum);

    int windowX = left + column * scale;
    int windowY = top + row * scale;
    figure.box("window", windowX, windowY, 3 * scale, 3 * scale);
    figure.box("window", patchLeft, top, 3 * cell, 3 * cell);
    figure.line("guide", windowX + 3 * scale, windowY, patchLeft, top);
    figure.line("guide", windowX + 3 * scale, windowY + 3 * scale, patchLeft, top + 3 * cell);
    int answerX = right + column * scale;
    int answerY = top + row * scale;
    figure.box("window", answerX, answerY, scale, scale);
    figure.add(
        "<path class=\"guide\" d=\"M%d,%dH%dV%dH%d\"/>",
        middle + 52, below - 4, right - 18, answerY + scale / 2, answerX);
    int legend = 328;
    figure.text(left + 14 * scale, legend, "", "no ink is 0, full ink is 1");
    figure.add(
        "<rect class=\"plus\" x=\"%d\" y=\"%d\" width=\"11\" height=\"11\"/>", right, legend - 10);
    figure.text(right + 16, legend, "left", "more on the right");
    figure.add(
        "<rect class=\"minus\" x=\"%d\" y=\"%d\" width=\"11\" height=\"11\"/>",
        right + 128, legend - 10);
    figure.text(right + 144, legend, "left", "more on the left");
    return figure.end();
  }

  /** A box for each layer, three pixels wide per number; channels behind each other. */
  private static String layers(LeNetConfig config) {
    TutorialFigures figure = new TutorialFigures(800, 262, "The layers of LeNet-5");
    int center = 128;
    int x = 24;
    x = figure.maps(x, center, "image", "grey", 28, 1, "");
    for (Layer layer : config.layers()) {
      long[] shape = layer.outputShape().asArray();
      String parameters =
          layer.parameterCount() == 0
              ? ""
              : String.format(Locale.ROOT, "%,d", layer.parameterCount());
      figure.line("frame", x + 8, center, x + 22, center);
      figure.add("<path class=\"frame\" d=\"M%d,%dl5,4l-5,4\"/>", x + 17, center - 4);
      x += 30;
      if (layer.kind() == Layer.Kind.DENSE) {
        x = figure.units(x, center, layer.name(), (int) shape[0], parameters);
      } else {
        String what =
            layer.kind() == Layer.Kind.POOLING ? "mean of 2×2" : shape[2] + " kernels 5×5";
        x = figure.maps(x, center, layer.name(), what, (int) shape[0], (int) shape[2], parameters);
      }
    }
    figure.text(
        24, 246, "left", "Below each layer: what it gives, and the numbers that it learns.");
    return figure.end();
  }

  private int maps(
      int x, int center, String name, String what, int side, int channels, String parameters) {
    int size = 3 * side;
    int shift = channels == 1 ? 0 : channels < 10 ? 4 : 3;
    int depth = shift * (channels - 1);
    int width = Math.max(64, size + depth);
    int left = x + (width - size - depth) / 2;
    for (int channel = 0; channel < channels; channel++) {
      int down = channel * shift - depth / 2 - size / 2;
      box("box", left + channel * shift, center + down, size, size);
    }
    caption(x + width / 2, name, what, side + " × " + side + " × " + channels, parameters);
    return x + width;
  }

  private int units(int x, int center, String name, int units, String parameters) {
    int width = 50;
    box("box", x + width / 2 - 6, center - units / 2, 12, units);
    caption(x + width / 2, name, "dense", Integer.toString(units), parameters);
    return x + width;
  }

  private void caption(int x, String name, String what, String shape, String parameters) {
    text(x, 28, "name", name);
    text(x, 44, "", what);
    text(x, 206, "name", shape);
    text(x, 222, "", parameters);
  }

  /** The loss over one weight, the tangent that the gradient is, and the step. */
  private static String slope(Notebook notebook) {
    double reach = 3;
    int steps = 24;
    double[] losses = new double[steps + 1];
    for (int i = 0; i <= steps; i++) {
      losses[i] = number(notebook, "slope(" + (i * 2 * reach / steps - reach) + ").loss()");
    }
    double gradient = number(notebook, "here.gradient()");
    double here = number(notebook, "here.loss()");
    double nudge = -number(notebook, "learningRate") * gradient;
    double after = number(notebook, "after.loss()");
    Plot plot = Plot.of(reach, losses);

    TutorialFigures figure =
        new TutorialFigures(560, 320, "The loss over one weight, its tangent, and a step");
    figure.text(64, 30, "name left", "loss of a hundred garments, while one weight is turned");
    figure.box("frame", 64, 48, 472, 220);
    StringJoiner curve = new StringJoiner("L", "M", "");
    for (int i = 0; i <= steps; i++) {
      curve.add(point(plot.x(i * 2 * reach / steps - reach), plot.y(losses[i])));
    }
    figure.add("<path class=\"line\" d=\"%s\"/>", curve);
    double half = 1.2;
    figure.add(
        "<path class=\"tangent\" d=\"M%sL%s\"/>",
        point(plot.x(-half), plot.y(here - half * gradient)),
        point(plot.x(half), plot.y(here + half * gradient)));
    figure.dot(plot.x(0), plot.y(here));
    figure.dot(plot.x(nudge), plot.y(after));
    figure.add(
        "<path class=\"step\" d=\"M%sH%.1fV%.1f\"/>",
        point(plot.x(0), plot.y(here)), plot.x(nudge), plot.y(after));
    figure.text(
        (int) plot.x(0) + 14, (int) plot.y(here) + 5, "left", "the slope here is %.2f", gradient);
    figure.text((int) plot.x(nudge) - 42, (int) plot.y(after) - 10, "", "after a step");
    for (int tick = -3; tick <= 3; tick++) {
      figure.text((int) plot.x(tick), 286, "", "%d", tick);
    }
    for (double tick : new double[] {plot.least(), plot.most()}) {
      figure.text(42, (int) plot.y(tick) + 4, "", "%.1f", tick);
    }
    figure.text(300, 306, "", "nudge");
    return figure.end();
  }

  /** Where a number lies in the frame. */
  private record Plot(double reach, double least, double most) {

    static Plot of(double reach, double[] losses) {
      double least = Double.POSITIVE_INFINITY;
      double most = Double.NEGATIVE_INFINITY;
      for (double loss : losses) {
        least = Math.min(least, loss);
        most = Math.max(most, loss);
      }
      return new Plot(reach, Math.floor(10 * least) / 10, Math.ceil(10 * most) / 10);
    }

    double x(double nudge) {
      return 300 + nudge / reach * 236;
    }

    double y(double loss) {
      return 268 - (loss - least) / (most - least) * 220;
    }
  }

  /** Squares whose opacity is the value, in ten steps: a path for each, so that it stays small. */
  private void shades(double[][] values, String style, double full, int left, int top, int scale) {
    for (int shade = 1; shade <= 10; shade++) {
      StringBuilder path = new StringBuilder();
      for (int row = 0; row < values.length; row++) {
        for (int column = 0; column < values[row].length; column++) {
          if (Math.min(10, Math.round(10 * values[row][column] / full)) == shade) {
            path.append(
                "M%d,%dh%dv%dh-%dz"
                    .formatted(left + column * scale, top + row * scale, scale, scale, scale));
          }
        }
      }
      if (path.length() > 0) {
        add("<path class=\"%s\" fill-opacity=\"%.1f\" d=\"%s\"/>", style, shade / 10.0, path);
      }
    }
  }

  private void box(String style, int x, int y, int width, int height) {
    add(
        "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>",
        style, x, y, width, height);
  }

  private void line(String style, int x1, int y1, int x2, int y2) {
    add("<path class=\"%s\" d=\"M%d,%dL%d,%d\"/>", style, x1, y1, x2, y2);
  }

  private void dot(double x, double y) {
    add("<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/>", x, y);
  }

  private void text(int x, int y, String style, String text, Object... arguments) {
    add(
        "<text class=\"%s\" x=\"%d\" y=\"%d\">%s</text>",
        style, x, y, String.format(Locale.ROOT, text, arguments));
  }

  private void add(String line, Object... arguments) {
    svg.append(String.format(Locale.ROOT, line, arguments)).append('\n');
  }

  private String end() {
    return svg.append("</svg>\n").toString();
  }

  private static String point(double x, double y) {
    return String.format(Locale.ROOT, "%.1f,%.1f", x, y);
  }

  private static double number(Notebook notebook, String expression) {
    return Double.parseDouble(notebook.value(expression));
  }

  /** A variable of the notebook that is a {@code float[][]}. */
  private static double[][] matrix(Notebook notebook, String name, int rows) {
    List<Double> numbers = new ArrayList<>();
    NUMBER
        .matcher(notebook.value("Arrays.deepToString(" + name + ")"))
        .results()
        .forEach(number -> numbers.add(Double.valueOf(number.group())));
    int columns = numbers.size() / rows;
    return Stream.iterate(0, row -> row + 1)
        .limit(rows)
        .map(row -> numbers.subList(row * columns, (row + 1) * columns))
        .map(row -> row.stream().mapToDouble(Double::doubleValue).toArray())
        .toArray(double[][]::new);
  }
}
