package io.github.lenet.cli;

import io.github.lenet.training.Activations;
import io.github.lenet.training.FeatureMaps;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * The activations of the layers as a drawing: first the kernels of conv1, then for each image a row
 * per layer with a map per channel. A channel of conv1 stands below its kernel. A layer's colours
 * mean the same in all images.
 */
final class ActivationsFigure {

  /** As many images as can be compared with patience. */
  static final int MAX_IMAGES = 100;

  private static final int MARGIN = 16;
  private static final int GAP = 4;
  private static final int ROW_GAP = 10;
  private static final int TITLE_HEIGHT = 52;
  private static final int TITLE_SIZE = 15;
  private static final int TEXT_SIZE = 12;
  private static final int SMALL_SIZE = 10;
  private static final int NUMBER_HEIGHT = 13;
  private static final int HEAD_HEIGHT = 40;

  /** The image is scaled up to about this many pixels, by a whole number. */
  private static final int IMAGE = 112;

  private static final int LABEL_LEFT = MARGIN + IMAGE + 24;
  private static final int LABEL_WIDTH = 92;
  private static final int LABEL_HEIGHT = 52;
  private static final int BAR_HEIGHT = 7;
  private static final int MAPS_LEFT = LABEL_LEFT + LABEL_WIDTH + 16;

  /** The room for maps side by side, enough for the 16 of conv2 at 4 pixels a number. */
  private static final int MAPS_WIDTH = 16 * 46;

  private static final int LEAST_PITCH = 24;
  private static final int MOST_PITCH = 88;

  private static final Color PAPER = new Color(0xFA, 0xFA, 0xF7);
  private static final Color INK = new Color(0x22, 0x22, 0x22);
  private static final Color FAINT = new Color(0x66, 0x66, 0x66);
  private static final Color FRAME = new Color(0xD5, 0xD5, 0xD0);

  /**
   * An image that the network was shown.
   *
   * @param title what it is called
   * @param prediction the predicted class and its probability
   * @param pixels uint8 {@code [height, width]}; not copied
   */
  record Shown(String title, String prediction, byte[] pixels) {}

  /** How maps such as these lie: rows of so many, so far apart, each number so many pixels. */
  private record Grid(FeatureMaps maps, boolean numbered, int columns, int pitch, int scale) {

    static Grid of(FeatureMaps maps, boolean numbered) {
      int side = Math.max(maps.height(), maps.width());
      int columns =
          Math.max(1, Math.min(maps.channels(), MAPS_WIDTH / Math.max(LEAST_PITCH, side + GAP)));
      int pitch = Math.max(side + GAP, Math.min(MOST_PITCH, MAPS_WIDTH / columns));
      return new Grid(maps, numbered, columns, pitch, Math.max(1, (pitch - GAP) / side));
    }

    int mapHeight() {
      return maps.height() * scale;
    }

    int mapWidth() {
      return maps.width() * scale;
    }

    int lineHeight() {
      return (numbered ? NUMBER_HEIGHT : 0) + mapHeight() + GAP;
    }

    long width() {
      return (long) columns * pitch;
    }

    long height() {
      int lines = (maps.channels() + columns - 1) / columns;
      return ROW_GAP + Math.max(LABEL_HEIGHT, (long) lines * lineHeight());
    }
  }

  private final String title;
  private final Activations activations;
  private final List<Shown> shown;
  private final Grid kernels;
  private final List<Grid> layers;
  private final List<ColorScale> scales;
  private final int width;
  private final int blockHeight;
  private final int height;

  /**
   * Lays the figure out.
   *
   * @param shown the images that the activations are of, in the same order
   * @throws IllegalArgumentException if it would be too large
   */
  ActivationsFigure(String title, Activations activations, List<Shown> shown) {
    this.title = Objects.requireNonNull(title, "title");
    this.activations = activations;
    this.shown = List.copyOf(shown);
    if (shown.isEmpty() || shown.size() != activations.images().size()) {
      throw new IllegalArgumentException("shown must be as many as the activations, at least one");
    }
    kernels = Grid.of(activations.kernels(), true);
    layers = new ArrayList<>();
    scales = new ArrayList<>();
    List<FeatureMaps> first = activations.images().get(0);
    for (int layer = 0; layer < first.size(); layer++) {
      layers.add(Grid.of(first.get(layer), first.get(layer).layer().startsWith("conv")));
      scales.add(scale(layer));
    }
    long wide =
        Math.max(MAPS_WIDTH, layers.stream().mapToLong(Grid::width).max().orElse(0))
            + MAPS_LEFT
            + MARGIN;
    long block = HEAD_HEIGHT + layers.stream().mapToLong(Grid::height).sum();
    long high = TITLE_HEIGHT + kernels.height() + shown.size() * block + MARGIN;
    if (wide * high > ContactSheet.MAX_PIXELS) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "the figure would be too large: expected at most %,d pixels, found %,d x %,d."
                  + " Show fewer images.",
              ContactSheet.MAX_PIXELS,
              wide,
              high));
    }
    width = (int) wide;
    blockHeight = (int) block;
    height = (int) high;
  }

  /** From the lowest to the highest activation over all images. */
  private ColorScale scale(int layer) {
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (List<FeatureMaps> image : activations.images()) {
      for (float value : image.get(layer).values()) {
        least = Math.min(least, value);
        most = Math.max(most, value);
      }
    }
    return ColorScale.sequential(least, most);
  }

  private ColorScale kernelScale() {
    float[] values = activations.kernels().values();
    return ColorScale.diverging(
        IntStream.range(0, values.length).mapToDouble(i -> Math.abs(values[i])).max().orElse(0));
  }

  /** Draws it. */
  BufferedImage draw() {
    BufferedImage figure = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = figure.createGraphics();
    try {
      g.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      g.setColor(PAPER);
      g.fillRect(0, 0, width, height);
      line(g, title, Font.BOLD, TITLE_SIZE, MARGIN + TITLE_SIZE);
      int y = TITLE_HEIGHT;
      row(g, kernels, activations.kernels(), kernelScale(), "conv1 kernels", y);
      y += (int) kernels.height();
      for (int i = 0; i < shown.size(); i++) {
        block(g, i, y);
        y += blockHeight;
      }
    } finally {
      g.dispose();
    }
    return figure;
  }

  private void line(Graphics2D g, String text, int style, int size, int baseline) {
    FittedText.draw(g, text, INK, style, size, MARGIN, baseline, width - 2 * MARGIN, false);
  }

  private void block(Graphics2D g, int index, int top) {
    g.setColor(FRAME);
    g.setStroke(new BasicStroke(1));
    g.drawLine(MARGIN, top + 8, width - MARGIN, top + 8);
    Shown image = shown.get(index);
    line(
        g, image.title() + ": predicted " + image.prediction(), Font.BOLD, TEXT_SIZE + 1, top + 28);
    int y = top + HEAD_HEIGHT;
    image(g, image.pixels(), y + NUMBER_HEIGHT);
    List<FeatureMaps> outputs = activations.images().get(index);
    for (int layer = 0; layer < layers.size(); layer++) {
      FeatureMaps maps = outputs.get(layer);
      row(g, layers.get(layer), maps, scales.get(layer), maps.layer(), y);
      y += (int) layers.get(layer).height();
    }
  }

  /** Ink on paper, as in a {@link ContactSheet}. */
  private void image(Graphics2D g, byte[] pixels, int y) {
    int rows = layers.get(0).maps().height(); // conv1 keeps the size
    int columns = layers.get(0).maps().width();
    int side = Math.max(rows, columns);
    double scale = side <= IMAGE ? IMAGE / side : (double) IMAGE / side;
    BufferedImage image = new BufferedImage(columns, rows, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < pixels.length; i++) {
      int paper = 255 - Byte.toUnsignedInt(pixels[i]);
      image.setRGB(i % columns, i / columns, paper * 0x010101);
    }
    enlarged(g, image, MARGIN, y, (int) (columns * scale), (int) (rows * scale));
  }

  /** A layer's name, size and colours, and a map for each of its channels. */
  private void row(
      Graphics2D g, Grid grid, FeatureMaps maps, ColorScale scale, String name, int y) {
    String size = "%d × %d × %d".formatted(maps.height(), maps.width(), maps.channels());
    label(g, name, INK, Font.BOLD, TEXT_SIZE, y + 11);
    label(g, size, FAINT, Font.PLAIN, SMALL_SIZE, y + 24);
    bar(g, scale, y + 30);
    for (int channel = 0; channel < maps.channels(); channel++) {
      int left = MAPS_LEFT + channel % grid.columns() * grid.pitch();
      int top = y + channel / grid.columns() * grid.lineHeight();
      if (grid.numbered()) {
        String number = Integer.toString(channel);
        int room = grid.mapWidth();
        FittedText.draw(
            g, number, FAINT, Font.PLAIN, SMALL_SIZE, left, top + SMALL_SIZE, room, true);
        top += NUMBER_HEIGHT;
      }
      enlarged(g, image(maps, channel, scale), left, top, grid.mapWidth(), grid.mapHeight());
    }
  }

  private static void label(
      Graphics2D g, String text, Color color, int style, int size, int baseline) {
    FittedText.draw(g, text, color, style, size, LABEL_LEFT, baseline, LABEL_WIDTH, false);
  }

  /** Which colour is which number. */
  private static void bar(Graphics2D g, ColorScale scale, int y) {
    for (int x = 0; x < LABEL_WIDTH; x++) {
      double value =
          scale.least() + (scale.most() - scale.least()) * x / (double) (LABEL_WIDTH - 1);
      g.setColor(new Color(scale.rgb(value)));
      g.fillRect(LABEL_LEFT + x, y, 1, BAR_HEIGHT);
    }
    String ends = number(scale.least()) + " to " + number(scale.most());
    label(g, ends, FAINT, Font.PLAIN, SMALL_SIZE, y + BAR_HEIGHT + SMALL_SIZE + 1);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, Math.abs(value) < 100 ? "%.2f" : "%.3g", value);
  }

  private static BufferedImage image(FeatureMaps maps, int channel, ColorScale scale) {
    BufferedImage image =
        new BufferedImage(maps.width(), maps.height(), BufferedImage.TYPE_INT_RGB);
    for (int row = 0; row < maps.height(); row++) {
      for (int column = 0; column < maps.width(); column++) {
        image.setRGB(column, row, scale.rgb(maps.value(row, column, channel)));
      }
    }
    return image;
  }

  private static void enlarged(
      Graphics2D g, BufferedImage image, int x, int y, int width, int height) {
    // The default for scaling is the nearest pixel: every number stays a square.
    g.drawImage(image, x, y, width, height, null);
    g.setColor(FRAME);
    g.drawRect(x - 1, y - 1, width + 1, height + 1);
  }
}
