package io.github.lenet.cli;

import io.github.lenet.data.ImageDataset;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Data sets that are written by hand, four IDX files each. */
final class TinyIdx {

  private TinyIdx() {}

  /** Noise, each class twice. */
  static void write(Path directory, int height, int width, int classes) throws IOException {
    Random random = new Random(1);
    for (String part : new String[] {"train", "t10k"}) {
      byte[] pixels = new byte[2 * classes * height * width];
      random.nextBytes(pixels);
      byte[] labels = new byte[2 * classes];
      for (int i = 0; i < labels.length; i++) {
        labels[i] = (byte) (i % classes);
      }
      write(directory, part, height, width, pixels, labels);
    }
  }

  /** The same to learn from and to test with. */
  static void write(Path directory, ImageDataset images) throws IOException {
    int size = images.height() * images.width();
    byte[] pixels = new byte[images.size() * size];
    byte[] labels = new byte[images.size()];
    for (int i = 0; i < labels.length; i++) {
      System.arraycopy(images.image(i), 0, pixels, i * size, size);
      labels[i] = (byte) images.label(i);
    }
    for (String part : new String[] {"train", "t10k"}) {
      write(directory, part, images.height(), images.width(), pixels, labels);
    }
  }

  private static void write(
      Path directory, String part, int height, int width, byte[] pixels, byte[] labels)
      throws IOException {
    Files.createDirectories(directory);
    ByteArrayOutputStream images = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(images);
    out.writeInt(0x803);
    out.writeInt(labels.length);
    out.writeInt(height);
    out.writeInt(width);
    out.write(pixels);
    Files.write(directory.resolve(part + "-images-idx3-ubyte"), images.toByteArray());

    ByteArrayOutputStream classes = new ByteArrayOutputStream();
    out = new DataOutputStream(classes);
    out.writeInt(0x801);
    out.writeInt(labels.length);
    out.write(labels);
    Files.write(directory.resolve(part + "-labels-idx1-ubyte"), classes.toByteArray());
  }
}
