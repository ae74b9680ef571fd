package io.github.lenet.data.internal;

import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.QuadCurve2D;
import java.awt.geom.Rectangle2D;
import java.awt.geom.RoundRectangle2D;
import java.util.Random;

/**
 * Draws garments, light on black, in 28 by 28 pixels. Cut, position, scale, tilt, shade, pattern
 * and noise are random. Upper garments share one cut on purpose: a shirt, a pullover and a coat
 * differ only in collar, buttons and length, as in the real images.
 *
 * <p>Lengths are in pixels, from the upper left corner. There is no text, so no fonts are needed.
 * The class is not thread-safe.
 */
public final class GarmentArtist {
  /** Height and width of an image in pixels. */
  public static final int SIDE = GarmentPen.SIDE;

  private static final double MIDDLE = SIDE / 2.0;

  private final GarmentPen pen;

  public GarmentArtist(Random random) {
    pen = new GarmentPen(random);
  }

  /**
   * Draws a garment.
   *
   * @param label the class, numbered as in Fashion-MNIST
   * @param pixels the destination, uint8
   * @param offset the offset of the image in {@code pixels}
   */
  public void draw(int label, byte[] pixels, int offset) {
    pen.begin();
    switch (label) {
      case 0 -> tShirt();
      case 1 -> trouser();
      case 2 -> pullover();
      case 3 -> dress();
      case 4 -> coat();
      case 5 -> sandal();
      case 6 -> shirt();
      case 7 -> sneaker();
      case 8 -> bag();
      case 9 -> ankleBoot();
      default -> throw new IllegalArgumentException("label (" + label + ") must be from 0 to 9");
    }
    pen.weave(pixels, offset);
  }

  private void tShirt() {
    Cut cut = new Cut(between(2, 3.5), between(25, 27), between(5.8, 7.2), between(5.5, 7.5));
    sleeves(cut, between(4.5, 8.5), between(35, 62), between(4.5, 6));
    torso(cut, between(2, 3.2), between(0.8, 2.6));
    if (chance(0.35)) {
      print(cut);
    }
  }

  private void pullover() {
    Cut cut = new Cut(between(2, 3.5), between(23.5, 26.5), between(5.8, 7), between(5.5, 7));
    sleeves(cut, between(17, 21.5), between(6, 17), between(3.6, 4.8));
    torso(cut, between(1.8, 3), between(0.6, 2));
    pen.line(-25, 0.8, cut.hemLeft(), cut.bottom - 1.5, cut.hemRight(), cut.bottom - 1.5);
    if (chance(0.2)) {
      print(cut);
    }
    if (chance(0.15)) {
      pen.line(-35, 0.7, MIDDLE, cut.top + 1.5, MIDDLE, cut.top + between(5, 8));
    }
  }

  private void coat() {
    Cut cut = new Cut(between(1.5, 3), between(25, 27.5), between(5.8, 7), between(5.8, 7.5));
    sleeves(cut, between(17.5, 22), between(5, 15), between(3.6, 5));
    double neck = between(1.8, 3);
    double lapel = between(2.5, 9);
    torso(cut, neck, between(1, 2.5));
    pen.line(-between(20, 90), between(0.7, 1.3), MIDDLE, cut.top + 1.5, MIDDLE, cut.bottom);
    if (chance(0.6)) {
      pen.line(-45, 0.8, MIDDLE - neck, cut.top, MIDDLE, cut.top + lapel);
      pen.line(-45, 0.8, MIDDLE + neck, cut.top, MIDDLE, cut.top + lapel);
    }
    if (chance(0.5)) {
      double y = between(16, 19);
      pen.line(-35, 0.8, MIDDLE - 5, y, MIDDLE - 2, y + 0.5);
      pen.line(-35, 0.8, MIDDLE + 5, y, MIDDLE + 2, y + 0.5);
    }
    if (chance(0.2)) {
      pen.line(-45, 1.1, cut.hemLeft(), 14.5, cut.hemRight(), 14.5);
    }
  }

  private void shirt() {
    Cut cut = new Cut(between(2, 3.5), between(24.5, 27), between(5.6, 7.1), between(5.2, 7.2));
    if (chance(0.35)) {
      sleeves(cut, between(5, 10), between(25, 58), between(4.2, 5.6));
    } else {
      sleeves(cut, between(15, 21.5), between(5, 18), between(3.5, 4.8));
    }
    double neck = between(1.8, 2.9);
    torso(cut, neck, between(0.8, 3));
    if (chance(0.7)) {
      pen.line(40, 1.1, MIDDLE - neck, cut.top, MIDDLE, cut.top + 3);
      pen.line(40, 1.1, MIDDLE + neck, cut.top, MIDDLE, cut.top + 3);
    }
    if (chance(0.7)) {
      double contrast = chance(0.5) ? -60 : 45;
      for (double y = cut.top + 4; y < cut.bottom - 1; y += 3.2) {
        pen.line(contrast, 0.9, MIDDLE - 0.1, y, MIDDLE + 0.1, y + 0.6);
      }
    }
  }

  private void dress() {
    double top = between(0.5, 2.5);
    double bottom = between(25.5, 27.5);
    double shoulder = between(2.6, 4.4);
    double waist = between(2.4, 3.8);
    double hem = between(3.2, 8);
    double waistline = between(9, 13);
    if (chance(0.35)) {
      Cut cut = new Cut(top, bottom, shoulder, hem);
      sleeves(cut, chance(0.5) ? between(3, 6) : between(12, 17), between(8, 28), between(2, 3));
    }
    Path2D path = new Path2D.Double();
    double neck = shoulder * between(0.3, 0.7);
    path.moveTo(MIDDLE - neck, top);
    path.quadTo(MIDDLE, top + between(1.5, 6), MIDDLE + neck, top);
    path.lineTo(MIDDLE + shoulder, top + 0.8);
    path.lineTo(MIDDLE + shoulder - 0.3, top + 5);
    path.lineTo(MIDDLE + waist, waistline);
    path.quadTo(MIDDLE + waist + (hem - waist) * between(0.2, 0.9), 19, MIDDLE + hem, bottom);
    path.lineTo(MIDDLE - hem, bottom);
    path.quadTo(MIDDLE - waist - (hem - waist) * between(0.2, 0.9), 19, MIDDLE - waist, waistline);
    path.lineTo(MIDDLE - shoulder + 0.3, top + 5);
    path.lineTo(MIDDLE - shoulder, top + 0.8);
    path.closePath();
    pen.cloth(path);
    if (chance(0.4)) {
      pen.line(-50, 1, MIDDLE - waist, waistline, MIDDLE + waist, waistline);
    }
  }

  private void trouser() {
    double top = between(0.8, 2.2);
    double bottom = between(25.8, 27.5);
    double waist = between(3.4, 5);
    double outer = between(3.8, 6.2);
    double inner = Math.min(outer - 2, between(0.3, 2.4));
    double crotch = between(8, 12);
    Path2D path = new Path2D.Double();
    path.moveTo(MIDDLE - waist, top);
    path.lineTo(MIDDLE + waist, top);
    path.lineTo(MIDDLE + waist + 0.5, crotch - 2);
    path.lineTo(MIDDLE + outer, bottom);
    path.lineTo(MIDDLE + inner, bottom);
    path.lineTo(MIDDLE, crotch);
    path.lineTo(MIDDLE - inner, bottom);
    path.lineTo(MIDDLE - outer, bottom);
    path.lineTo(MIDDLE - waist - 0.5, crotch - 2);
    path.closePath();
    pen.cloth(path);
    pen.line(-40, 0.8, MIDDLE - waist, top + 1.8, MIDDLE + waist, top + 1.8);
    pen.line(-45, 0.8, MIDDLE, top + 2, MIDDLE, crotch);
  }

  private void sandal() {
    double heel = chance(0.4) ? between(4, 9) : between(0.3, 2);
    double ground = between(20, 22.5);
    double back = ground - heel - 1;
    double thickness = between(1, 2.6);
    Path2D sole = new Path2D.Double();
    sole.moveTo(2, ground - 1.5);
    sole.quadTo(9, ground - 1.2, 13, ground - 1.2 - heel * 0.25);
    sole.quadTo(19, back, 25.5, back);
    sole.lineTo(25.5, back + thickness);
    sole.quadTo(19, back + thickness, 14, ground - heel * 0.2 + 0.2);
    sole.lineTo(2.5, ground);
    sole.closePath();
    pen.cloth(sole);
    if (heel > 3) {
      pen.stroke(0, between(1.2, 3), new Line2D.Double(24.3, back + 0.5, 25 - heel * 0.1, ground));
    }
    double width = between(1.1, 2.4);
    double front = between(4, 6);
    double instep = back - between(3, 7);
    pen.stroke(
        between(-30, 30),
        width,
        new QuadCurve2D.Double(front, ground - 1, front + 2, ground - 6, front + 5, ground - 1.5));
    pen.stroke(
        between(-30, 30),
        width,
        new QuadCurve2D.Double(10, ground - 1.2, 13, ground - 8, 18, back + 0.5));
    if (chance(0.7)) {
      pen.stroke(
          between(-30, 30),
          width,
          new QuadCurve2D.Double(17, back + 0.3, 20, instep - 2, 25, instep));
      pen.stroke(between(-30, 30), width, new Line2D.Double(25, instep, 25.2, back));
    }
    if (chance(0.5)) {
      pen.stroke(between(-30, 30), width, new Line2D.Double(12.5, ground - 5.5, 19, instep));
    }
  }

  private void sneaker() {
    double ground = between(20, 22.5);
    double collar = ground - between(7.5, 10.5);
    double toe = between(2.2, 3.8);
    Path2D upper = new Path2D.Double();
    upper.moveTo(1.5, ground - 0.5);
    upper.curveTo(1.2, ground - toe - 1, 5, ground - toe - 1, 8.5, ground - toe - 1.2);
    upper.quadTo(12.5, ground - toe - 3, 16, collar + 0.5);
    upper.quadTo(19.5, collar + between(0.5, 2.5), 24, collar - 0.5);
    upper.quadTo(26.8, collar + 2, 26.3, ground - 0.5);
    upper.closePath();
    pen.cloth(upper);
    pen.stroke(
        chance(0.6) ? 70 : -70,
        between(1, 2.2),
        new Line2D.Double(2, ground - 0.4, 26, ground - 0.4));
    if (chance(0.7)) {
      double contrast = chance(0.5) ? 60 : -60;
      for (double x = 9.5; x < 15; x += 1.9) {
        double y = ground - toe - 2 - (x - 9) * 0.45;
        pen.line(contrast, 0.8, x, y, x + 1.4, y + 1.8);
      }
    }
    if (chance(0.5)) {
      double contrast = chance(0.5) ? 60 : -60;
      pen.stroke(
          contrast,
          between(0.8, 1.6),
          new QuadCurve2D.Double(13, ground - 2, 18, ground - 2, 22, collar + 3));
    }
  }

  private void bag() {
    double top = between(8.5, 13);
    double bottom = between(22.5, 26);
    double half = between(9, 12.5);
    double taper = between(-1.5, 2.5);
    if (chance(0.75)) {
      double handle = between(3, 7.5);
      double rise = between(4, 8);
      double y = top - rise;
      pen.stroke(
          between(-35, 10),
          between(1, 1.9),
          new Ellipse2D.Double(MIDDLE - handle, y, 2 * handle, 2 * rise));
    }
    Shape body;
    if (chance(0.5)) {
      double round = between(1, 7);
      body = new RoundRectangle2D.Double(MIDDLE - half, top, 2 * half, bottom - top, round, round);
    } else {
      Path2D path = new Path2D.Double();
      path.moveTo(MIDDLE - half + taper, top);
      path.lineTo(MIDDLE + half - taper, top);
      path.lineTo(MIDDLE + half, bottom);
      path.lineTo(MIDDLE - half, bottom);
      path.closePath();
      body = path;
    }
    pen.cloth(body);
    double left = MIDDLE - half + 1;
    double right = MIDDLE + half - 1;
    if (chance(0.6)) {
      double flap = top + (bottom - top) * between(0.25, 0.6);
      double dip = between(0, 4);
      pen.stroke(-50, 0.9, new QuadCurve2D.Double(left, flap, MIDDLE, flap + dip, right, flap));
      if (chance(0.6)) {
        pen.stroke(
            50, 1.4, new Line2D.Double(MIDDLE, flap + dip / 2, MIDDLE, flap + dip / 2 + 0.6));
      }
    } else {
      pen.line(-45, 0.9, left, top + 1.8, right, top + 1.8);
    }
  }

  private void ankleBoot() {
    double ground = between(23.5, 26);
    double heel = chance(0.35) ? between(3, 5.5) : between(0.8, 2);
    double top = between(2.5, 8);
    double front = between(13, 15.5);
    double back = between(23.5, 25.5);
    double sole = ground - 1.2;
    Path2D path = new Path2D.Double();
    path.moveTo(front, top);
    path.quadTo((front + back) / 2, top + between(-0.5, 1.5), back, top + between(-0.5, 1));
    path.quadTo(back - 1, 13, back + 0.8, sole - heel);
    path.lineTo(back + 0.8, ground);
    path.lineTo(back - between(3, 5), ground);
    path.lineTo(back - 5.5, sole - heel * 0.6);
    path.lineTo(11, ground - 0.3);
    path.lineTo(2, ground - 0.3);
    path.curveTo(1.5, ground - 4.5, 4.5, ground - 5.5, 8, ground - 6.5);
    path.quadTo(front - 1, ground - 8, front + 0.3, ground - 12);
    path.closePath();
    pen.cloth(path);
    pen.line(-45, 0.9, 2, ground - 1.6, back - 4, sole - heel * 0.6);
    if (chance(0.5)) {
      double contrast = chance(0.5) ? 55 : -55;
      for (double y = top + 2.5; y < ground - 8; y += 2.2) {
        pen.line(contrast, 0.8, front + 0.2, y, front + 3, y + 0.7);
      }
    }
    if (chance(0.35)) {
      pen.line(-40, 0.9, back - 4, top + 1, back - 4.5, ground - 7);
    }
  }

  /**
   * The dimensions of an upper garment.
   *
   * @param top the y coordinate of the shoulders
   * @param bottom the y coordinate of the hem
   * @param shoulder half the width at the shoulders
   * @param hem half the width at the hem
   */
  private record Cut(double top, double bottom, double shoulder, double hem) {
    double hemLeft() {
      return MIDDLE - hem;
    }

    double hemRight() {
      return MIDDLE + hem;
    }
  }

  private void torso(Cut cut, double neck, double neckline) {
    Path2D path = new Path2D.Double();
    path.moveTo(MIDDLE - neck, cut.top);
    path.quadTo(MIDDLE, cut.top + 2 * neckline, MIDDLE + neck, cut.top);
    path.lineTo(MIDDLE + cut.shoulder, cut.top + 1.4);
    path.lineTo(MIDDLE + cut.shoulder - 0.6, cut.top + 8);
    path.lineTo(cut.hemRight(), cut.bottom);
    path.lineTo(cut.hemLeft(), cut.bottom);
    path.lineTo(MIDDLE - cut.shoulder + 0.6, cut.top + 8);
    path.lineTo(MIDDLE - cut.shoulder, cut.top + 1.4);
    path.closePath();
    pen.cloth(path);
  }

  /** Draws two sleeves, a shade darker, at an angle from straight down. */
  private void sleeves(Cut cut, double length, double degrees, double width) {
    double sine = Math.sin(Math.toRadians(degrees));
    double cosine = Math.cos(Math.toRadians(degrees));
    for (int side = -1; side <= 1; side += 2) {
      double x = MIDDLE + side * (cut.shoulder - 0.8);
      double y = cut.top + 1;
      double wristX = x + side * length * sine;
      double wristY = y + length * cosine;
      Path2D path = new Path2D.Double();
      path.moveTo(x, y);
      path.lineTo(wristX + side * 1.2 * cosine, wristY - 1.2 * sine);
      path.lineTo(wristX - side * (width - 1.6) * cosine, wristY + (width - 1.6) * sine);
      path.lineTo(MIDDLE + side * (cut.shoulder - 1.5), y + width + 2);
      path.closePath();
      pen.fill(-30, path);
    }
  }

  private void print(Cut cut) {
    double width = between(3, 7);
    double height = between(2, 6);
    double y = cut.top + between(5, 8);
    double contrast = chance(0.5) ? between(30, 80) : -between(30, 80);
    pen.fill(
        contrast,
        chance(0.5)
            ? new Ellipse2D.Double(MIDDLE - width / 2, y, width, height)
            : new Rectangle2D.Double(MIDDLE - width / 2, y, width, height));
  }

  private double between(double low, double high) {
    return pen.between(low, high);
  }

  private boolean chance(double probability) {
    return pen.chance(probability);
  }
}
