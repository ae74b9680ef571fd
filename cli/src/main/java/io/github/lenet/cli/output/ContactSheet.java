package io.github.lenet.cli.output;

import io.github.lenet.data.ImageDataset;
import io.github.lenet.training.internal.figure.Canvas;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Images of a data set in rows and columns, each with words underneath, drawn as ink on paper: a
 * pixel of 0 is white, one of 255 is black.
 *
 * @param title the line above the images
 * @param images the first ones are shown
 * @param captions the lines under each image, the same number for each
 * @param rows how many rows at most
 * @param columns how many columns at most
 */
public record ContactSheet(
    String title, ImageDataset images, List<List<String>> captions, int rows, int columns) {

  /** The largest number of rows or columns; {@link #MAX_PIXELS} limits that of large images. */
  public static final int MAX_SIDE = 100;

  /** The most pixels of a whole sheet: enough for 100 by 100 images of 28 by 28, in 512 MiB. */
  public static final long MAX_PIXELS = 1L << 27;

  /** An image is scaled up to about this many pixels, by a whole number. */
  private static final int CELL = 84;

  private static final int MARGIN = 16;
  private static final int GAP = 12;
  private static final int TITLE_HEIGHT = 28;
  private static final int CAPTION_HEIGHT = 18;
  private static final int TITLE_SIZE = 15;

  private static final Canvas.TextStyle TITLE =
      new Canvas.TextStyle(Canvas.INK, true, TITLE_SIZE, 0);
  private static final Canvas.TextStyle CAPTION = new Canvas.TextStyle(Canvas.INK, false, 12, 0.5);

  public ContactSheet {
    Objects.requireNonNull(title, "title");
    captions = captions.stream().map(List::copyOf).toList();
    if (captions.size() != images.size()
        || captions.stream().map(List::size).distinct().count() != 1) {
      throw new IllegalArgumentException("captions must be as many lines for each image");
    }
    if (rows < 1 || rows > MAX_SIDE || columns < 1 || columns > MAX_SIDE) {
      throw new IllegalArgumentException(
          "rows (%d) and columns (%d) must be from 1 to %d".formatted(rows, columns, MAX_SIDE));
    }
    long width = width(images, rows, columns);
    long height = height(images, captions.get(0).size(), rows, columns);
    if (width * height > MAX_PIXELS) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "rows (%d) and columns (%d) of images of %d x %d pixels make a sheet too large:"
                  + " expected at most %,d pixels, found %,d x %,d. Show fewer.",
              rows,
              columns,
              images.width(),
              images.height(),
              MAX_PIXELS,
              width,
              height));
    }
  }

  /** Each image with the name of its class. */
  public ContactSheet(String title, ImageDataset images, int rows, int columns) {
    this(title, images, classes(images), rows, columns);
  }

  private static List<List<String>> classes(ImageDataset images) {
    return IntStream.range(0, images.size())
        .mapToObj(i -> List.of(images.classNames().get(images.label(i))))
        .toList();
  }

  private static int scale(ImageDataset images) {
    return Math.max(1, CELL / Math.max(images.width(), images.height()));
  }

  private static int shown(ImageDataset images, int rows, int columns) {
    return Math.min(rows * columns, images.size());
  }

  private static int usedColumns(ImageDataset images, int rows, int columns) {
    return Math.min(columns, shown(images, rows, columns));
  }

  private static long width(ImageDataset images, int rows, int columns) {
    long cellWidth = (long) images.width() * scale(images);
    return 2 * MARGIN + usedColumns(images, rows, columns) * (cellWidth + GAP) - GAP;
  }

  private static long height(ImageDataset images, int lines, int rows, int columns) {
    int usedColumns = usedColumns(images, rows, columns);
    int usedRows = (shown(images, rows, columns) + usedColumns - 1) / usedColumns;
    long cellHeight = (long) images.height() * scale(images);
    return 2 * MARGIN + TITLE_HEIGHT + usedRows * (cellHeight + lines * CAPTION_HEIGHT + GAP) - GAP;
  }

  /** How many images are shown: fewer than there is room for if the data set is small. */
  public int shown() {
    return shown(images, rows, columns);
  }

  /** Draws the sheet. */
  public BufferedImage draw() {
    int cellWidth = images.width() * scale(images);
    int cellHeight = images.height() * scale(images);
    int usedColumns = usedColumns(images, rows, columns);
    int width = (int) width(images, rows, columns);
    int lines = captions.get(0).size();
    int height = (int) height(images, lines, rows, columns);
    Canvas sheet = new Canvas(width, height, Canvas.PAPER);
    sheet.text(TITLE, title, MARGIN, MARGIN + TITLE_SIZE, width - 2 * MARGIN);
    for (int i = 0; i < shown(); i++) {
      int x = MARGIN + i % usedColumns * (cellWidth + GAP);
      int row = i / usedColumns;
      int y = MARGIN + TITLE_HEIGHT + row * (cellHeight + lines * CAPTION_HEIGHT + GAP);
      sheet.grid(x, y, cellWidth, cellHeight, images.height(), images.width(), inkOnPaper(i));
      sheet.frame(x, y, cellWidth, cellHeight);
      int baseline = y + cellHeight - 4;
      for (String line : captions.get(i)) {
        baseline += CAPTION_HEIGHT;
        sheet.text(CAPTION, line, x - (GAP - 2) / 2, baseline, cellWidth + GAP - 2);
      }
    }
    return sheet.image();
  }

  private Canvas.Colors inkOnPaper(int index) {
    return inkOnPaper(images.image(index), images.width());
  }

  /** A pixel of 0 is white, one of 255 is black. */
  public static Canvas.Colors inkOnPaper(byte[] pixels, int width) {
    return (row, column) -> (255 - Byte.toUnsignedInt(pixels[row * width + column])) * 0x010101;
  }
}
