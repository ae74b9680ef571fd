package io.github.lenet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lenet.cli.output.ExitCode;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;

/**
 * Folders of JPEGs that look like photos of a small thing on plain ground: arrows in four
 * directions, and rings. Their sizes, colours and EXIF orientations differ, and junk is among them.
 */
public final class DrawnPhotos {

  public static final List<String> CLASSES = List.of("down", "left", "right", "ring", "up");

  private static final Map<Integer, Path> TRAINED = new HashMap<>();

  private DrawnPhotos() {}

  /** Draws photos into {@code DIR/CLASS}. */
  static void draw(Path directory, int perClass) throws IOException {
    Random random = new Random(1);
    for (String name : CLASSES) {
      Path folder = Files.createDirectories(directory.resolve(name));
      for (int i = 0; i < perClass; i++) {
        Path subfolder = i % 10 == 0 ? Files.createDirectories(folder.resolve("more")) : folder;
        Files.write(subfolder.resolve("img_" + i + ".jpg"), jpeg(photo(name, random), i % 8 + 1));
      }
      Files.writeString(folder.resolve(".DS_Store"), "junk");
      Files.writeString(folder.resolve("Thumbs.db"), "junk");
    }
    Path junk = Files.createDirectories(directory.resolve("__MACOSX/up"));
    Files.writeString(junk.resolve("._img_0.jpg"), "junk");
  }

  /** {@return a run on these photos, trained once; {@code photos} beside it has them} */
  public static synchronized Path run(int perClass) throws IOException {
    if (!TRAINED.containsKey(perClass)) {
      Path directory = Files.createTempDirectory("lenet-photos");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> SampleRun.delete(directory)));
      draw(directory.resolve("photos"), perClass);
      Path run = directory.resolve("run");
      Cli cli =
          Cli.run(
              ("train --activation relu --pooling max --optimizer adam --batch-size 32 --epochs 6"
                      + " --crop --contrast --image-size 32 --dataset %s --output %s")
                  .formatted(directory.resolve("photos"), run)
                  .split(" "));
      assertEquals(ExitCode.DONE, cli.status(), cli.err());
      TRAINED.put(perClass, run);
    }
    return TRAINED.get(perClass);
  }

  private static BufferedImage photo(String name, Random random) {
    int width = 120 + random.nextInt(200);
    int height = 120 + random.nextInt(200);
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    int ground = 40 + random.nextInt(176);
    graphics.setColor(new Color(ground, ground, ground));
    graphics.fillRect(0, 0, width, height);
    int thing = ground < 128 ? ground + 90 + random.nextInt(38) : ground - 90 - random.nextInt(38);
    graphics.setColor(new Color(thing, thing, Math.max(0, thing - 30)));
    double size = 50 + random.nextInt(50);
    graphics.translate(
        size / 2 + random.nextDouble() * (width - size),
        size / 2 + random.nextDouble() * (height - size));
    graphics.scale(size / 100, size / 100);
    if (name.equals("ring")) {
      graphics.setStroke(new BasicStroke(14 + random.nextInt(10)));
      graphics.drawOval(-35, -35, 70, 70);
    } else {
      int quarters = List.of("right", "down", "left", "up").indexOf(name);
      graphics.rotate(quarters * Math.PI / 2 + random.nextGaussian() * 0.1);
      graphics.fillRect(-40, -10, 45, 20);
      graphics.fillPolygon(new int[] {0, 42, 0}, new int[] {-35, 0, 35}, 3);
    }
    graphics.dispose();
    return image;
  }

  /** Stores the image as a camera does that was turned. */
  private static byte[] jpeg(BufferedImage upright, int orientation) throws IOException {
    boolean swaps = orientation >= 5;
    int width = swaps ? upright.getHeight() : upright.getWidth();
    int height = swaps ? upright.getWidth() : upright.getHeight();
    BufferedImage stored = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int right = width - 1 - x;
        int bottom = height - 1 - y;
        stored.setRGB(
            x,
            y,
            switch (orientation) {
              case 1 -> upright.getRGB(x, y);
              case 2 -> upright.getRGB(right, y);
              case 3 -> upright.getRGB(right, bottom);
              case 4 -> upright.getRGB(x, bottom);
              case 5 -> upright.getRGB(y, x);
              case 6 -> upright.getRGB(bottom, x);
              case 7 -> upright.getRGB(bottom, right);
              default -> upright.getRGB(y, right);
            });
      }
    }
    ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
    ImageIO.write(stored, "jpg", jpeg);
    byte[] bytes = jpeg.toByteArray();
    ByteBuffer exif = ByteBuffer.allocate(36);
    exif.putShort((short) 0xffe1).putShort((short) 34).put("Exif\0\0MM\0*".getBytes());
    exif.putInt(8).putShort((short) 1).putShort((short) 0x0112).putShort((short) 3).putInt(1);
    exif.putShort((short) orientation);
    ByteBuffer file = ByteBuffer.allocate(bytes.length + exif.capacity());
    return file.put(bytes, 0, 2).put(exif.array()).put(bytes, 2, bytes.length - 2).array();
  }
}
