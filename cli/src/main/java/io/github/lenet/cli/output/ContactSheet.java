package io.github.lenet.cli.output;

import io.github.lenet.data.ImageDataset;
import io.github.lenet.training.internal.figure.Canvas;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * A sheet of images of a data set in rows and columns, with captions. Pixels are drawn as ink on
 * paper: 0 is white, 255 is black.
 *
 * @param title the line above the images
 * @param images the data set; its first images are shown
 * @param captions the lines under each image, the same number for each
 * @param rows the maximum number of rows
 * @param columns the maximum number of columns
 */
public record ContactSheet(
    String title, ImageDataset images, List<List<String>> captions, int rows, int columns) {

  /** The maximum number of rows or columns. {@link #MAX_PIXELS} lowers it for large images. */
  public static final int MAX_SIDE = 100;

  /** The maximum number of pixels: 100 by 100 images of 28 by 28 fit, in 512 MiB. */
  public static final long MAX_PIXELS = 1L << 27;

  /** The approximate side of a drawn image. Images are scaled up by a whole factor. */
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
      throw new IllegalArgumentException(
          "captions must have the same number of lines for each image");
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
              "rows (%d) and columns (%d) of images of %d x %d pixels are too many: expected at"
                  + " most %,d pixels, found %,d x %,d. Show fewer images.",
              rows,
              columns,
              images.width(),
              images.height(),
              MAX_PIXELS,
              width,
              height));
    }
  }

  /** Makes a sheet that captions each image with the name of its class. */
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

  /** {@return the number of images shown: fewer than fit if the data set is small} */
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

  /** {@return the pixels' colors: 0 is white, 255 is black} */
  public static Canvas.Colors inkOnPaper(byte[] pixels, int width) {
    return (row, column) -> (255 - Byte.toUnsignedInt(pixels[row * width + column])) * 0x010101;
  }
}
