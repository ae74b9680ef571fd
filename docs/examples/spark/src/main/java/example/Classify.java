package example;

import io.github.lenet.model.ImageFiles;
import io.github.lenet.model.ImageFormatException;
import io.github.lenet.model.LeNetClassifier;
import io.github.lenet.model.Prediction;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** Classifies a directory of images, or a Parquet file of pixels, and writes Parquet. */
public class Classify {

  static final StructType PIXELS = StructType.fromDDL("path STRING, pixels BINARY");
  private static final StructType PREDICTIONS =
      StructType.fromDDL("path STRING, class STRING, probability FLOAT");
  private static final int BATCH_SIZE = 250;

  /** Every JVM of Spark opens one classifier, at first use. All its tasks share it. */
  private static final class Shared {
    private static final LeNetClassifier CLASSIFIER = open();

    private static LeNetClassifier open() {
      try {
        return LeNetClassifier.pretrained();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Arguments: a directory of images or {@code *.parquet}; the Parquet file to write. */
  public static void main(String[] args) throws IOException {
    try (SparkSession spark = SparkSession.builder().getOrCreate()) {
      Dataset<Row> pixels =
          args[0].endsWith(".parquet") ? spark.read().parquet(args[0]) : decode(spark, args[0]);
      classify(pixels).write().parquet(args[1]);
      spark.read().parquet(args[1]).groupBy("class").count().orderBy("class").show();
    }
  }

  /** Reads the images below a directory. Logs and leaves out what is not an image. */
  static Dataset<Row> decode(SparkSession spark, String directory) {
    // The default of 4 MB would make a task for every 32 small images.
    spark.conf().set("spark.sql.files.openCostInBytes", "16384");
    return spark
        .read()
        .format("binaryFile")
        .option("recursiveFileLookup", true)
        .load(directory)
        .select("path", "content")
        .flatMap((FlatMapFunction<Row, Row>) Classify::decode, Encoders.row(PIXELS));
  }

  private static Iterator<Row> decode(Row file) throws IOException {
    String path = file.getString(0);
    try {
      var image = ImageFiles.read(new ByteArrayInputStream(file.getAs(1)), path);
      byte[] pixels = Shared.CLASSIFIER.model().preprocess(image);
      return List.of(RowFactory.create(path, pixels)).iterator();
    } catch (ImageFormatException e) {
      System.err.println(e.getMessage());
      return List.<Row>of().iterator();
    }
  }

  static Dataset<Row> classify(Dataset<Row> pixels) {
    return pixels
        .select("path", "pixels")
        .mapPartitions(
            (MapPartitionsFunction<Row, Row>) Classify::classify, Encoders.row(PREDICTIONS));
  }

  private static Iterator<Row> classify(Iterator<Row> images) {
    return Stream.generate(() -> nextBatch(images))
        .takeWhile(batch -> !batch.isEmpty())
        .flatMap(Classify::classify)
        .iterator();
  }

  private static List<Row> nextBatch(Iterator<Row> images) {
    List<Row> batch = new ArrayList<>();
    while (batch.size() < BATCH_SIZE && images.hasNext()) {
      batch.add(images.next());
    }
    return batch;
  }

  private static Stream<Row> classify(List<Row> batch) {
    List<byte[]> pixels = batch.stream().map(row -> row.<byte[]>getAs(1)).toList();
    List<List<Prediction>> predictions = Shared.CLASSIFIER.predictBatch(pixels, 1);
    return IntStream.range(0, batch.size())
        .mapToObj(
            i -> {
              Prediction best = predictions.get(i).get(0);
              return RowFactory.create(
                  batch.get(i).getString(0), best.className(), best.probability());
            });
  }
}
