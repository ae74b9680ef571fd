package example;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Polygon;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Draws trousers.png: dark blue on white paper, as in a catalogue. */
public class DrawTrousers {
  public static void main(String[] args) throws Exception {
    BufferedImage image = new BufferedImage(120, 160, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, 120, 160);
    g.setColor(new Color(0x20, 0x30, 0x60));
    g.fill(
        new Polygon(
            new int[] {36, 84, 92, 69, 61, 59, 51, 28},
            new int[] {6, 6, 154, 154, 52, 52, 154, 154},
            8));
    g.setColor(new Color(0x60, 0x70, 0xa0));
    g.setStroke(new BasicStroke(2));
    g.drawLine(36, 16, 84, 16);
    g.dispose();
    ImageIO.write(image, "png", Path.of(args[0]).toFile());
  }
}
