package io.github.lenet.cli.output;

import io.github.lenet.training.evaluation.Activations;
import io.github.lenet.training.evaluation.FeatureMaps;
import io.github.lenet.training.internal.figure.Canvas;
import io.github.lenet.training.internal.figure.ColorScale;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * A figure of the layers' activations. The kernels of conv1 come first. Then each image has a row
 * per layer with a map per channel. A channel of conv1 is below its kernel. A layer has the same
 * color scale in all images.
 */
public final class ActivationsFigure {

  /** The maximum number of images: more are hard to compare. */
  public static final int MAX_IMAGES = 100;

  private static final int MARGIN = 16;
  private static final int GAP = 4;
  private static final int ROW_GAP = 10;
  private static final int TITLE_HEIGHT = 52;
  private static final int TITLE_SIZE = 15;
  private static final int SMALL_SIZE = 10;
  private static final int NUMBER_HEIGHT = 13;
  private static final int HEAD_HEIGHT = 40;

  /** The approximate side of an image. Smaller images are scaled up by a whole factor. */
  private static final int IMAGE = 112;

  private static final int LABEL_LEFT = MARGIN + IMAGE + 24;
  private static final int LABEL_WIDTH = 92;
  private static final int LABEL_HEIGHT = 52;
  private static final int BAR_HEIGHT = 7;
  private static final int MAPS_LEFT = LABEL_LEFT + LABEL_WIDTH + 16;

  /** The width for maps side by side. The 16 maps of conv2 fit at 4 pixels per value. */
  private static final int MAPS_WIDTH = 16 * 46;

  private static final int LEAST_PITCH = 24;
  private static final int MOST_PITCH = 88;

  private static final Canvas.TextStyle TITLE =
      new Canvas.TextStyle(Canvas.INK, true, TITLE_SIZE, 0);
  private static final Canvas.TextStyle HEAD = new Canvas.TextStyle(Canvas.INK, true, 13, 0);
  private static final Canvas.TextStyle LAYER = new Canvas.TextStyle(Canvas.INK, true, 12, 0);
  private static final Canvas.TextStyle SMALL =
      new Canvas.TextStyle(Canvas.FAINT_INK, false, SMALL_SIZE, 0);
  private static final Canvas.TextStyle CHANNEL =
      new Canvas.TextStyle(Canvas.FAINT_INK, false, SMALL_SIZE, 0.5);

  /**
   * An input image and its prediction.
   *
   * @param title the title of the image
   * @param prediction the predicted class and its probability
   * @param pixels uint8 {@code [height, width]}; not copied
   */
  public record Shown(String title, String prediction, byte[] pixels) {}

  /** The layout of maps: maps per row, pixels from map to map, pixels per value. */
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
   * @param shown the images of the activations, in the same order
   * @throws IllegalArgumentException if the figure would be too large, or if there is not exactly
   *     one image for each activation
   */
  public ActivationsFigure(String title, Activations activations, List<Shown> shown) {
    this.title = Objects.requireNonNull(title, "title");
    this.activations = activations;
    this.shown = List.copyOf(shown);
    if (shown.isEmpty() || shown.size() != activations.images().size()) {
      throw new IllegalArgumentException(
          "shown must have one image for each activation, at least one");
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

  /** {@return a scale from a layer's lowest to its highest activation over all images} */
  private ColorScale scale(int layer) {
    return ColorScale.sequential(
        activations.images().stream().map(image -> image.get(layer).values()).toList());
  }

  /** Draws the figure. */
  public BufferedImage draw() {
    Canvas figure = new Canvas(width, height, Canvas.PAPER);
    figure.text(TITLE, title, MARGIN, MARGIN + TITLE_SIZE, width - 2 * MARGIN);
    int y = TITLE_HEIGHT;
    ColorScale kernelScale = ColorScale.diverging(activations.kernels().values());
    row(figure, kernels, activations.kernels(), kernelScale, "conv1 kernels", y);
    y += (int) kernels.height();
    for (int i = 0; i < shown.size(); i++) {
      block(figure, i, y);
      y += blockHeight;
    }
    return figure.image();
  }

  private void block(Canvas figure, int index, int top) {
    figure.area(MARGIN, top + 8, width - 2 * MARGIN + 1, 1, Canvas.FRAME);
    Shown image = shown.get(index);
    String head = image.title() + ": predicted " + image.prediction();
    figure.text(HEAD, head, MARGIN, top + 28, width - 2 * MARGIN);
    int y = top + HEAD_HEIGHT;
    image(figure, image.pixels(), y + NUMBER_HEIGHT);
    List<FeatureMaps> outputs = activations.images().get(index);
    for (int layer = 0; layer < layers.size(); layer++) {
      FeatureMaps maps = outputs.get(layer);
      row(figure, layers.get(layer), maps, scales.get(layer), maps.layer(), y);
      y += (int) layers.get(layer).height();
    }
  }

  private void image(Canvas figure, byte[] pixels, int top) {
    int rows = layers.get(0).maps().height(); // conv1 keeps the size
    int columns = layers.get(0).maps().width();
    int side = Math.max(rows, columns);
    double scale = side <= IMAGE ? IMAGE / side : (double) IMAGE / side;
    int wide = (int) (columns * scale);
    int high = (int) (rows * scale);
    figure.grid(MARGIN, top, wide, high, rows, columns, ContactSheet.inkOnPaper(pixels, columns));
    figure.frame(MARGIN, top, wide, high);
  }

  /** Draws a layer's name, size and color bar, and a map for each channel. */
  private static void row(
      Canvas figure, Grid grid, FeatureMaps maps, ColorScale scale, String name, int y) {
    String size = "%d × %d × %d".formatted(maps.height(), maps.width(), maps.channels());
    figure.text(LAYER, name, LABEL_LEFT, y + 11, LABEL_WIDTH);
    figure.text(SMALL, size, LABEL_LEFT, y + 24, LABEL_WIDTH);
    bar(figure, scale, y + 30);
    for (int channel = 0; channel < maps.channels(); channel++) {
      int map = channel;
      int left = MAPS_LEFT + channel % grid.columns() * grid.pitch();
      int top = y + channel / grid.columns() * grid.lineHeight();
      if (grid.numbered()) {
        String number = Integer.toString(channel);
        figure.text(CHANNEL, number, left, top + SMALL_SIZE, grid.mapWidth());
        top += NUMBER_HEIGHT;
      }
      figure.grid(
          left,
          top,
          grid.mapWidth(),
          grid.mapHeight(),
          maps.height(),
          maps.width(),
          (row, column) -> scale.rgb(maps.value(row, column, map)));
      figure.frame(left, top, grid.mapWidth(), grid.mapHeight());
    }
  }

  /** Draws the color scale with its lowest and its highest value. */
  private static void bar(Canvas figure, ColorScale scale, int y) {
    double range = scale.most() - scale.least();
    figure.grid(
        LABEL_LEFT,
        y,
        LABEL_WIDTH,
        BAR_HEIGHT,
        1,
        LABEL_WIDTH,
        (row, column) -> scale.rgb(scale.least() + range * column / (LABEL_WIDTH - 1)));
    String ends = number(scale.least()) + " to " + number(scale.most());
    figure.text(SMALL, ends, LABEL_LEFT, y + BAR_HEIGHT + SMALL_SIZE + 1, LABEL_WIDTH);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, Math.abs(value) < 100 ? "%.2f" : "%.3g", value);
  }
}
