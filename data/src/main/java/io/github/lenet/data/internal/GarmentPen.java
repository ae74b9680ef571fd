package io.github.lenet.data.internal;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.Area;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.util.Random;

/**
 * Draws cloth of a shade, and lines on it, for a {@link GarmentArtist}. Lengths are in pixels, from
 * the upper left corner.
 */
final class GarmentPen {

  /** Height and width of an image in pixels. */
  static final int SIDE = 28;

  private static final double MIDDLE = SIDE / 2.0;

  private final Random random;
  private final BufferedImage canvas = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_BYTE_GRAY);
  private final Graphics2D graphics = canvas.createGraphics();

  /** The garment's base shade, 0 (black) to 255. */
  private double shade;

  GarmentPen(Random random) {
    this.random = random;
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
  }

  /** Begins a black image with a random shift, tilt, scale and shade of cloth. */
  void begin() {
    graphics.setTransform(new AffineTransform());
    graphics.setClip(null);
    graphics.setColor(Color.BLACK);
    graphics.fillRect(0, 0, SIDE, SIDE);
    graphics.translate(MIDDLE + between(-1, 1), MIDDLE + between(-1, 1));
    graphics.rotate(Math.toRadians(4 * random.nextGaussian()));
    graphics.scale(between(0.9, 1.1), between(0.92, 1.06));
    graphics.translate(-MIDDLE, -MIDDLE);
    shade = chance(0.12) ? between(60, 150) : between(150, 255);
  }

  /** Fills a shape; {@code contrast} is added to the shade. */
  void fill(double contrast, Shape shape) {
    graphics.setColor(gray(shade + contrast));
    graphics.fill(shape);
  }

  /** Fills a shape with cloth: plain, striped or checked. */
  void cloth(Shape shape) {
    fill(0, shape);
    double pattern = random.nextDouble();
    double pace = between(2.2, 5);
    double thickness = pace * between(0.25, 0.5);
    double contrast = between(-60, 60);
    if (pattern < 0.2) {
      stripes(shape, true, pace, thickness, contrast);
    } else if (pattern < 0.27) {
      stripes(shape, false, pace, thickness, contrast);
    } else if (pattern < 0.33) {
      stripes(shape, true, pace, thickness, contrast);
      stripes(shape, false, pace, thickness, contrast);
    }
  }

  private void stripes(
      Shape shape, boolean across, double pace, double thickness, double contrast) {
    Path2D bars = new Path2D.Double();
    for (double at = between(0, pace); at < SIDE; at += pace) {
      bars.append(
          across
              ? new Rectangle2D.Double(0, at, SIDE, thickness)
              : new Rectangle2D.Double(at, 0, thickness, SIDE),
          false);
    }
    // An area, because clips have hard edges.
    Area area = new Area(shape);
    area.intersect(new Area(bars));
    fill(contrast, area);
  }

  /** Draws a line; {@code contrast} is added to the shade. */
  void line(double contrast, double width, double x1, double y1, double x2, double y2) {
    stroke(contrast, width, new Line2D.Double(x1, y1, x2, y2));
  }

  /** Draws a shape's outline; {@code contrast} is added to the shade. */
  void stroke(double contrast, double width, Shape shape) {
    graphics.setStroke(
        new BasicStroke((float) width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    graphics.setColor(gray(shade + contrast));
    graphics.draw(shape);
  }

  /** Writes the image to {@code pixels}, with side light and grain on the cloth. */
  void weave(byte[] pixels, int offset) {
    byte[] drawn = ((DataBufferByte) canvas.getRaster().getDataBuffer()).getData();
    double light = between(-0.2, 0.2);
    double grain = between(0.02, 0.09);
    for (int i = 0; i < SIDE * SIDE; i++) {
      double value = Byte.toUnsignedInt(drawn[i]);
      if (value > 0) {
        double side = (i % SIDE - MIDDLE) / MIDDLE;
        value *= 1 + light * side + grain * random.nextGaussian();
      }
      pixels[offset + i] = (byte) clamp(value);
    }
  }

  private static Color gray(double value) {
    int level = Math.max(12, clamp(value));
    return new Color(level, level, level);
  }

  private static int clamp(double value) {
    return (int) Math.max(0, Math.min(255, Math.round(value)));
  }

  double between(double low, double high) {
    return low + (high - low) * random.nextDouble();
  }

  boolean chance(double probability) {
    return random.nextDouble() < probability;
  }
}
