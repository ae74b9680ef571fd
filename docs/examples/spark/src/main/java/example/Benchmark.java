package example;

import io.github.lenet.data.ImageDataset;
import io.github.lenet.data.SampleGarments;
import io.github.lenet.model.ImageFiles;
import io.github.lenet.model.LeNetClassifier;
import io.github.lenet.model.Prediction;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;

/** Classifies the same images in turn with Spark and in plain Java, and prints images/sec. */
public class Benchmark {

  private static final int COPIES = 10; // of each image, as pixels
  private static final Path PNG = Path.of("target/png");
  private static final Path PIXELS = Path.of("target/pixels");
  private static final String PARQUET = "target/pixels.parquet";
  private static final String PREDICTIONS = "target/predictions.parquet";
  private static final Path PREDICTIONS_TEXT = Path.of("target/predictions.csv");

  /** Argument: the number of rounds, 5 by default. */
  public static void main(String[] args) throws IOException {
    int rounds = args.length == 0 ? 5 : Integer.parseInt(args[0]);
    ImageDataset images = SampleGarments.load().train();
    int n = images.size();
    try (SparkSession spark = SparkSession.builder().getOrCreate();
        LeNetClassifier classifier = LeNetClassifier.pretrained()) {
      write(images, spark);
      for (int round = 1; round <= rounds; round++) {
        System.out.printf("round %d, images/sec%n", round);
        time(n, "PNG, Spark", () -> save(Classify.decode(spark, PNG.toString())));
        time(n, "PNG, plain Java", () -> classifyFiles(classifier));
        if (!predictions(spark).equals(predictions())) {
          throw new IllegalStateException("the predictions differ");
        }
        time(n * COPIES, "pixels, Spark", () -> save(spark.read().parquet(PARQUET)));
        time(n * COPIES, "pixels, plain Java", () -> classifyPixels(classifier));
      }
    }
    System.out.println("the predictions are equal");
  }

  private static void write(ImageDataset images, SparkSession spark) throws IOException {
    Files.createDirectories(PNG);
    try (var pixels = Files.newOutputStream(PIXELS)) {
      for (int i = 0; i < images.size(); i++) {
        byte[] image = images.image(i);
        var png = new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY);
        png.getRaster().setDataElements(0, 0, 28, 28, image);
        ImageIO.write(png, "png", PNG.resolve(i + ".png").toFile());
        for (int copy = 0; copy < COPIES; copy++) {
          pixels.write(image);
        }
      }
    }
    Classify.decode(spark, PNG.toString())
        .crossJoin(spark.range(COPIES).toDF("copy"))
        .drop("copy")
        .write()
        .mode(SaveMode.Overwrite)
        .parquet(PARQUET);
  }

  private static void save(Dataset<Row> pixels) {
    Classify.classify(pixels).write().mode(SaveMode.Overwrite).parquet(PREDICTIONS);
  }

  private static void classifyFiles(LeNetClassifier classifier) throws IOException {
    try (Stream<Path> list = Files.list(PNG)) {
      List<Path> files = list.toList();
      save(files, files.parallelStream().map(file -> read(classifier, file)).toList(), classifier);
    }
  }

  private static byte[] read(LeNetClassifier classifier, Path file) {
    try {
      return classifier.model().preprocess(ImageFiles.read(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void classifyPixels(LeNetClassifier classifier) throws IOException {
    byte[] all = Files.readAllBytes(PIXELS);
    List<byte[]> images =
        IntStream.range(0, all.length / 784)
            .mapToObj(i -> Arrays.copyOfRange(all, i * 784, (i + 1) * 784))
            .toList();
    save(IntStream.range(0, images.size()).boxed().toList(), images, classifier);
  }

  private static void save(List<?> names, List<byte[]> images, LeNetClassifier classifier)
      throws IOException {
    List<List<Prediction>> predictions = classifier.predictBatch(images, 1);
    try (var csv = Files.newBufferedWriter(PREDICTIONS_TEXT)) {
      for (int i = 0; i < images.size(); i++) {
        Prediction best = predictions.get(i).get(0);
        csv.write(names.get(i) + "," + best.className() + "," + best.probability() + "\n");
      }
    }
  }

  /** {@return the file names and classes that Spark wrote} */
  private static Set<String> predictions(SparkSession spark) {
    Set<String> lines = new HashSet<>();
    for (Row row : spark.read().parquet(PREDICTIONS).collectAsList()) {
      lines.add(Path.of(row.getString(0)).getFileName() + "," + row.getString(1));
    }
    return lines;
  }

  /** {@return the file names and classes that plain Java wrote} */
  private static Set<String> predictions() throws IOException {
    Set<String> lines = new HashSet<>();
    for (String line : Files.readAllLines(PREDICTIONS_TEXT)) {
      String[] columns = line.split(",");
      lines.add(Path.of(columns[0]).getFileName() + "," + columns[1]);
    }
    return lines;
  }

  private interface Job {
    void run() throws IOException;
  }

  private static void time(int images, String name, Job job) throws IOException {
    long start = System.nanoTime();
    job.run();
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf(Locale.ROOT, "  %-20s %,9.0f%n", name, images / seconds);
  }
}
