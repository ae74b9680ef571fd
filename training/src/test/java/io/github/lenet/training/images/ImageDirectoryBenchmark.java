package io.github.lenet.training.images;

import io.github.lenet.data.DatasetSplits;
import io.github.lenet.model.ImagePreprocessor;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** JPEGs of 640×480 pixels and about 75 kB: decoded by ImageIO, and loaded as a data set. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(2)
@Warmup(iterations = 3)
@Measurement(iterations = 5)
public class ImageDirectoryBenchmark {

  private static final int IMAGES = 400;

  private Path directory;
  private List<Path> files;

  @Setup
  public void draw() throws IOException {
    directory = Files.createTempDirectory("lenet-photos");
    Random random = new Random(1);
    for (int i = 0; i < IMAGES; i++) {
      Path folder = Files.createDirectories(directory.resolve("class" + i % 2));
      write(photo(random), folder.resolve(i + ".jpg"));
    }
    try (Stream<Path> all = Files.walk(directory)) {
      files = all.filter(Files::isRegularFile).toList();
    }
  }

  private static BufferedImage photo(Random random) {
    BufferedImage photo = new BufferedImage(640, 480, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = photo.createGraphics();
    for (int i = 0; i < 60; i++) {
      graphics.setColor(new Color(random.nextInt(1 << 24)));
      graphics.fillOval(
          random.nextInt(640), random.nextInt(480), random.nextInt(200), random.nextInt(200));
    }
    graphics.dispose();
    for (int y = 0; y < 480; y++) { // noise, as of a sensor
      for (int x = 0; x < 640; x++) {
        photo.setRGB(x, y, (photo.getRGB(x, y) & 0xf0f0f0) + random.nextInt(12) * 0x010101);
      }
    }
    return photo;
  }

  private static void write(BufferedImage photo, Path file) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ImageWriteParam param = writer.getDefaultWriteParam();
    param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
    param.setCompressionQuality(0.88f);
    try (ImageOutputStream stream = ImageIO.createImageOutputStream(file.toFile())) {
      writer.setOutput(stream);
      writer.write(null, new IIOImage(photo, null, null), param);
    } finally {
      writer.dispose();
    }
  }

  @TearDown
  public void delete() throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  @Benchmark
  @OperationsPerInvocation(IMAGES)
  public long decode() {
    return files.parallelStream().mapToLong(ImageDirectoryBenchmark::decoded).sum();
  }

  private static long decoded(Path file) {
    try {
      return ImageIO.read(file.toFile()).getWidth();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Benchmark
  @OperationsPerInvocation(IMAGES)
  public DatasetSplits load() throws IOException {
    return ImageDirectory.load(directory);
  }

  @Benchmark
  @OperationsPerInvocation(IMAGES)
  public DatasetSplits loadCropped() throws IOException {
    ImagePreprocessor cropping = ImagePreprocessor.DEFAULT.withCrop(true).withContrast(true);
    return ImageDirectory.load(
        directory,
        new ImageDirectory.Settings(28, 28, cropping, 0.2, false),
        new ImageDirectory.Listener() {});
  }
}
